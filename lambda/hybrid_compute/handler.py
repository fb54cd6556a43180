"""Asks the endpoint, for callers that wait or to compare what is stored; keeps what it answers for the next ones.

So many copies of this function run at once as the endpoint is to have requests, and no more: Lambda refuses the rest.
A fresh answer has the version of the model in its key and its time within, so that one that comes late harms nobody:
of another version it is never read, and older than what is served it is not taken.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from hybrid_compute import logic
from hybrid_compute.comparison import agree
from hybrid_compute.correlation import FIELD, Log
from hybrid_compute.endpoint import Endpoint
from hybrid_compute.logic import Record
from hybrid_compute.settings import Settings

_MILLISECONDS = 1000
_WRITES_AT_ONCE = 8
_COMPARE = "compare"


class Computer:
    """Computes answers. The endpoint and the client are handed in."""

    def __init__(self, settings: Settings, *, endpoint: Endpoint, dynamodb: Any) -> None:
        self._settings = settings
        self._endpoint = endpoint
        self._dynamodb = dynamodb

    def compute(self, event: Mapping[str, Any], request_id: str | None = None) -> dict[str, Any]:
        """Answer by id, or why there is none; the version is empty where no answer would be of the one asked for.

        ``request_id`` is that of Lambda, the request's own where the caller gave none.
        """
        log = Log.of(event.get(FIELD), request_id)
        wanted = self._settings.model_version
        if event["model_version"] != wanted or not self._endpoint.serves():
            return {"model_version": "", "answers": {}}
        records = [Record.from_event(found) for found in event["requests"]]
        if event["mode"] == _COMPARE:
            self._compare(records, log)
            return {"model_version": wanted, "answers": {}}
        return {"model_version": wanted, "answers": self._answers(records, event["milliseconds"] / _MILLISECONDS, log)}

    def _answers(self, records: Sequence[Record], seconds: float, log: Log) -> dict[str, dict[str, Any]]:
        # An answer is as old as the question: an override that comes meanwhile is newer.
        computed_at = round(time.time(), 3)
        answered = list(self._endpoint.ask(records, seconds, log))
        found = [(record, answer) for record, answer, _ in answered if answer is not None]
        log.write({"Outcome": "Asked", "Records": len(records), "Answered": len(found)})
        self._keep(found, computed_at, log)
        return {
            record.id: {"why": why} if answer is None else {"answer": answer, "computed_at": computed_at}
            for record, answer, why in answered
        }

    def _keep(self, answered: Sequence[tuple[Record, str]], computed_at: float, log: Log) -> None:
        if not self._settings.fresh_expires_after_seconds:
            return
        items = [logic.item_of(record, answer, computed_at, self._settings) for record, answer in answered]
        with ThreadPoolExecutor(_WRITES_AT_ONCE) as pool:
            list(pool.map(lambda item: self._write(item, log), [item for item in items if item is not None]))

    def _write(self, item: Mapping[str, Any], log: Log) -> None:
        """Write an answer unless a newer one is there; whoever asked is answered in any case."""
        try:
            self._dynamodb.put_item(
                TableName=self._settings.table_name,
                Item=item,
                ConditionExpression="attribute_not_exists(pk) OR computed_at < :computed_at",
                ExpressionAttributeValues={":computed_at": item["computed_at"]},
            )
        except (ClientError, BotoCoreError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
            if code != "ConditionalCheckFailedException":
                log.write({"Outcome": "NotKept", "Error": code or type(error).__name__})

    def _compare(self, records: Sequence[Record], log: Log) -> None:
        asked = self._endpoint.ask(records, self._settings.timeout_milliseconds / _MILLISECONDS, log)
        pairs = [(record, answer) for record, answer, _ in asked if answer is not None]
        tolerance = self._settings.tolerance
        disagreed = [record.id for record, answer in pairs if not agree(record.answer or "", answer, tolerance)]
        log.write(logic.log_line(len(pairs), disagreed, self._settings, time.time()))


def _wired(settings: Settings) -> Computer:
    seconds = settings.timeout_milliseconds / _MILLISECONDS
    once = Config(connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": 1})
    twice = Config(
        connect_timeout=seconds,
        read_timeout=seconds,
        retries={"total_max_attempts": 2},
        max_pool_connections=_WRITES_AT_ONCE,
    )
    endpoint = Endpoint(
        settings,
        control=boto3.client("sagemaker", config=twice),
        runtime=boto3.client("sagemaker-runtime", config=once),
    )
    return Computer(settings, endpoint=endpoint, dynamodb=boto3.client("dynamodb", config=twice))


_computer = _wired(Settings.from_environment(os.environ))


def handle(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return _computer.compute(event, context.aws_request_id)
