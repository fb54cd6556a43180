"""A tiny model server that keeps SageMaker's contract, for tests; the first word of a request says what to do."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Echo(BaseHTTPRequestHandler):
    """Answers /invocations with the body in upper case, or as `!verb argument` in the body says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/ping":
            self.answer(500 if os.environ.get("SICK") else 200, b"")
        elif self.path == "/execution-parameters" and os.environ.get("EXECUTION_PARAMETERS"):
            self.answer(200, os.environ["EXECUTION_PARAMETERS"].encode())
        else:
            self.answer(404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not body.startswith(b"!"):
            self.answer(200, body.upper())
            return
        verb, _, argument = body.decode().partition(" ")
        if verb == "!status":
            self.answer(int(argument), b"as you wished")
        elif verb == "!sleep":
            time.sleep(float(argument))
            self.answer(200, b"slept")
        elif verb == "!crash":
            os._exit(7)
        elif verb == "!bytes":
            self.answer(200, b"x" * int(argument))
        elif verb == "!headers":
            self.answer(200, json.dumps({name.lower(): value for name, value in self.headers.items()}).encode())
        elif verb == "!model":
            self.answer(200, Path(os.environ["SM_MODEL_DIR"], argument).read_bytes())
        elif verb == "!pid":
            self.answer(200, str(os.getpid()).encode())
        elif verb == "!environment":
            self.answer(200, os.environ.get(argument, "").encode())
        else:
            self.answer(400, b"unknown verb " + verb.encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", self.headers.get("Accept") or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if "X-Amzn-SageMaker-Custom-Attributes" in self.headers:
            self.send_header("X-Amzn-SageMaker-Custom-Attributes", self.headers["X-Amzn-SageMaker-Custom-Attributes"])
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


if __name__ == "__main__":
    if os.environ.get("DEAD"):
        sys.exit("this model is dead on arrival")
    time.sleep(float(os.environ.get("START_AFTER", "0")))
    address = (os.environ.get("BIND_HOST", "127.0.0.1"), int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    ThreadingHTTPServer(address, Echo).serve_forever()
