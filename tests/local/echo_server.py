"""A tiny model server that keeps SageMaker's contract, for tests; the first word of a request says what to do.

In the file TALLY, if there is one, it leaves a dot for each request that reaches it, answered or not.
"""

import importlib
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
        if "TALLY" in os.environ:
            with Path(os.environ["TALLY"]).open("ab") as tally:
                tally.write(b".")
        time.sleep(float(os.environ.get("SLEEP", "0")))
        if "SUFFIX" in os.environ:
            self.answer(200, body + os.environ["SUFFIX"].encode())
            return
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
        elif verb == "!stream":
            self.stream(argument.split(","))
        elif verb == "!cut":
            self.stream(argument.split(","), is_whole=False)
        elif verb == "!files":
            root = Path(os.environ["SM_MODEL_DIR"])
            names = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
            self.answer(200, json.dumps(names).encode())
        elif verb == "!pid":
            self.answer(200, str(os.getpid()).encode())
        elif verb == "!environment":
            self.answer(200, os.environ.get(argument, "").encode())
        else:
            self.answer(400, b"unknown verb " + verb.encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", os.environ.get("CONTENT_TYPE") or self.headers.get("Accept") or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if "X-Amzn-SageMaker-Custom-Attributes" in self.headers:
            self.send_header("X-Amzn-SageMaker-Custom-Attributes", self.headers["X-Amzn-SageMaker-Custom-Attributes"])
        self.end_headers()
        self.wfile.write(body)

    def stream(self, pieces: list[str], is_whole: bool = True) -> None:
        """Send the pieces one by one, a tenth of a second apart; what is not whole ends with the connection."""
        self.send_response(200)
        self.send_header("Content-Type", self.headers.get("Accept") or "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(f"{len(piece):x}\r\n{piece}\r\n".encode())
            time.sleep(0.1)
        if is_whole:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


if __name__ == "__main__":
    if os.environ.get("DEAD"):
        sys.exit("this model is dead on arrival")
    time.sleep(float(os.environ.get("START_AFTER", "0")))
    address = (os.environ.get("BIND_HOST", "127.0.0.1"), int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    handler: type[BaseHTTPRequestHandler] = Echo
    if os.environ.get("SAGEMAKER_MULTI_MODEL") == "true":
        # Beside this file, which runs as a script.
        handler = importlib.import_module("many_models").ManyModels
    ThreadingHTTPServer(address, handler).serve_forever()
