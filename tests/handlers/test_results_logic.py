"""From a message to a status and a line of the log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from async_results.logic import MalformedMessage, Result, log_line, update_of
from async_results.settings import Settings
from constructs_lib.local.asynchronous.request import AsyncRequest, Outcome
from constructs_lib.local.asynchronous.results import notification_of
from tests.handlers.messages import RESULTS_ENVIRONMENT, completed, failed


def read(message: dict[str, Any]) -> Result:
    return Result.from_body(json.dumps(message))


def test_an_answer_is_read() -> None:
    assert read(completed()) == Result(
        inference_id="id-1",
        endpoint_name="scorer",
        status="Completed",
        received_time="2026-11-21T18:00:00.500Z",
        event_time="2026-11-21T18:00:02.750Z",
        milliseconds=2250,
        input_location="s3://inputs/input/rows.csv",
        location="s3://outputs/success/1.out",
    )


def test_an_error_is_read_with_its_reason() -> None:
    attributes = read(failed()).attributes
    assert attributes["Status"] == "Failed"
    assert attributes["FailureReason"] == 'Received client error (400) from primary with message "no".'
    assert attributes["FailureLocation"] == "s3://outputs/failure/1-error.out"
    assert "OutputLocation" not in attributes


def test_what_the_local_aws_says_is_read() -> None:
    request = AsyncRequest.accept_request({"Body": b"1"}, {"OutputConfig": {"S3OutputPath": "s3://outputs"}}, now=0.0)
    result = read(notification_of("scorer", request, Outcome.failure("no instance"), None))
    assert (result.inference_id, result.status, result.failure_reason) == (
        request.inference_id,
        "Failed",
        "no instance",
    )
    assert (result.input_location, result.location) == (None, None)


def test_the_envelope_of_sns_is_opened() -> None:
    assert read({"Type": "Notification", "TopicArn": "any", "Message": json.dumps(completed())}) == read(completed())


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not JSON",
        "[]",
        "3",
        "{}",
        json.dumps(completed(invocationStatus="Perhaps")),
        json.dumps(completed(inferenceId="")),
        json.dumps(completed(inferenceId=7)),
        json.dumps(completed(eventTime="yesterday")),
        json.dumps(completed(eventTime=None)),
        json.dumps(completed(requestParameters={})),
        json.dumps(completed(requestParameters=None)),
        json.dumps(completed(responseParameters="none")),
        json.dumps({"Type": "Notification", "Message": "not JSON"}),
    ],
)
def test_a_message_that_says_nothing_is_refused(body: str) -> None:
    with pytest.raises(MalformedMessage):
        Result.from_body(body)


@pytest.mark.parametrize("message", [completed(), failed()])
def test_every_name_and_value_of_an_update_goes_through_a_placeholder(message: dict[str, Any]) -> None:
    update = update_of(read(message), expires_at=99)
    text = f"{update['UpdateExpression']} {update['ConditionExpression']}"
    for placeholder in (*update["ExpressionAttributeNames"], *update["ExpressionAttributeValues"]):
        assert placeholder in text
    assert update["Key"] == {"InferenceId": "id-1"}
    assert update["ExpressionAttributeValues"][":ExpiresAt"] == 99


def metrics(line: dict[str, Any]) -> dict[str, Any]:
    """The values that CloudWatch makes of a line, by name, with unit and dimensions checked."""
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["EndpointName"]]
    assert line["EndpointName"] == "scorer"
    assert directive["Namespace"] == "Results"
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert {name: unit for name, unit in units.items() if unit != "Count"} in ({}, {"TimeToResult": "Milliseconds"})
    return {name: line[name] for name in units}


@pytest.mark.parametrize(
    ("message", "is_duplicate", "expected"),
    [
        (completed(), False, {"Completed": 1, "Failed": 0, "Duplicates": 0, "TimeToResult": 2250}),
        (failed(), False, {"Completed": 0, "Failed": 1, "Duplicates": 0, "TimeToResult": 2250}),
        (completed(), True, {"Completed": 0, "Failed": 0, "Duplicates": 1}),
    ],
)
def test_a_line_counts_each_result_once(message: dict[str, Any], is_duplicate: bool, expected: dict[str, int]) -> None:
    line = log_line(read(message), "Results", now=1_000.5, is_duplicate=is_duplicate)
    assert metrics(line) == expected
    assert line["_aws"]["Timestamp"] == 1_000_500
    assert line["InferenceId"] == "id-1"


def test_every_missing_or_wrong_variable_is_named_at_the_cold_start() -> None:
    environment = RESULTS_ENVIRONMENT | {"STATUS_EXPIRES_IN_DAYS": "many"}
    del environment["METRIC_NAMESPACE"]
    with pytest.raises(ValueError, match="METRIC_NAMESPACE must be str, got None; STATUS_EXPIRES_IN_DAYS must be int"):
        Settings.from_environment(environment)
