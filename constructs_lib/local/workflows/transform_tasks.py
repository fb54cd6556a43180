"""Step Functions' `sagemaker:createTransformJob`, with and without `.sync`."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from constructs_lib.local.api.checks import coerced, service_model
from constructs_lib.local.errors import AwsError
from constructs_lib.local.workflows.scopes import Aborted

if TYPE_CHECKING:
    from constructs_lib.local.api.control_plane import ControlPlane
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import Payload
    from constructs_lib.local.workflows.scopes import Scope

CREATE_TRANSFORM_JOB = "arn:aws:states:::sagemaker:createTransformJob"
POLL = 0.05
_TIMES = ("CreationTime", "TransformStartTime", "TransformEndTime")


class TaskFailed(Exception):
    """A failed task: the state machine sees `error` in Retry and Catch, and `cause` beside it."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


class TransformTasks:
    """Runs transform jobs for state machines."""

    def __init__(self, sagemaker: LocalSageMaker, control: ControlPlane) -> None:
        self._transform = sagemaker.transform
        self._control = control

    def run(self, resource: str, arguments: Payload, scope: Scope) -> Payload:
        """Start the job; with `.sync` also wait for its end, and stop it when `scope` is aborted.

        Raises TaskFailed: `SageMaker.<code>` when the API refuses the job, `States.TaskFailed` with the job as its
        cause when the job fails. Raises Ended with the end of `scope`.
        """
        operation = service_model("sagemaker").operation_model("CreateTransformJob")
        try:
            answer = self._control.handle("CreateTransformJob", coerced(operation.input_shape, arguments))
        except AwsError as error:
            # Codes without a shape of their own come out of the SDK as its generic exception.
            known = error.code in ("ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound")
            name = f"{error.code}Exception" if known else "AmazonSageMakerException"
            cause = f"{error.message} (Service: AmazonSageMaker; Status Code: {error.status}; Error Code: {error.code})"
            raise TaskFailed(f"SageMaker.{name}", cause) from error
        if not resource.endswith(".sync"):
            return answer
        return self._wait({"TransformJobName": arguments["TransformJobName"]}, scope)

    def _wait(self, job: Payload, scope: Scope) -> Payload:
        while True:
            description = self._transform.describe(job)
            status = description["TransformJobStatus"]
            if status == "Completed":
                return _in_milliseconds(description)
            if status in ("Failed", "Stopped"):
                raise TaskFailed("States.TaskFailed", json.dumps(_in_milliseconds(description)))
            ended = scope.ended
            if isinstance(ended, Aborted):
                with suppress(AwsError):  # It may have come to its end by itself.
                    self._transform.stop(job)
            if ended:
                # Of time-outs AWS does not say that they stop a job; so here they leave it to itself.
                raise type(ended)
            time.sleep(POLL)


def _in_milliseconds(description: Payload) -> Payload:
    """The job as the service integration shows it: times are whole milliseconds since the epoch."""
    return {name: _milliseconds(value) if name in _TIMES else value for name, value in description.items()}


def _milliseconds(value: Any) -> int:
    seconds = value.timestamp() if isinstance(value, datetime) else float(value)
    return int(seconds * 1000)
