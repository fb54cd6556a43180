"""Model containers as local processes that keep SageMaker's contract, one process a container."""

import logging
import shutil
import threading
from pathlib import Path
from tempfile import mkdtemp

from constructs_lib.local.containers.artifact import place, unpack
from constructs_lib.local.containers.model_containers import ModelContainer, containers_of, is_direct
from constructs_lib.local.containers.multi_model import MultiModelContainer
from constructs_lib.local.containers.pipelines import Pipeline
from constructs_lib.local.containers.process import ContainerFailed, ContainerProcess
from constructs_lib.local.containers.served import Served
from constructs_lib.local.errors import AwsError
from constructs_lib.local.s3io import S3
from constructs_lib.local.store import ModelRecord

_logger = logging.getLogger("constructs_lib.local")

__all__ = ["ContainerPool", "ContainerProcess", "ContainerRegistry"]


class ContainerRegistry:
    """Which command stands for which image, by the name of the image's repository."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self._commands = dict(commands)

    @staticmethod
    def repository(image: str) -> str:
        """`classifier` of `123456789012.dkr.ecr.us-east-1.amazonaws.com/classifier:1`, tag or digest left off."""
        path = image.split("@", 1)[0]
        registry, slash, rest = path.partition("/")
        name = rest if slash and ("." in registry or ":" in registry) else path
        return name.rsplit(":", 1)[0]

    def command(self, image: str) -> list[str]:
        """The command for `image`; raises AwsError naming the known repositories when there is none."""
        name = self.repository(image)
        if name not in self._commands:
            known = ", ".join(sorted(self._commands)) or "none"
            raise AwsError(
                "ValidationException",
                f"no local command stands for image '{image}' (repository '{name}'); known repositories: {known}; "
                f"start the local AWS with --container {name}=COMMAND",
            )
        return list(self._commands[name])


class ContainerPool:
    """What runs by model, counted by its users; the last user's release stops the model's processes.

    A user is any text that is unique to the one who needs the model: an endpoint's variant, a transform job.
    """

    def __init__(self, registry: ContainerRegistry, s3: S3) -> None:
        self._registry = registry
        self._s3 = s3
        self._lock = threading.RLock()
        self._processes: dict[str, Served] = {}
        self._users: dict[str, set[str]] = {}
        self._starting: dict[str, threading.Lock] = {}

    def acquire(self, model: ModelRecord, user: str, startup_timeout: float) -> Served:
        """What serves the model, started when it is not running, healthy on return.

        Raises ContainerFailed when it does not answer /ping with 200 within `startup_timeout` seconds.
        """
        with self._lock:
            self._users.setdefault(model.name, set()).add(user)
            gate = self._starting.setdefault(model.name, threading.Lock())
        try:
            with gate:
                with self._lock:
                    process = self._processes.get(model.name)
                if process is None:
                    process = self._start(model)
                    with self._lock:
                        self._processes[model.name] = process
                process.wait_healthy(startup_timeout)
                return process
        except (ContainerFailed, AwsError):
            self.release(model.name, user)
            raise
        except Exception as error:
            # Whatever it was, somebody waits for the end of this start.
            _logger.exception("model %s", model.name)
            self.release(model.name, user)
            raise ContainerFailed(f"the container of model {model.name} cannot start: {error}") from error

    def _start(self, model: ModelRecord) -> Served:
        started: dict[str, Served] = {}
        try:
            for container in containers_of(model):
                started[container.name] = self._start_container(model.name, container)
        except BaseException:
            for each in started.values():
                each.stop()
            raise
        if len(started) == 1:
            return next(iter(started.values()))
        return Pipeline(started, direct=is_direct(model))

    def _start_container(self, model_name: str, container: ModelContainer) -> Served:
        command = self._registry.command(container.image)
        folder = Path(mkdtemp(prefix="local-model-"))
        try:
            model_folder = folder / "model"
            model_folder.mkdir()
            if container.artifact:
                place(self._s3, container.artifact, model_folder)
            if container.models_prefix is None:
                return ContainerProcess(model_name, command, folder, container.environment, container.name)
            environment = container.environment | {"SAGEMAKER_MULTI_MODEL": "true"}
            return MultiModelContainer(
                ContainerProcess(model_name, command, folder, environment, container.name),
                prefix=container.models_prefix,
                folder=folder / "models",
                fetch=lambda uri, where: unpack(self._s3, uri, where),
                caches=container.caches_models,
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def release(self, model_name: str, user: str) -> None:
        """Take `user` off the model; with the last one its processes end."""
        with self._lock:
            users = self._users.get(model_name, set())
            users.discard(user)
            process = None if users else self._processes.pop(model_name, None)
        if process is not None:
            process.stop()

    def running(self, model_name: str) -> Served:
        """What serves the model; raises AwsError when nothing keeps it running."""
        with self._lock:
            process = self._processes.get(model_name)
        if process is None:
            raise AwsError("ServiceUnavailable", f"no container runs for model {model_name}", 503)
        return process

    def close(self) -> None:
        """Stop every process."""
        with self._lock:
            processes, self._processes, self._users = list(self._processes.values()), {}, {}
        # At once, because each may take its grace.
        stops = [threading.Thread(target=process.stop) for process in processes]
        for stop in stops:
            stop.start()
        for stop in stops:
            stop.join()
