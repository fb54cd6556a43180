"""Every uploaded version is submitted, once as far as that can be, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from async_submit.claims import Claims, InProgress
from async_submit.settings import Settings
from tests.handlers.fakes import FakeS3, client_error
from tests.handlers.messages import SUBMIT_ENVIRONMENT, created

Logged = Callable[[], list[dict[str, Any]]]
SETTINGS = replace(Settings.from_environment(SUBMIT_ENVIRONMENT), status_expires_in_days=2)
OUTPUT = "s3://outputs/success/rows.csv/x.out"


class Died(BaseException):
    """The process ended here: no handler of errors runs."""


class FakeTable:
    """Takes items that are not there yet; ``failure`` is what it answers instead."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.failure: BaseException | None = None

    def put_item(self, *, Item: dict[str, Any], ConditionExpression: str) -> None:  # noqa: N803 as boto3 calls them
        assert ConditionExpression == "attribute_not_exists(InferenceId)"
        if self.failure:
            raise self.failure
        if Item["InferenceId"] in self.items:
            raise client_error("ConditionalCheckFailedException", "PutItem")
        self.items[Item["InferenceId"]] = Item


class Bench:
    """A submitter with everything around it, whose clock stands still until it is moved."""

    def __init__(self, handler: ModuleType) -> None:
        self._handler = handler
        self.now = 1_000.0
        self.s3 = FakeS3()
        self.table = FakeTable()
        self.runtime: Any = boto3.client("sagemaker-runtime", region_name="us-east-1")
        self.sent: list[dict[str, Any]] = []
        self.answers: list[BaseException | dict[str, Any]] = []
        self.runtime.invoke_endpoint_async = self._invoke

    def _invoke(self, **request: Any) -> dict[str, Any]:
        self.sent.append(request)
        answer = self.answers.pop(0) if self.answers else {"OutputLocation": OUTPUT}
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def deliver(self, event: dict[str, Any] | None = None) -> None:
        """One invocation, in a process of its own."""
        claims = Claims(self.s3, bucket="outputs", prefix="submitted/", seconds=40, clock=lambda: self.now)
        submitter = self._handler.Submitter(SETTINGS, runtime=self.runtime, claims=claims, table=self.table)
        submitter.submit(event or created())


@pytest.fixture
def bench(submit_handler: ModuleType) -> Bench:
    return Bench(submit_handler)


def test_an_event_that_comes_twice_is_submitted_once(bench: Bench, logged: Logged) -> None:
    bench.deliver()
    bench.deliver()
    assert len(bench.sent) == 1
    assert [line["Outcome"] for line in logged()] == ["Submitted", "Duplicate"]


def test_two_versions_are_two_requests(bench: Bench) -> None:
    bench.deliver(created(sequencer="1"))
    bench.deliver(created(sequencer="2"))
    assert len({request["InferenceId"] for request in bench.sent}) == 2


def test_a_throttled_request_is_given_back_and_submitted_by_the_next_attempt(bench: Bench) -> None:
    bench.answers = [client_error("ThrottlingException", "InvokeEndpointAsync")]
    with pytest.raises(ClientError, match="ThrottlingException"):
        bench.deliver()
    bench.deliver()
    assert len(bench.sent) == 2
    assert len(bench.table.items) == 1


def test_while_another_invocation_submits_it_the_event_comes_again_later(bench: Bench) -> None:
    bench.answers = [Died()]
    with pytest.raises(Died):
        bench.deliver()
    with pytest.raises(InProgress):
        bench.deliver()
    assert len(bench.sent) == 1


def test_a_death_on_the_way_loses_nothing_and_the_repetition_has_the_same_names(bench: Bench) -> None:
    bench.answers = [Died()]
    with pytest.raises(Died):
        bench.deliver()
    bench.now += 40
    bench.deliver()
    first, second = bench.sent
    assert first == second
    assert {"InferenceId", "Filename", "S3OutputPathExtension"} <= set(first)


def test_the_status_is_written_with_its_day_of_expiry(bench: Bench) -> None:
    bench.deliver()
    [item] = bench.table.items.values()
    assert item["Status"] == "Submitted"
    assert item["OutputLocation"] == OUTPUT
    assert item["ExpiresAt"] - item["SubmittedTime"] == 2 * 86_400


def test_a_status_that_could_not_be_written_is_written_by_the_next_attempt_and_nothing_sent_again(
    bench: Bench,
) -> None:
    bench.table.failure = client_error("ProvisionedThroughputExceededException", "PutItem")
    with pytest.raises(ClientError, match="ProvisionedThroughput"):
        bench.deliver()
    bench.table.failure = None
    bench.deliver()
    assert len(bench.sent) == 1
    assert len(bench.table.items) == 1


def test_a_result_that_was_quicker_stays(bench: Bench) -> None:
    bench.deliver()
    [inference_id] = bench.table.items
    bench.table.items[inference_id]["Status"] = "Completed"
    bench.deliver()
    assert bench.table.items[inference_id]["Status"] == "Completed"


def test_a_folder_is_passed_over(bench: Bench, logged: Logged) -> None:
    bench.deliver(created("input/2026/"))
    assert bench.sent == []
    assert bench.s3.objects == {}
    assert [line["Outcome"] for line in logged()] == ["Skipped"]


def test_an_sdk_that_cannot_name_the_output_leaves_that_to_sagemaker(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = bench.runtime.meta.service_model.operation_model("InvokeEndpointAsync").input_shape
    monkeypatch.delitem(shape.members, "Filename")
    monkeypatch.delitem(shape.members, "S3OutputPathExtension")
    monkeypatch.setattr(bench.runtime.meta, "_service_model", OneOperation(shape))
    bench.deliver()
    assert {"EndpointName", "InputLocation", "InferenceId", "ContentType"} <= set(bench.sent[0])
    assert not {"Filename", "S3OutputPathExtension"} & set(bench.sent[0])


class OneOperation:
    """A service model with one operation, whose input has this shape."""

    def __init__(self, shape: Any) -> None:
        self.input_shape = shape

    def operation_model(self, _name: str) -> OneOperation:
        return self


def test_botocore_takes_the_request_and_the_conditions(submit_handler: ModuleType) -> None:
    """The real clients check the names and types of every member."""
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any")
    runtime = boto3.client(
        "sagemaker-runtime", region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any"
    )
    claims = Claims(s3, bucket="outputs", prefix="submitted/", seconds=40, clock=lambda: 0.0)
    submitter = submit_handler.Submitter(SETTINGS, runtime=runtime, claims=claims, table=None)
    with Stubber(s3) as stubbed_s3, Stubber(runtime) as stubbed_runtime:
        stubbed_s3.add_response("put_object", {"ETag": '"1"'})
        stubbed_runtime.add_response("invoke_endpoint_async", {"OutputLocation": OUTPUT})
        stubbed_s3.add_response("put_object", {"ETag": '"2"'})
        submitter.submit(created())
        stubbed_s3.assert_no_pending_responses()
        stubbed_runtime.assert_no_pending_responses()


def test_lambda_s_entry_point_takes_the_event(submit_handler: ModuleType, logged: Logged) -> None:
    submit_handler.handle(created("input/2026/"), None)
    [line] = logged()
    assert (line["Outcome"], line["InputLocation"]) == ("Skipped", "s3://inputs/input/2026/")
