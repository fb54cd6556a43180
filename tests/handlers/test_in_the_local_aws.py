"""The conditions of the writes, judged by a table and a bucket that are not made for these tests."""

from __future__ import annotations

import importlib
import json
import time
from contextlib import suppress
from dataclasses import replace
from types import ModuleType
from typing import Any
from uuid import uuid4

import boto3
import pytest

from async_results.settings import Settings as ResultsSettings
from async_submit.claims import Claims, InProgress, Submitted
from async_submit.logic import Upload, inference_id
from async_submit.settings import Settings as SubmitSettings
from constructs_lib.local import LocalAws
from constructs_lib.testing import local_aws
from hybrid_load.checkpoints import Checkpoint, Checkpoints
from hybrid_load.logic import Load
from hybrid_override.settings import Settings as OverrideSettings
from hybrid_switch.logic import Batch, Counts, pointer
from tests.handlers.loads import EVENT as LOAD_EVENT
from tests.handlers.messages import RESULTS_ENVIRONMENT, SUBMIT_ENVIRONMENT, batch, completed, created, failed
from tests.handlers.tables import OVERRIDE_ENVIRONMENT

ID = inference_id(Upload.from_event(created()), 28)


aws = local_aws(permissions=False, scope="module")


@pytest.fixture
def table(aws: LocalAws) -> Any:
    """A fresh table of the construct's shape."""
    name = f"status-{uuid4().hex}"
    aws.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "InferenceId", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "InferenceId", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    session = boto3.session.Session(aws_access_key_id="any", aws_secret_access_key="any", region_name="us-east-1")
    return session.resource("dynamodb", endpoint_url=aws.endpoint_url).Table(name)


@pytest.fixture
def claims(aws: LocalAws) -> Claims:
    bucket = f"outputs-{uuid4().hex}"
    aws.client("s3").create_bucket(Bucket=bucket)
    return Claims(aws.client("s3"), bucket=bucket, prefix="submitted/", seconds=40, clock=time.time)


class Journey:
    """One request between both handlers, with everything real but the endpoint."""

    def __init__(self, submit: ModuleType, results: ModuleType, claims: Claims, table: Any) -> None:
        runtime = boto3.client("sagemaker-runtime", region_name="us-east-1")
        self.sent: list[str] = []
        runtime.invoke_endpoint_async = self._invoke
        settings = replace(SubmitSettings.from_environment(SUBMIT_ENVIRONMENT), status_expires_in_days=1)
        self._submitter = submit.Submitter(settings, runtime=runtime, claims=claims, table=table)
        read = replace(ResultsSettings.from_environment(RESULTS_ENVIRONMENT), status_expires_in_days=1)
        self._consumer = results.Consumer(read, table=table)
        self._table = table

    def _invoke(self, **request: Any) -> dict[str, str]:
        self.sent.append(request["InferenceId"])
        return {"OutputLocation": "s3://outputs/success/x.out"}

    def submit(self) -> None:
        self._submitter.submit(created())

    def tell(self, message: dict[str, Any]) -> None:
        assert self._consumer.consume(batch(message)) == {"batchItemFailures": []}

    def item(self) -> dict[str, Any]:
        [item] = self._table.scan()["Items"]
        return dict(item)


@pytest.fixture
def journey(submit_handler: ModuleType, results_handler: ModuleType, claims: Claims, table: Any) -> Journey:
    return Journey(submit_handler, results_handler, claims, table)


def test_a_request_is_submitted_and_then_completed(journey: Journey) -> None:
    journey.submit()
    assert journey.item()["Status"] == "Submitted"
    journey.tell(completed(ID))
    item = journey.item()
    assert item["Status"] == "Completed"
    assert item["InferenceId"] == ID
    assert item["OutputLocation"] == "s3://outputs/success/1.out"
    assert item["SubmittedTime"] > 0
    assert item["ExpiresAt"] > time.time()


def test_a_failed_request_keeps_no_output(journey: Journey) -> None:
    journey.submit()
    journey.tell(failed(ID))
    item = journey.item()
    assert item["Status"] == "Failed"
    assert item["FailureReason"].startswith("Received client error (400)")
    assert item["FailureLocation"] == "s3://outputs/failure/1-error.out"
    assert "OutputLocation" not in item


