"""A batch pipeline run once: inputs uploaded, an execution started and waited for, its answers found."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from constructs_lib.client.errors import BatchFailed, UnsupportedPayload
from constructs_lib.client.locations import below
from constructs_lib.client.payloads import Encoded, encode
from constructs_lib.client.progress import Progress, Tell
from constructs_lib.options.batch import RUNS_PREFIX, WORK_PREFIX

if TYPE_CHECKING:
    from constructs_lib.client.deadline import Deadline
    from constructs_lib.client.deployed import Deployed
    from constructs_lib.client.objects import Objects
    from constructs_lib.client.prediction import Prediction

_UPLOADS = 8
# How the names of answers end.
_ANSWER = ".out"
# Seconds between two looks at an execution: from the first to the last, growing.
_FIRST_LOOK, _LONGEST_LOOK, _GROWTH = 0.2, 15.0, 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """An execution that succeeded. ``output`` is what it answered, word by word."""

    execution_arn: str
    output: Mapping[str, Any]
    objects: Objects

    @property
    def output_location(self) -> str | None:
        """The part of S3 that holds its answers; None where there was nothing to do, which ``output`` then says."""
        return self.output.get("output")

    def locations(self) -> list[str]:
        """Where each answer is; an input ``a/b.csv`` has its answer in ``a/b.csv.out``."""
        return list(self.objects.below(self._folder)) if self.output_location else []

    def items(self) -> Iterator[tuple[str, Prediction]]:
        """Each answer by its name, read one after the other."""
        for location in self.locations():
            yield self._name(location), self.objects.read(location)

    def download(self, folder: Path) -> list[Path]:
        """Write every answer below a folder; returns the files.

        :raises ValueError: if a name would lead out of the folder, before anything is written.
        """
        files = {location: below(folder, self._name(location)) for location in self.locations()}
        for location, path in files.items():
            self.objects.download(location, path)
        return list(files.values())

    @property
    def _folder(self) -> str:
        return f"{(self.output_location or '').rstrip('/')}/"

    def _name(self, location: str) -> str:
        return location.removeprefix(self._folder)


class Pipeline:
    """Starts executions of one pipeline."""

    def __init__(
        self, deployed: Deployed, states: Any, objects: Objects, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._deployed = deployed
        self._states = states
        self._objects = objects
        self._sleep = sleep

    def upload(self, inputs: Mapping[str, Encoded], deadline: Deadline, tell: Tell) -> str:
        """Put named inputs where nothing else is; returns their prefix."""
        self._deployed.need("state_machine_arn", "run_batch")
        bucket = self._deployed.need("input_bucket", "run_batch with inputs")
        prefix = f"{RUNS_PREFIX}{uuid.uuid4()}/"

        def put(name: str) -> str:
            return self._objects.upload(inputs[name], bucket, f"{prefix}{name}", deadline)

        with ThreadPoolExecutor(_UPLOADS, thread_name_prefix="inference-upload") as pool:
            for done, _ in enumerate(pool.map(put, inputs), start=1):
                tell(Progress(what="uploaded", done=done, total=len(inputs)))
        return prefix

    def run(self, input_prefix: str | None, deadline: Deadline, tell: Tell) -> BatchResult:
        """One execution to its end, over the pipeline's own prefix by default; stopped when it takes too long."""
        name = str(uuid.uuid4())
        arn = self._states.start_execution(
            stateMachineArn=self._deployed.need("state_machine_arn", "run_batch"),
            name=name,
            input=json.dumps({} if input_prefix is None else {"input_prefix": input_prefix}),
        )["executionArn"]
        total = self._count(
            self._deployed.input_bucket, self._deployed.input_prefix if input_prefix is None else input_prefix
        )
        pause = _FIRST_LOOK
        while (found := self._states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            if total:
                tell(Progress(what="transformed", done=min(self._answers(name), total - 1), total=total))
            if not deadline.left:
                self._states.stop_execution(executionArn=arn, cause=str(deadline.over()))
                raise deadline.over()
            self._sleep(min(pause, deadline.left))
            pause = min(_LONGEST_LOOK, pause * _GROWTH)
        if found["status"] != "SUCCEEDED":
            raise BatchFailed(arn, found["status"], found.get("error", ""), found.get("cause", ""))
        if total:
            tell(Progress(what="transformed", done=total, total=total))
        return BatchResult(execution_arn=arn, output=json.loads(found["output"]), objects=self._objects)

    def _answers(self, run: str) -> int:
        """How many are there by now; of an idempotent run, which is not named after its execution, none."""
        return self._count(self._deployed.output_bucket, f"{WORK_PREFIX}{run}/", _ANSWER)

    def _count(self, bucket: str | None, prefix: str, suffix: str = "") -> int:
        """How many objects there are; 0 where that is not to be known: a run goes on without a bar."""
        if bucket is None:
            return 0
        try:
            return sum(location.endswith(suffix) for location in self._objects.below(f"s3://{bucket}/{prefix}"))
        except ClientError:
            return 0


def named(inputs: Path | Mapping[str, object] | Iterable[object], content_type: str | None) -> dict[str, Encoded]:
    """The inputs of a run by their names: a file, all files below a folder, or payloads with or without names.

    :raises FileNotFoundError: if there is nothing to upload.
    :raises UnsupportedPayload: for a text or bytes: a path is a ``Path``, and a single payload stands in a list.
    """
    if isinstance(inputs, (str, bytes)):
        wanted = "a pathlib.Path, payloads by name, or a list of payloads"
        raise UnsupportedPayload(f"inputs must be {wanted}, got {inputs[:80]!r}; give Path(...) or [...]")
    if isinstance(inputs, Path):
        if inputs.is_dir():
            files = {path.relative_to(inputs).as_posix(): path for path in sorted(inputs.rglob("*")) if path.is_file()}
        else:
            files = {inputs.name: inputs}
        found = {name: encode(path, content_type) for name, path in files.items()}
    elif isinstance(inputs, Mapping):
        found = {name: encode(payload, content_type) for name, payload in inputs.items()}
    else:
        encoded = [encode(payload, content_type) for payload in inputs]
        found = {f"{number:06}{payload.suffix}": payload for number, payload in enumerate(encoded)}
    if not found:
        raise FileNotFoundError(f"there is no input in {inputs}; give a file, a folder with files, or payloads")
    return found
