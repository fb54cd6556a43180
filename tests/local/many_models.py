"""The echo server in MultiModel mode: a model is the text in its `weights.txt`, which is put before the answer."""

import json
import os
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar


class ManyModels(BaseHTTPRequestHandler):
    """Keeps the contract of multi-model containers; at most CAPACITY models at once, and the log of all that it did."""

    protocol_version = "HTTP/1.1"
    loaded: ClassVar[dict[str, str]] = {}
    log: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if self.path == "/models":
            self.answer(200, json.dumps({"models": [{"modelName": name} for name in self.loaded]}))
        else:
            self.answer(200 if self.path == "/ping" else 404, "")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/models":
            self.load(**json.loads(body))
            return
        name = self.path.removeprefix("/models/").removesuffix("/invoke")
        if name not in self.loaded:
            self.answer(404, "")
        elif body == "!log":
            self.answer(200, json.dumps(self.log))
        elif body == "!headers":
            self.answer(200, json.dumps({header.lower(): value for header, value in self.headers.items()}))
        elif body == "!crash":
            os._exit(7)
        else:
            self.answer(200, f"{self.loaded[name]}: {body}")

    def do_DELETE(self) -> None:
        name = self.path.removeprefix("/models/")
        self.log.append(f"unload {self.loaded.get(name)}")
        self.answer(200 if self.loaded.pop(name, None) is not None else 404, "")

    def load(self, model_name: str, url: str) -> None:
        weights = Path(url, "weights.txt").read_text()
        if model_name in self.loaded:
            self.answer(409, "")
        elif weights == "too large" or len(self.loaded) >= int(os.environ.get("CAPACITY", "100")):
            self.answer(507, "no memory is left")
        else:
            self.loaded[model_name] = weights
            self.log.append(f"load {weights}")
            self.answer(200, "")

    def answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""
