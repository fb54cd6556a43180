"""A model server that answers line by line, and does badly what files in the folder CONTROL tell it.

``busy``: requests with this text in them are refused with 429. ``slow``: seconds that a request takes. A line with
``poison`` in it is refused, and everything that came with it.
"""

import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Lines(BaseHTTPRequestHandler):
    """Answers each line with its length before it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(200 if self.path == "/ping" else 404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        time.sleep(float(told("slow") or 0))
        busy = told("busy")
        if busy and busy in body:
            self.answer(429, b"one at a time")
        elif "poison" in body:
            self.answer(400, b"no such ride")
        else:
            lines = body.split("\n")
            self.answer(200, "".join(f"{len(line)},{line}\n" for line in lines).encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def told(name: str) -> str:
    file = Path(os.environ["CONTROL"], name)
    return file.read_text(encoding="utf-8") if file.exists() else ""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Lines).serve_forever()
