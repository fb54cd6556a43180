"""A model server whose answers say of which version they are, line by line, for tests of hybrid inference.

In the file GAUGE it leaves a plus for each request that begins, and a minus when it ends. While there is a file of the
same name that ends in .hold, requests that ask for it do not end.
"""

import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

GAUGE = Path(os.environ.get("GAUGE", os.devnull))


class Versioned(BaseHTTPRequestHandler):
    """Answers each line with `VERSION:line`; one that is `!sleep seconds` takes as long, `!hold` until it is let go."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(200 if self.path == "/ping" else 404, b"")

    def do_POST(self) -> None:
        lines = self.rfile.read(int(self.headers["Content-Length"])).decode().splitlines()
        note("+")
        time.sleep(sum(float(line.removeprefix("!sleep ")) for line in lines if line.startswith("!sleep ")))
        while "!hold" in lines and GAUGE.with_suffix(".hold").exists():
            time.sleep(0.02)
        note("-")
        self.answer(200, "".join(f"{os.environ['VERSION']}:{line}\n" for line in lines).encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def note(sign: str) -> None:
    with GAUGE.open("a", encoding="utf-8") as gauge:
        gauge.write(sign)


if __name__ == "__main__":
    # An instance takes minutes until it serves.
    time.sleep(float(os.environ.get("START_AFTER", "0")))
    address = (os.environ.get("BIND_HOST", "127.0.0.1"), int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    ThreadingHTTPServer(address, Versioned).serve_forever()
