"""A container that holds many models: each is fetched and loaded when it is first asked for.

The contract: https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from constructs_lib.local.containers.process import ContainerProcess
from constructs_lib.local.containers.served import Answer, ContainerUnreachable, InvocationTimedOut, StreamedAnswer
from constructs_lib.local.endpoints.targets import TARGET_MODEL
from constructs_lib.local.errors import AwsError

# Seconds; the contract names no time for it.
_UNLOAD_TIMEOUT = 10.0
_OK, _LOADED_ALREADY, _NO_MEMORY = 200, 409, 507

Fetch = Callable[[str, Path], None]


class _NotLoaded(Exception):
    """The container refused to load a model; its answer says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer[0])
        self.answer = answer


@dataclass
class _Model:
    """A model that the container knows or is about to: `loading` is held while it is fetched and loaded."""

    name: str
    users: int = 0
    loaded_in: int | None = None
    loading: threading.Lock = field(default_factory=threading.Lock)


class MultiModelContainer:
    """A process in MultiModel mode. Models lie under `folder`, fetched by `fetch(uri, folder)` from below `prefix`.

    With `caches` false a model is unloaded as soon as nobody uses it. One that the container has no memory for (507)
    takes the place of those used longest ago.
    """

    def __init__(
        self, process: ContainerProcess, *, prefix: str, folder: Path, fetch: Fetch, caches: bool = True
    ) -> None:
        self._process = process
        self._prefix = prefix.rstrip("/")
        self._folder = folder
        self._fetch = fetch
        self._caches = caches
        self._lock = threading.Lock()
        # By the target model, the one used longest ago first.
        self._models: dict[str, _Model] = {}

    @property
    def restarts(self) -> int:
        """How often the container was started again; with each time it forgets its models."""
        return self._process.restarts

    def wait_healthy(self, timeout: float) -> None:
        """Return once the container answers /ping with 200, without any model in it."""
        self._process.wait_healthy(timeout)

    def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
        """POST /models/{name}/invoke for the model that the header X-Amzn-SageMaker-Target-Model names."""
        sent = {name.lower(): value for name, value in headers.items()}
        if TARGET_MODEL not in sent:
            raise AwsError("ValidationError", "a request to a multi-model container names its target model")
        with self._in_use(sent[TARGET_MODEL]) as model:
            try:
                self._load(model, sent[TARGET_MODEL], timeout)
            except _NotLoaded as refusal:
                return refusal.answer
            return self._process.request("POST", f"/models/{model.name}/invoke", body, sent, timeout)

    def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> StreamedAnswer:
        """The answer as one piece: InvokeEndpointWithResponseStream knows no target model."""
        status, found, answer = self.invoke(body, headers, timeout)
        return StreamedAnswer(status, found, iter([answer]))

    @contextmanager
    def _in_use(self, target: str) -> Iterator[_Model]:
        with self._lock:
            # Put at the end: it is the one used last now.
            model = self._models.pop(target, None) or _Model(hashlib.sha256(target.encode()).hexdigest()[:32])
            self._models[target] = model
            model.users += 1
        try:
            yield model
        finally:
            with self._lock:
                model.users -= 1
            if not self._caches:
                self._unload(target)

    def _load(self, model: _Model, target: str, timeout: float) -> None:
        with model.loading:
            if model.loaded_in == self._process.restarts:
                return
            generation = self._process.restarts
            folder = self._folder / model.name / "model"
            if not folder.exists():
                self._download(target, folder)
            request = json.dumps({"model_name": model.name, "url": str(folder)}).encode()
            headers = {"content-type": "application/json", "accept": "application/json", TARGET_MODEL: target}
            while True:
                answer = self._process.request("POST", "/models", request, headers, timeout)
                if answer[0] in (_OK, _LOADED_ALREADY):
                    model.loaded_in = generation
                    return
                if answer[0] != _NO_MEMORY or not self._make_room(target):
                    raise _NotLoaded(answer)

    def _download(self, target: str, folder: Path) -> None:
        uri = f"{self._prefix}/{target.lstrip('/')}"
        folder.mkdir(parents=True)
        try:
            self._fetch(uri, folder)
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if not isinstance(error, AwsError):
                raise
            bucket, _, key = uri.removeprefix("s3://").partition("/")
            raise AwsError(
                "ValidationError",
                f"Failed to download model data(bucket: {bucket}, key: {key}). Please ensure that there is an object "
                "located at the URL and that the role passed to CreateModel has permissions to download the model. "
                f"({error})",
            ) from error

    def _make_room(self, wanted: str) -> bool:
        """Unload the model used longest ago; false when every one is in use."""
        with self._lock:
            loaded = [
                target
                for target, model in self._models.items()
                if target != wanted and model.loaded_in is not None and not model.users
            ]
        return any(self._unload(target) for target in loaded[:1])

    def _unload(self, target: str) -> bool:
        """DELETE /models/{name}, unless somebody uses it."""
        with self._lock:
            model = self._models.get(target)
            if model is None or model.users or not model.loading.acquire(blocking=False):
                return False
        try:
            self._process.request("DELETE", f"/models/{model.name}", b"", {TARGET_MODEL: target}, _UNLOAD_TIMEOUT)
            model.loaded_in = None
            return True
        except (ContainerUnreachable, InvocationTimedOut):
            return False
        finally:
            model.loading.release()

    def execution_parameters(self) -> dict[str, Any]:
        """What the container says."""
        return self._process.execution_parameters()

    def stop(self) -> None:
        """End the process; its folder, with the models, goes with it."""
        self._process.stop()