def test_a_late_submission_does_not_overwrite_a_result(journey: Journey) -> None:
    journey.tell(completed(ID))
    journey.submit()
    assert journey.item()["Status"] == "Completed"


@pytest.mark.parametrize("second", [completed(ID), failed(ID)])
def test_the_first_result_stays(journey: Journey, second: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    journey.tell(completed(ID))
    before = journey.item()
    journey.tell(second)
    assert journey.item() == before
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["Duplicates"] for line in lines] == [0, 1]


def test_an_event_that_comes_twice_is_submitted_once(journey: Journey) -> None:
    journey.submit()
    journey.submit()
    assert journey.sent == [ID]


def test_s3_heeds_the_conditions_of_a_claim(claims: Claims) -> None:
    held = claims.take(ID)
    assert not isinstance(held, Submitted)
    with pytest.raises(InProgress):
        claims.take(ID)
    claims.release(held)
    again = claims.take(ID)
    assert not isinstance(again, Submitted)
    with pytest.raises(InProgress):
        claims.confirm(held, {"InferenceId": ID})
    claims.confirm(again, {"InferenceId": ID})
    assert claims.take(ID) == Submitted({"InferenceId": ID})


@pytest.fixture
def predictions(aws: LocalAws) -> str:
    """A fresh table of hybrid inference."""
    name = f"predictions-{uuid4().hex}"
    aws.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def test_the_table_never_lets_the_pointer_go_back(aws: LocalAws, predictions: str) -> None:
    dynamodb, counts = aws.client("dynamodb"), Counts(loaded=1, failed=0)

    def move(name: str, computed_at: int) -> str:
        batch = Batch(name=name, objects=1, model_version="m", feature_version="f", computed_at=computed_at, rows=None)
        with suppress(dynamodb.exceptions.ConditionalCheckFailedException):
            dynamodb.put_item(TableName=predictions, **pointer(batch, counts, 0.0))
        found = dynamodb.get_item(TableName=predictions, Key={"pk": {"S": "pointer"}}, ConsistentRead=True)
        return str(found["Item"]["batch"]["S"])

    moves = [("b1", 900), ("b3", 1000), ("b2", 950), ("b4", 1000), ("b3", 1000), ("b5", 1001)]
    assert [move(*each) for each in moves] == ["b1", "b3", "b3", "b3", "b3", "b5"]


def test_the_table_lets_a_checkpoint_only_move_on(aws: LocalAws, predictions: str) -> None:
    checkpoints, load = Checkpoints(aws.client("dynamodb"), table_name=predictions), Load.from_event(LOAD_EVENT)
    assert checkpoints.find(load) is None
    for offset, etag, is_saved in (
        (20, "a", True),
        (20, "a", False),
        (100, "a", True),
        (99, "a", False),
        (101, "b", False),
    ):
        reached = Checkpoint(etag=etag, offset=offset, lines=offset, loaded=1, failed=2, done=offset == 100)
        assert checkpoints.save(load, reached, expires_at=1) is is_saved, offset
    assert checkpoints.find(load) == Checkpoint(etag="a", offset=100, lines=100, loaded=1, failed=2, done=True)


def test_the_table_keeps_the_later_override(aws: LocalAws, predictions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (OVERRIDE_ENVIRONMENT | {"AWS_DEFAULT_REGION": "us-east-1"}).items():
        monkeypatch.setenv(name, value)
    handler = importlib.import_module("hybrid_override.handler")
    settings = replace(OverrideSettings.from_environment(OVERRIDE_ENVIRONMENT), table_name=predictions)
    override = handler.Override(settings, dynamodb=aws.client("dynamodb"))
    for now in (1000.5, 999.0, 1000.75):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        override.override(["u"])
        monkeypatch.undo()
    found = aws.client("dynamodb").get_item(TableName=predictions, Key={"pk": {"S": "override/u"}})
    assert float(found["Item"]["since"]["N"]) == 1000.75
