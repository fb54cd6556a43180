"""The model server of the image ``moderation``: SageMaker's contract is two paths."""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RUDE = (b"darn", b"heck")


class Server(BaseHTTPRequestHandler):
    """Says of a text whether it may be shown."""

    def do_GET(self) -> None:
        """``/ping``: the model is loaded."""
        self._answer(b"")

    def do_POST(self) -> None:
        """``/invocations``: a text, and what is to be done with it."""
        text = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(b"hide" if any(word in text.lower() for word in RUDE) else b"show")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


address = os.environ.get("BIND_HOST", "0.0.0.0"), int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
ThreadingHTTPServer(address, Server).serve_forever()
