"""SageMaker's messages, and how long somebody else's is hidden when it is given back. Pure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.client.notifications import Outcome, Status, UnknownMessage, hidden_for, parse

COMPLETED: dict[str, Any] = {
    "eventName": "InferenceResult",
    "invocationStatus": "Completed",
    "requestParameters": {"endpointName": "e", "inputLocation": "s3://in/a.csv"},
    "responseParameters": {"contentType": "text/csv", "outputLocation": "s3://out/success/a.out"},
    "inferenceId": "a",
}
FAILED: dict[str, Any] = {
    "invocationStatus": "Failed",
    "failureReason": "ClientError: 400",
    "requestParameters": {"endpointName": "e", "inputLocation": "s3://in/b.csv"},
    "inferenceId": "b",
}


def enveloped(message: dict[str, Any]) -> str:
    return json.dumps({"Type": "Notification", "TopicArn": "arn", "Message": json.dumps(message)})


@pytest.mark.parametrize("body", [json.dumps(COMPLETED), enveloped(COMPLETED)], ids=["raw", "enveloped"])
def test_a_completed_result_says_where_it_is(body: str) -> None:
    assert parse(body) == ("a", Outcome(status=Status.COMPLETED, location="s3://out/success/a.out"))


@pytest.mark.parametrize("body", [json.dumps(FAILED), enveloped(FAILED)], ids=["raw", "enveloped"])
def test_a_failed_one_says_why(body: str) -> None:
    assert parse(body) == ("b", Outcome(status=Status.FAILED, reason="ClientError: 400"))


@pytest.mark.parametrize(
    "body", ["", "[]", "7", "{}", "null", '{"Type": "Notification"}', '{"invocationStatus": "Completed"}']
)
def test_a_message_that_is_none_of_sagemakers_is_an_error(body: str) -> None:
    with pytest.raises(UnknownMessage):
        parse(body)


def test_a_message_of_others_is_free_at_once_the_first_time_and_hidden_longer_each_time_after() -> None:
    seconds = [hidden_for(receives) for receives in range(1, 10)]
    assert seconds[0] == 0
    assert seconds == sorted(seconds)
    assert 0 < seconds[1] < seconds[-1] == 300
