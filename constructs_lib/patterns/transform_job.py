"""One shard of a batch in a state machine: its transform job, what is done about failures, and its result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from constructs_lib.facts import transform_instances
from constructs_lib.options import TransformOptions
from constructs_lib.options.batch import BatchRecovery
from constructs_lib.patterns.states import ANY_FAILURE, REDRIVE_COUNT, STARTED, State, expression, invoke, retried

JOB_NAME_PREFIX = "transform-"
# An execution's name is unique for 90 days only and may hold more than a job's, so the plan makes a name of it and its
# start. The drives of an execution, and the attempts of a drive, tell the jobs of a shard apart. In a Distributed Map
# each shard is an execution of its own, which is redriven by itself: the sum never comes twice.
_DRIVE = f"($states.input.drive + {REDRIVE_COUNT})"
_NAME = (
    f"$states.input.job_name & '-' & $string($states.input.shard) & '-' & $string({_DRIVE})"
    " & '-' & $string($states.input.attempt)"
)
# What SageMaker says of a job when there was no instance for it, and of a fault of its own; and what its API says when
# the quota is used up, or calls come too fast. All else comes again however often it is tried.
_CAPACITY_ERROR = transform_instances.CAPACITY.aws_says.partition(":")[0]
_NO_CAPACITY = rf'/"FailureReason":\s*"{_CAPACITY_ERROR}/'
_OWN_FAULT = r'/"FailureReason":\s*"InternalServerError/'
_QUOTA = "/ResourceLimitExceeded/"
_TRANSIENT = "/Throttl|Rate exceeded|TooManyRequests|ServiceUnavailable|InternalFailure|InternalError|SdkClient/"
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class TransformJob:
    """What every shard runs. ``verify`` is the ARN of the function that writes down how it ended."""

    model_name: str
    instance_types: Sequence[str]
    instance_count: int
    output_bucket: str
    options: TransformOptions
    recovery: BatchRecovery
    partition: str
    verify: str

    def item(self, shard: str) -> dict[str, object]:
        """The input of a shard: its number, what it takes of the batch, and what its attempts count."""
        return {
            "shard": expression(shard),
            "work": expression("$states.input.work"),
            "job_name": expression("$states.input.job_name"),
            "drive": expression(REDRIVE_COUNT),
            "started": expression(STARTED),
            "attempt": 0,
            "type": 0,
            "attempts": [],
        }

    def states(self) -> Mapping[str, State]:
        """From the job to its result, beginning at ``Transform``."""
        return {
            "Transform": self._transform(),
            "Worth another try?": self._choice(),
            "Back off": self._wait(),
            "Stop job": self._stop(),
            "Verify": self._verify(),
            "Not verified": {
                "Comment": "the report counts a shard without a result as failed; the others go on",
                "Type": "Pass",
                "Output": expression("$states.input.shard"),
                "End": True,
            },
        }

    def _transform(self) -> State:
        folder = f"'s3://{self.output_bucket}/' & $states.input.work & 'shards/' & $string($states.input.shard)"
        arguments = self.options.arguments(
            s3_uri=expression(f"{folder} & '/manifest.json'"),
            s3_output_path=expression(f"{folder} & '/answers'"),
            s3_data_type="ManifestFile",
            instance_type=self.instance_types[0] if len(self.instance_types) == 1 else expression(self._type),
            instance_count=self.instance_count,
        )
        times = ("TransformStartTime", "TransformEndTime", "TransformResources")
        job = ", ".join(f"'{name}': $states.result.{name}" for name in times)
        failed = "'error': $states.errorOutput.Error, 'cause': $states.errorOutput.Cause"
        return {
            "Comment": "runs the job of the shard and waits for its end; an aborted execution stops it",
            "Type": "Task",
            "Resource": f"arn:{self.partition}:states:::sagemaker:createTransformJob.sync",
            # A time-out of the execution would leave the job to itself; one of the task can be caught.
            "TimeoutSeconds": expression(f"$max([1, $ceil({self._seconds_left})])"),
            "Arguments": {"TransformJobName": expression(_NAME), "ModelName": self.model_name, **arguments},
            "Output": self._with({"attempts": self._attempts(f"'job': {{{job}}}")}),
            "Catch": [
                {
                    "Comment": "whatever failed, the other shards go on",
                    "ErrorEquals": ["States.ALL"],
                    "Output": self._with({"attempts": self._attempts(failed), "failure": expression(_failure())}),
                    "Next": "Worth another try?",
                }
            ],
            "Next": "Verify",
        }

    def _choice(self) -> State:
        most = self.recovery.max_attempts
        may_recover = f"$states.input.failure != 'final' and $states.input.attempt + 1 < {most}"
        return {
            "Comment": "no capacity, throttled, or a fault of AWS's: again, a few times; errors in the data: never",
            "Type": "Choice",
            "Choices": [
                {"Condition": expression("$states.input.failure = 'timeout'"), "Next": "Stop job"},
                {"Condition": expression(f"{may_recover} and {self._seconds_left} > 0"), "Next": "Back off"},
            ],
            "Default": "Verify",
        }

    def _wait(self) -> State:
        """At once where another type is left, else for a random part of a time that doubles."""
        others = len(self.instance_types) - 1
        another = f"$states.input.failure = 'capacity' and $states.input.type < {others}"
        least, most = self.recovery.min_delay_in_seconds, self.recovery.max_delay_in_seconds
        jitter = f"$floor($random() * $min([{most}, {least} * $power(2, $states.input.attempt)])) + 1"
        following = {"attempt": expression("$states.input.attempt + 1")}
        following["type"] = expression(f"{another} ? $states.input.type + 1 : 0")
        return {
            "Comment": "the next instance type at once; after the last one with full jitter",
            "Type": "Wait",
            "Seconds": expression(f"{another} ? 0 : {jitter}"),
            "Output": self._with(following),
            "Next": "Transform",
        }

    def _stop(self) -> State:
        return {
            "Comment": "the time of the batch is up",
            "Type": "Task",
            "Resource": f"arn:{self.partition}:states:::aws-sdk:sagemaker:stopTransformJob",
            "Arguments": {"TransformJobName": expression("$states.input.attempts[-1].name")},
            "Retry": [retried(["States.TaskFailed"], attempts=3)],
            "Output": expression("$states.input"),
            "Catch": [{"ErrorEquals": ["States.ALL"], "Output": expression("$states.input"), "Next": "Verify"}],
            "Next": "Verify",
        }

    def _verify(self) -> State:
        payload = {name: expression(f"$states.input.{name}") for name in ("shard", "work", "attempts")}
        return {
            "Comment": "an answer for each input? writes down how the shard ended",
            **invoke(self.partition, self.verify, payload, retry=ANY_FAILURE),
            "Output": expression("$states.input.shard"),
            "Catch": [
                {
                    "ErrorEquals": ["States.ALL"],
                    "Output": expression("$states.input"),
                    "Next": "Not verified",
                }
            ],
            "End": True,
        }

    @property
    def _seconds_left(self) -> str:
        """JSONata: of the time of the batch, which begins anew with a redrive."""
        seconds = int(self.recovery.timeout_in_hours * _SECONDS_PER_HOUR)
        started = f"$max([$states.input.started, {STARTED}])"
        return f"({seconds} - ($millis() - {started}) / 1000)"

    @property
    def _type(self) -> str:
        return f"{json.dumps(list(self.instance_types))}[$states.input.type]"

    def _attempts(self, outcome: str) -> str:
        attempt = f"{{'name': {_NAME}, 'instance_type': {self._type}, {outcome}}}"
        return expression(f"$append($states.input.attempts, [{attempt}])")

    def _with(self, changed: Mapping[str, object]) -> dict[str, object]:
        """The input of a state with some of it changed."""
        kept = {name: expression(f"$states.input.{name}") for name in self.item("")}
        return kept | dict(changed)


def _failure() -> str:
    """JSONata: the kind of the error that was caught, ``timeout``, ``capacity``, ``transient`` or ``final``."""
    error, cause = "$states.errorOutput.Error", "$string($states.errorOutput.Cause)"
    said = f"{error} & ' ' & {cause}"
    of_job, of_call = _kind(cause, _NO_CAPACITY, _OWN_FAULT), _kind(said, _QUOTA, _TRANSIENT)
    return f"{error} = 'States.Timeout' ? 'timeout' : {error} = 'States.TaskFailed' ? ({of_job}) : ({of_call})"


def _kind(text: str, capacity: str, transient: str) -> str:
    return f"$contains({text}, {capacity}) ? 'capacity' : $contains({text}, {transient}) ? 'transient' : 'final'"
