"""One model container: a child process that answers /ping and /invocations on a port of 127.0.0.1."""

import contextlib
import ctypes
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from constructs_lib.facts import realtime
from constructs_lib.local.containers.served import Answer, ContainerUnreachable, InvocationTimedOut, StreamedAnswer

__all__ = ["Answer", "ContainerFailed", "ContainerProcess", "ContainerUnreachable", "InvocationTimedOut", "free_port"]

HOST = "127.0.0.1"
PING_EVERY = 0.05
RESTART_AFTER = 0.2
LOG_TAIL = 400
# Loaded here, because between fork and exec nothing may take a lock.
_LIBC = ctypes.CDLL(None)
_SET_PARENT_DEATH_SIGNAL = 1

_PIECE = 65_536


class ContainerFailed(Exception):
    """The container did not become healthy; the message is the endpoint's FailureReason."""


class ContainerProcess:
    """A running container, restarted by its supervisor when it crashes; `folder` is its own and goes with it.

    `name` is what errors call it: its ContainerHostname or its place when the model has several, else `primary`.
    """

    def __init__(
        self,
        model_name: str,
        command: list[str],
        folder: Path,
        environment: Mapping[str, str],
        name: str = "primary",
    ) -> None:
        self.model_name = model_name
        self.name = name
        self.restarts = 0
        self._command = command
        self._folder = folder
        self._environment = dict(environment)
        self._log = folder / "log.txt"
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._healthy_once = False
        self._exit_code: int | None = None
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._cannot_start: str | None = None
        self._supervisor = threading.Thread(target=self._supervise, name=f"supervise-{model_name}", daemon=True)
        self._supervisor.start()

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._port = free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= self._environment | {
            "SM_MODEL_DIR": str(self._folder / "model"),
            "SAGEMAKER_BIND_TO_PORT": str(self._port),
            "BIND_HOST": HOST,
        }
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    def _supervise(self) -> None:
        """Start the process and start it again after each crash.

        Every incarnation begins in this thread: Linux ends a child with the thread that began it, and this one lives as
        long as the container.
        """
        while not self._stopping.is_set():
            try:
                with self._starting:
                    if self._stopping.is_set():
                        return
                    self._process = self._spawn()
            except OSError as error:
                self._cannot_start = f"the container of model {self.model_name} cannot start: {error}"
                return
            code = self._process.wait()
            if not self._healthy_once:
                self._exit_code = code
                return
            self.restarts += 1
            self._stopping.wait(RESTART_AFTER)

    def wait_healthy(self, timeout: float) -> None:
        """Return once /ping answers 200; raises ContainerFailed on a crash or after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self._cannot_start:
                raise ContainerFailed(self._cannot_start)
            if self._exit_code is not None:
                raise ContainerFailed(
                    f"The container of model {self.model_name} exited with code {self._exit_code} before it passed "
                    f"the ping health check. Please check CloudWatch logs for this endpoint. {self.log_tail()}".strip()
                )
            if self.ping():
                self._healthy_once = True
                return
            time.sleep(PING_EVERY)
        raise ContainerFailed(
            f"The {self.name} container for production variant did not pass the ping health check within {timeout:g} "
            f"seconds. Please check CloudWatch logs for this endpoint. {self.log_tail()}".strip()
        )

    def ping(self) -> bool:
        """Whether GET /ping answers 200 in time."""
        try:
            return self.request("GET", "/ping", b"", {}, float(realtime.PING_TIMEOUT.maximum))[0] == 200
        except (InvocationTimedOut, ContainerUnreachable):
            return False

    def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
        """POST /invocations: status, headers in lower case, body.

        Raises InvocationTimedOut after `timeout` seconds and ContainerUnreachable when nobody answers.
        """
        return self.request("POST", "/invocations", body, headers, timeout)

    def execution_parameters(self) -> dict[str, Any]:
        """What GET /execution-parameters says (for batch), or nothing when the container has none."""
        try:
            status, _, body = self.request("GET", "/execution-parameters", b"", {}, realtime.PING_TIMEOUT.maximum)
            answer = json.loads(body) if status == 200 else {}
        except (InvocationTimedOut, ContainerUnreachable, ValueError):
            return {}
        return answer if isinstance(answer, dict) else {}

    def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> StreamedAnswer:
        """POST /invocations, the answer piece by piece as it comes; `timeout` seconds for each wait.

        Raises what `invoke` raises, also while the answer is read.
        """
        connection = http.client.HTTPConnection(HOST, self._port, timeout=timeout)
        try:
            with self._errors(timeout):
                connection.request("POST", "/invocations", body or None, dict(headers))
                response = connection.getresponse()
        except BaseException:
            connection.close()
            raise
        found = {name.lower(): value for name, value in response.getheaders()}
        return StreamedAnswer(response.status, found, self._pieces(response, timeout), connection.close)

    def _pieces(self, response: http.client.HTTPResponse, timeout: float) -> Iterator[bytes]:
        with self._errors(timeout):
            while piece := response.read1(_PIECE):
                yield piece
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)

    def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
        """Any request to the container, as `invoke` makes them."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=timeout)
        try:
            with self._errors(timeout):
                connection.request(method, path, body or None, dict(headers))
                response = connection.getresponse()
                answer = response.read()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, answer
        finally:
            connection.close()

    @contextlib.contextmanager
    def _errors(self, timeout: float) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise InvocationTimedOut(f"no answer within {timeout:g} seconds", self.name) from error
        except (OSError, http.client.HTTPException) as error:
            raise ContainerUnreachable(str(error) or type(error).__name__, self.name) from error

    def log_tail(self) -> str:
        """The last few hundred characters that the container wrote."""
        with contextlib.suppress(OSError):
            return self._log.read_text(errors="replace")[-LOG_TAIL:].strip()
        return ""

    def stop(self) -> None:
        """SIGTERM, then SIGKILL after SageMaker's grace; removes the container's folder."""
        with self._starting:
            self._stopping.set()
            process = self._process
        if process is not None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(realtime.STOP_GRACE.maximum)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_parent() -> None:
    """Ask Linux to end this child with its parent, however that one ends."""
    _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
