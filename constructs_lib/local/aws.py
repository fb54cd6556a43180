"""The local AWS as an object: a child process that is started, waited for, called and stopped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session

from constructs_lib.local import environment
from constructs_lib.local.arns import REGION
from constructs_lib.local.containers.process import HOST, free_port
from constructs_lib.local.errors import LocalAwsError
from constructs_lib.local.transform.instances import LIMIT_INSTANCES

if TYPE_CHECKING:
    from types import TracebackType

START_TIMEOUT = 60.0
STOP_TIMEOUT = 40.0
POLL = 0.05
LOG_TAIL = 400


class LocalAws:
    """An AWS of one's own on 127.0.0.1, with no account and no Docker.

    `containers` maps the repository name of a model's image to the command that stands for it, `port` 0 picks a free
    one, and `time_scale` speeds up the clock of scaling (1.0 is real time). With `permissions` functions may do what
    their roles may, and no more, as on AWS; their roles have to be there. It ends with the process that made it, unless
    `detached`. Raises LocalAwsError when it does not start.
    """

    def __init__(
        self,
        containers: dict[str, list[str]] | None = None,
        port: int = 0,
        time_scale: float = 1.0,
        *,
        permissions: bool = False,
        detached: bool = False,
        log: Path | None = None,
    ) -> None:
        self.port = port or free_port()
        self.endpoint_url = f"http://localhost:{self.port}"
        self.environment = environment.for_clients(self.endpoint_url, os.environ)
        self._own_log = log is None
        self.log = log or _new_log()
        self._clients: dict[str, Any] = {}
        self._session = LocalSession(self.endpoint_url)
        command = [sys.executable, "-m", "constructs_lib.local.server", "--port", str(self.port)]
        command += ["--containers", json.dumps(containers or {}), "--time-scale", str(time_scale)]
        if permissions:
            command.append("--permissions")
        if not detached:
            command += ["--parent", str(os.getpid())]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env=_importable(environment.scrubbed(os.environ)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid
        try:
            self._wait_healthy()
        except BaseException:
            self.stop()
            raise

    def _wait_healthy(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            code = self._process.poll()
            if code is not None:
                why = self._last_words() or f"exit code {code}"
                raise LocalAwsError(f"the local AWS did not start: {why}; its log may say more")
            if is_healthy(self.port):
                return
            time.sleep(POLL)
        raise LocalAwsError(f"the local AWS did not answer within {START_TIMEOUT:g} s; its log is {self.log}")

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1][-LOG_TAIL:] if lines else ""

    def client(self, service: str) -> Any:
        """A boto3 client of the local service, made once."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service)
        return self._clients[service]

    def session(self) -> LocalSession:
        """In place of a boto3 session: every client that it makes is of the local service."""
        return self._session

    def limit_instances(self, instance_type: str, *, available: int | None = None, quota: int | None = None) -> None:
        """Let transform jobs find so many instances of a type from now on, as AWS may be short of them.

        Beyond `quota` CreateTransformJob is refused; a job that finds fewer than `available` leaves it fails with AWS's
        CapacityError. `None`, as in the beginning: no limit.
        """
        request = urllib.request.Request(
            self.endpoint_url,
            data=json.dumps({"InstanceType": instance_type, "Available": available, "Quota": quota}).encode(),
            headers={"X-Amz-Target": f"SageMaker.{LIMIT_INSTANCES}"},
        )
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5).close()

    def stop(self) -> None:
        """End the server, its containers and everything else that it started; a second call does nothing."""
        end_group(self._process.pid, self._process)
        if self._own_log:
            self.log.unlink(missing_ok=True)

    def __enter__(self) -> LocalAws:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class LocalSession:
    """As much of a boto3 session as making clients takes; several threads may do so."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._session = _session()
        self._lock = threading.Lock()

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of the local service."""
        with self._lock:
            return self._session.client(service, endpoint_url=self._endpoint_url, **options)


def is_healthy(port: int) -> bool:
    """Whether a local AWS answers on the port."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{HOST}:{port}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def end_group(pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """SIGTERM to the server, and after a grace SIGKILL to its whole process group."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT
    while time.monotonic() < deadline and (process.poll() is None if process else is_alive(pid)):
        time.sleep(POLL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if process is not None:
        process.wait()


def is_alive(pid: int) -> bool:
    """Whether a process runs, be it a child of this one or not."""
    # A child of this very process stays in the table until somebody asks how it ended.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _session() -> Any:
    """A boto3 session that reads no profile and no file of the user's; an unknown AWS_PROFILE would stop it, too."""
    nowhere = (None, None, environment.NOWHERE, None)
    sealed = {"profile": (None, None, None, None), "config_file": nowhere, "credentials_file": nowhere}
    return boto3.session.Session(
        aws_access_key_id="local",
        aws_secret_access_key="local",
        region_name=REGION,
        botocore_session=botocore.session.Session(session_vars=sealed),
    )


def _new_log() -> Path:
    handle, path = tempfile.mkstemp(prefix="local-aws-", suffix=".log")
    os.close(handle)
    return Path(path)


def _importable(variables: dict[str, str]) -> dict[str, str]:
    """With this library on the child's path, installed or not."""
    home = str(Path(__file__).resolve().parents[2])
    known = variables.get("PYTHONPATH")
    return variables | {"PYTHONPATH": f"{home}{os.pathsep}{known}" if known else home}
