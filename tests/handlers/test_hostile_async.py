"""Asynchronous requests: keys that uploaders choose, and messages that whoever may write to the topic writes."""

from __future__ import annotations

import json
import re
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given

from async_results.settings import Settings as ResultsSettings
from async_submit.claims import Claims
from async_submit.logic import UnusableUpload, Upload, output_path
from async_submit.settings import Settings
from tests.handlers.fakes import FakeS3, client_error
from tests.handlers.hostile import BODIES, JSON, SECRET, TEXTS, TRICKS, like, logged, quick
from tests.handlers.messages import RESULTS_ENVIRONMENT, SUBMIT_ENVIRONMENT, batch, completed, created, failed
from tests.handlers.test_submit_logic import matches

SETTINGS = Settings.from_environment(SUBMIT_ENVIRONMENT)


class Table:
    """Takes the items that DynamoDB would take."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []

    def update_item(self, **update: Any) -> None:
        values = update["ExpressionAttributeValues"].values()
        assert all(isinstance(value, (str, int)) for value in [*values, update["Key"]["InferenceId"]])
        if len(update["Key"]["InferenceId"].encode("utf-8", "surrogatepass")) > 2048:
            raise client_error("ValidationException", "UpdateItem")
        self.updates.append(update)


class Runtime:
    """SageMaker, which takes what its model describes."""

    class meta:  # noqa: N801 as boto3 calls it
        class service_model:  # noqa: N801 as boto3 calls it
            @staticmethod
            def operation_model(_: str) -> Any:
                members = dict.fromkeys(("EndpointName", "InputLocation", "InferenceId", "S3OutputPathExtension"))
                return type("Operation", (), {"input_shape": type("Shape", (), {"members": members})})

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def invoke_endpoint_async(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        return {"OutputLocation": "s3://outputs/success/x.out"}


def submit(handler: ModuleType, event: Any) -> tuple[Runtime, FakeS3]:
    runtime, s3 = Runtime(), FakeS3()
    claims = Claims(s3, bucket="outputs", prefix="submitted/", seconds=40, clock=lambda: 1000.0)
    submitter = handler.Submitter(SETTINGS, runtime=runtime, claims=claims, table=None)
    logged(lambda: submitter.submit(event), refusals=(UnusableUpload,))
    return runtime, s3


@quick
@given(event=JSON | like(created()))
def test_any_event_is_submitted_or_refused_and_leaves_only_a_marker(submit_handler: ModuleType, event: Any) -> None:
    runtime, s3 = submit(submit_handler, event)
    assert len(s3.objects) == len(runtime.requests) <= 1
    assert all(re.fullmatch(r"submitted/[0-9a-f]{28}\.json", key) for key in s3.objects)


@quick
@given(key=TEXTS)
def test_whatever_a_key_is_the_headers_of_a_request_are_one_line_each(submit_handler: ModuleType, key: str) -> None:
    runtime, _ = submit(submit_handler, created(f"input/{key}"))
    for request in runtime.requests:
        assert request["InputLocation"] == f"s3://inputs/input/{key}"
        assert not re.search(r"[\x00-\x1f\x7f]", request["InputLocation"])


@pytest.mark.parametrize("key", ["a\nb", "a\r\nX: y", "a\x00", "\ud800"])
def test_a_key_that_no_header_carries_is_refused_before_anything_is_claimed(
    submit_handler: ModuleType, key: str
) -> None:
    with pytest.raises(UnusableUpload, match="no request can name the object"):
        Upload.from_event(created(key))
    assert submit(submit_handler, created(key))[1].objects == {}


@quick
@given(key=TEXTS)
def test_no_answer_s_path_leads_out_of_its_folder(key: str) -> None:
    for path in (output_path(f"input/{key}", SETTINGS), output_path(f"input/{key}{'../' * 200}x", SETTINGS)):
        assert path == "" or matches("S3OutputPathExtension", path)
        assert not {"", ".", ".."} & set(path.split("/")) or path == ""


def test_dots_alone_become_other_characters() -> None:
    assert output_path("input/../../x", SETTINGS) == "__/__/x"
    assert output_path("input/./...//x..y", SETTINGS) == "_/___/x..y"


def consume(handler: ModuleType, *bodies: Any) -> tuple[Table, list[Any]]:
    table = Table()
    consumer = handler.Consumer(ResultsSettings.from_environment(RESULTS_ENVIRONMENT), table=table)
    answers: list[Any] = []
    lines = logged(lambda: answers.append(consumer.consume(batch(*bodies))), namespace="Results")
    [answer] = answers
    taken = len(bodies) - len(answer["batchItemFailures"])
    assert len(table.updates) == taken
    return table, lines


@quick
@given(body=BODIES | JSON.map(json.dumps) | like(failed()).map(json.dumps) | like(completed()).map(json.dumps))
def test_a_hostile_message_harms_none_beside_it(results_handler: ModuleType, body: str) -> None:
    table, lines = consume(results_handler, completed("good"), body)
    assert table.updates[0]["Key"] == {"InferenceId": "good"}
    assert len(lines) == 2
    assert all(len(json.dumps(line)) < 200_000 for line in lines)


@pytest.mark.parametrize("name", [trick for trick in TRICKS if trick != ""])
def test_no_text_but_a_name_becomes_a_dimension(results_handler: ModuleType, name: str) -> None:
    parameters = {**completed()["requestParameters"], "endpointName": name}
    _, [line] = consume(results_handler, completed(requestParameters=parameters))
    assert line["Outcome"] == "NotTaken"


def test_what_a_container_said_is_in_the_status_and_not_in_the_log(results_handler: ModuleType) -> None:
    reason = f'Received client error (400) from primary with message "no float: {SECRET}". See the log.'
    table, [line] = consume(results_handler, failed(failureReason=reason))
    assert table.updates[0]["ExpressionAttributeValues"][":FailureReason"] == reason
    assert line["FailureReason"] == "Received client error (400) from primary"


def test_a_message_that_is_nested_without_end_is_one_that_failed(results_handler: ModuleType) -> None:
    table, _ = consume(results_handler, "[" * 200_000, completed())
    assert len(table.updates) == 1
