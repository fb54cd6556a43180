"""The model server: SageMaker's container contract over HTTP/1.1, for real-time, asynchronous and batch alike.

GET /ping, POST /invocations and GET /execution-parameters. Environment, each with its default:
SM_MODEL_DIR (/opt/ml/model), SAGEMAKER_BIND_TO_PORT (8080), BIND_HOST (0.0.0.0), MAX_BODY_IN_MB (100).
SageMaker starts the image with the argument `serve`, which is taken and means nothing more.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codec import BadRequest, NotAcceptable, UnsupportedMediaType, answer_type, decode, encode, media_type
from model import BrokenModel, Classifier, load
from wire import BodyTooLarge, BrokenBody, read_body

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUTES = {"/ping": "GET", "/execution-parameters": "GET", "/invocations": "POST"}
REFUSALS: dict[type[Exception], HTTPStatus] = {
    BadRequest: HTTPStatus.BAD_REQUEST,
    BrokenBody: HTTPStatus.BAD_REQUEST,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}


class WrongSetting(Exception):
    """An environment variable holds what it cannot mean."""


@dataclass(frozen=True)
class Settings:
    """Where the server listens and what it reads."""

    model_dir: Path
    host: str
    port: int
    max_body: int

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Take the settings from the environment; raises `WrongSetting` with name, value and bound."""
        return cls(
            model_dir=Path(environment.get("SM_MODEL_DIR", "/opt/ml/model")),
            host=environment.get("BIND_HOST", "0.0.0.0"),
            port=_whole(environment, "SAGEMAKER_BIND_TO_PORT", 8080, 65535),
            max_body=_whole(environment, "MAX_BODY_IN_MB", 100, 1024) * 1024 * 1024,
        )


def _whole(environment: Mapping[str, str], name: str, default: int, maximum: int) -> int:
    text = environment.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) <= maximum):
        raise WrongSetting(f"{name} must be a whole number from 0 to {maximum}, got {text!r}")
    return int(text)


class ModelServer(ThreadingHTTPServer):
    """One thread a connection; `drain` lets running requests finish and closes what only waits."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, settings: Settings, classifier: Classifier) -> None:
        self.settings = settings
        self.classifier = classifier
        self.draining = False
        self._idle: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((settings.host, settings.port), Handler)

    def mark(self, connection: socket.socket, *, idle: bool) -> None:
        """Note whether a connection waits for its next request or is within one."""
        with self._lock:
            (self._idle.add if idle else self._idle.discard)(connection)
            if idle and self.draining:
                _hang_up(connection)

    def drain(self) -> None:
        """Take no more connections, hang up the waiting ones, and return when the last request is answered."""
        self.shutdown()
        with self._lock:
            self.draining = True
            for connection in self._idle:
                _hang_up(connection)
        self.server_close()

    def handle_error(self, _request: Any, client_address: Any) -> None:
        """A client that goes away is its own affair: one line in the log, no trace."""
        print(f"connection from {client_address[0]} ended: {sys.exc_info()[1]!r}", file=sys.stderr, flush=True)


class Handler(BaseHTTPRequestHandler):
    """One connection: routes each request, answers in one write."""

    server: ModelServer
    protocol_version = "HTTP/1.1"
    server_version = "classifier"
    sys_version = ""
    timeout = 90  # seconds a connection may stand still; longer than SageMaker waits for an answer
    disable_nagle_algorithm = True
    wbufsize = -1  # buffered, so that head and body leave as one packet

    def handle_one_request(self) -> None:
        """Serve one request, known to the server as idle until the first line of it has arrived."""
        self.server.mark(self.connection, idle=True)
        try:
            super().handle_one_request()
        finally:
            self.server.mark(self.connection, idle=False)
            self.close_connection = self.close_connection or self.server.draining

    def parse_request(self) -> bool:
        """Leave the idle state: the request is there and is going to be answered."""
        self.server.mark(self.connection, idle=False)
        return super().parse_request()

    def do_GET(self) -> None:
        """Answer the health check and batch transform's question for its settings."""
        path = self._route()
        if path == "/ping":
            self._reply(HTTPStatus.OK, b"", "text/plain")
        elif path:
            parameters = {
                "MaxConcurrentTransforms": os.cpu_count() or 1,
                "BatchStrategy": "MULTI_RECORD",
                "MaxPayloadInMB": 6,
            }
            self._reply(HTTPStatus.OK, json.dumps(parameters).encode(), "application/json")

    def do_POST(self) -> None:
        """Answer an invocation; everything wrong with it is a status and a reason."""
        if not self._route():
            return
        try:
            body = read_body(self.rfile, self.headers, self.server.settings.max_body)
            kind = media_type(self.headers.get("Content-Type"))
            answer_kind = answer_type(self.headers.get("Accept"), kind)
            classifier = self.server.classifier
            answer = encode(classifier.predict(decode(body, kind, classifier.columns)), answer_kind)
        except tuple(REFUSALS) as refusal:
            # After an unread or broken body nobody can tell where the next request begins.
            self.close_connection = self.close_connection or isinstance(refusal, BodyTooLarge | BrokenBody)
            self.send_error(REFUSALS[type(refusal)], str(refusal))
        except (OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - a caller gets a status whatever happens in the model
            self.log_error("%s", f"invocation failed: {error!r}")
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR, "the model failed on this input; see the container's log")
        else:
            self._reply(HTTPStatus.OK, answer, answer_kind)

    def _route(self) -> str:
        """The path when it may be called this way, else an error reply and nothing."""
        path = self.path.partition("?")[0]
        method = ROUTES.get(path)
        if method == self.command:
            return path
        self.close_connection = True  # a body may follow that nobody is going to read
        if method is None:
            self.send_error(HTTPStatus.NOT_FOUND, f"no such path: must be one of {', '.join(ROUTES)}")
        else:
            self.send_error(HTTPStatus.METHOD_NOT_ALLOWED, f"{path} takes {method} only, got {self.command}")
        return ""

    do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - the base class's naming

    def send_error(self, code: int, message: str | None = None, _explain: str | None = None) -> None:
        """Every refusal is JSON with one `error`, the base class's own included."""
        reason = message or HTTPStatus(code).phrase
        self.close_connection = self.close_connection or code == HTTPStatus.NOT_IMPLEMENTED  # its body stays unread
        self.log_error("%s", f"{code} {reason}")
        self._reply(HTTPStatus(code), json.dumps({"error": reason}).encode(), "application/json")
        self.wfile.flush()  # the base class does so only after requests that it understood
        if self.close_connection:
            self._linger()

    def _reply(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection or self.server.draining:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _linger(self) -> None:
        """Read on for a moment before closing: a client still sending would lose the reply to a connection reset."""
        with contextlib.suppress(OSError):  # the client has gone already
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            for _ in range(1024):
                if not self.connection.recv(1 << 20):
                    break

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of what went well: the health check alone would fill a log."""


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed by the other side in the meantime
        connection.shutdown(socket.SHUT_RD)


def main(environment: Mapping[str, str]) -> int:
    """Serve until SIGTERM or SIGINT; 1 with one line on stderr when the server cannot start."""
    try:
        settings = Settings.read(environment)
        server = ModelServer(settings, load(settings.model_dir))
    except (BrokenModel, WrongSetting, OSError) as error:
        print(f"cannot serve: {error}", file=sys.stderr, flush=True)
        return 1
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="accept").start()
    print(f"serving on {settings.host}:{server.server_port}", file=sys.stderr, flush=True)
    stop.wait()
    server.drain()
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
