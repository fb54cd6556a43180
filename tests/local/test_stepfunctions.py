"""`sagemaker:createTransformJob` as a task: what it returns, how it fails, what an abort does."""

import json
from typing import Any, cast

import pytest

from constructs_lib.local.api.control_plane import ControlPlane
from constructs_lib.local.clock import Clock
from constructs_lib.local.errors import AwsError
from constructs_lib.local.service import LocalSageMaker
from constructs_lib.local.workflows.scopes import Aborted, Ended, Scope, TimedOut
from constructs_lib.local.workflows.transform_tasks import CREATE_TRANSFORM_JOB, TaskFailed, TransformTasks

ARGUMENTS = {"TransformJobName": "job", "MaxPayloadInMB": "6"}


class Jobs:
    """Transform jobs that go through the given states, one a description."""

    def __init__(self, *states: str, refusal: AwsError | None = None) -> None:
        self._states = list(states)
        self._refusal = refusal
        self.created: list[dict[str, Any]] = []
        self.stopped: list[dict[str, Any]] = []

    def handle(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        assert operation == "CreateTransformJob"
        if self._refusal:
            raise self._refusal
        self.created.append(request)
        return {"TransformJobArn": "arn"}

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        return {**request, "TransformJobStatus": state, "CreationTime": 1.5, "FailureReason": "because"}

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        self.stopped.append(request)
        self._states = ["Stopped"]
        return {}


class Parts:
    def __init__(self, jobs: Jobs) -> None:
        self.transform = jobs


def tasks(jobs: Jobs) -> TransformTasks:
    return TransformTasks(cast(LocalSageMaker, Parts(jobs)), cast(ControlPlane, jobs))


def test_without_sync_the_answer_of_the_api_comes_at_once() -> None:
    jobs = Jobs("InProgress")
    assert tasks(jobs).run(CREATE_TRANSFORM_JOB, ARGUMENTS, Scope(Clock())) == {"TransformJobArn": "arn"}


def test_numbers_written_as_text_are_turned_into_numbers() -> None:
    jobs = Jobs("InProgress")
    tasks(jobs).run(CREATE_TRANSFORM_JOB, ARGUMENTS, Scope(Clock()))
    assert jobs.created == [{"TransformJobName": "job", "MaxPayloadInMB": 6}]


def test_with_sync_the_completed_job_comes_with_times_in_milliseconds() -> None:
    jobs = Jobs("InProgress", "InProgress", "Completed")
    answer = tasks(jobs).run(f"{CREATE_TRANSFORM_JOB}.sync", ARGUMENTS, Scope(Clock()))
    assert (answer["TransformJobStatus"], answer["CreationTime"]) == ("Completed", 1500)


@pytest.mark.parametrize("state", ["Failed", "Stopped"])
def test_a_job_that_does_not_complete_fails_the_task_with_the_job_as_its_cause(state: str) -> None:
    with pytest.raises(TaskFailed) as caught:
        tasks(Jobs("InProgress", state)).run(f"{CREATE_TRANSFORM_JOB}.sync", ARGUMENTS, Scope(Clock()))
    assert caught.value.error == "States.TaskFailed"
    assert json.loads(caught.value.cause)["FailureReason"] == "because"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ValidationException", "SageMaker.AmazonSageMakerException"),
        ("ResourceInUse", "SageMaker.ResourceInUseException"),
    ],
)
def test_a_job_that_the_api_refuses_fails_the_task_with_the_api_s_error(code: str, error: str) -> None:
    jobs = Jobs("Completed", refusal=AwsError(code, "no such model"))
    with pytest.raises(TaskFailed) as caught:
        tasks(jobs).run(f"{CREATE_TRANSFORM_JOB}.sync", ARGUMENTS, Scope(Clock()))
    assert caught.value.error == error
    assert "no such model" in caught.value.cause
    assert f"Error Code: {code}" in caught.value.cause


def scope(reason: Ended) -> Scope:
    """A scope that has ended."""
    ended = Scope(Clock())
    ended.end(reason)
    return ended


def test_an_aborted_execution_stops_its_job() -> None:
    jobs = Jobs("InProgress")
    with pytest.raises(Aborted):
        tasks(jobs).run(f"{CREATE_TRANSFORM_JOB}.sync", ARGUMENTS, scope(Aborted()))
    assert jobs.stopped == [{"TransformJobName": "job"}]


def test_an_execution_that_times_out_leaves_its_job_to_itself() -> None:
    jobs = Jobs("InProgress")
    with pytest.raises(TimedOut):
        tasks(jobs).run(f"{CREATE_TRANSFORM_JOB}.sync", ARGUMENTS, scope(TimedOut()))
    assert jobs.stopped == []
