"""The status table, asked in DynamoDB's own words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from constructs_lib.client import Status
from constructs_lib.client.notifications import Outcome
from constructs_lib.client.status_table import StatusTable
from constructs_lib.facts import calls
from constructs_lib.local import LocalAws
from tests.client.conftest import AsyncStack
from tests.local.conftest import any_name


def test_the_items_of_the_consumer_become_outcomes() -> None:
    items = [
        {"InferenceId": {"S": "a"}, "Status": {"S": "Completed"}, "OutputLocation": {"S": "s3://out/a"}},
        {
            "InferenceId": {"S": "b"},
            "Status": {"S": "Failed"},
            "FailureLocation": {"S": "s3://out/b"},
            "FailureReason": {"S": "no"},
            "ExpiresAt": {"N": "1"},
        },
        {"InferenceId": {"S": "c"}, "SubmittedTime": {"N": "1"}, "OutputLocation": {"S": "s3://out/c"}},
    ]
    dynamodb = SimpleNamespace(batch_get_item=lambda **_: {"Responses": {"t": items}})
    connections: Any = SimpleNamespace(service=lambda _: dynamodb)
    assert StatusTable(connections, "t").outcomes(["a", "b", "c", "d"]) == {
        "a": Outcome(status=Status.COMPLETED, location="s3://out/a"),
        "b": Outcome(status=Status.FAILED, location="s3://out/b", reason="no"),
        "c": Outcome(status=Status.SUBMITTED, location="s3://out/c"),
    }


def test_no_more_keys_go_into_a_call_than_dynamodb_takes_and_none_twice() -> None:
    asked: list[int] = []

    def batch_get_item(RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - DynamoDB's names
        asked.append(len(RequestItems["t"]["Keys"]))
        return {"Responses": {}}

    connections: Any = SimpleNamespace(service=lambda _: SimpleNamespace(batch_get_item=batch_get_item))
    ids = [str(number) for number in range(calls.BATCH_GET.maximum + 1)]
    StatusTable(connections, "t").outcomes([*ids, *ids])
    assert asked == [calls.BATCH_GET.maximum, 1]


def test_a_client_finds_what_became_of_a_request_by_its_id_alone(local_aws: LocalAws, async_stack: AsyncStack) -> None:
    dynamodb, table = local_aws.client("dynamodb"), any_name("status")
    dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "InferenceId", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "InferenceId", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client = async_stack.client(status_table=table, notification_queue_url=None)
    sent = client.submit("hello")
    found = async_stack.client(status_table=table, notification_queue_url=None).result_of(sent.inference_id)
    assert found.status() is Status.UNKNOWN
    dynamodb.put_item(TableName=table, Item={"InferenceId": {"S": sent.inference_id}, "Status": {"S": "Submitted"}})
    assert found.status() is Status.SUBMITTED
    sent.wait(20)  # by S3: nobody has written the table
    item = {"InferenceId": sent.inference_id, "Status": "Completed", "OutputLocation": sent.output_location}
    dynamodb.put_item(TableName=table, Item={name: {"S": value} for name, value in item.items()})
    assert found.result(20).text == "HELLO"
