"""Answers callers: from the table what may be served, from the endpoint what there is room for, else by default.

All stored answers of a request are of the batch that the pointer names as the request begins, and all others of the
same version of the model: no request sees a mixture.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from hybrid_lookup import logic
from hybrid_lookup.budget import Budget, OutOfTime
from hybrid_lookup.computing import Computing
from hybrid_lookup.correlation import FIELD, Log
from hybrid_lookup.logic import STORED, Answer
from hybrid_lookup.measures import log_lines
from hybrid_lookup.reading import Table
from hybrid_lookup.request import Ask, BadRequest, asks_of, body_of, correlation_of, is_http
from hybrid_lookup.settings import Settings

_MILLISECONDS = 1000
_POST = "POST"
_SHOWN = 300


class Lookup:
    """Answers requests. What it asks is handed in."""

    def __init__(self, settings: Settings, *, table: Table, computing: Computing) -> None:
        self._settings = settings
        self._table = table
        self._computing = computing

    def answer(self, event: Any, request_id: str | None = None) -> dict[str, Any]:
        """Answer a request that came directly or over HTTP; one that is wrong gets an ``error`` that says why.

        ``request_id`` is that of Lambda, the request's own where the caller gave none.
        """
        log = Log.of(correlation_of(event), request_id)
        status, found = self._answered(event, log)
        found = {**found, FIELD: log.correlation_id}
        return _over_http(status, found) if is_http(event) else found

    def _answered(self, event: Any, log: Log) -> tuple[int, dict[str, Any]]:
        if is_http(event) and event["requestContext"]["http"].get("method", _POST) != _POST:
            return 405, {"error": "a look-up is a POST"}
        try:
            found = self.look_up(asks_of(body_of(event), self._settings), log)
        except BadRequest as error:
            return 400, {"error": str(error)}
        size, longest = len(json.dumps(found)), self._settings.payload_bytes
        if size > longest:
            return 413, {"error": f"answers must have at most {longest} bytes together, got {size}; ask for fewer"}
        return 200, found

    def look_up(self, asks: Sequence[Ask], log: Log) -> dict[str, Any]:
        """The answers, in the order of what was asked, within the time of a request."""
        budget, now = Budget(self._settings.timeout_milliseconds / _MILLISECONDS), time.time()
        batch, found = self._found(asks, budget, log)
        judged = {ask.id: logic.stored(ask, batch, found, now, self._settings) for ask in asks}
        told = self._told([ask for ask in asks if isinstance(judged[ask.id], str)], budget, log)
        answers = [self._answer(ask, judged[ask.id], told) for ask in asks]
        for line in log_lines(answers, round(budget.used * _MILLISECONDS), self._settings, now):
            log.write(line)
        self._compare(list(zip(asks, answers, strict=True)), budget, log)
        return {"batch": batch, "answers": [answer.as_json() for answer in answers]}

    def _found(self, asks: Sequence[Ask], budget: Budget, log: Log) -> tuple[str | None, dict[str, logic.Item | None]]:
        """The batch that is served, and what there is of it and beside it. Whatever fails is not found."""
        batch = None
        try:
            batch = budget.call(self._table.batch)
            wanted = [key for ask in asks for key in logic.keys_of(ask, batch, self._settings)]
            return batch, budget.call(self._table.read, wanted, budget)
        except (OutOfTime, ClientError, BotoCoreError) as error:
            log.write({"Outcome": "NotRead", "Error": type(error).__name__, "Reason": str(error)[:_SHOWN]})
            return batch, {}

    def _told(self, asks: Sequence[Ask], budget: Budget, log: Log) -> Mapping[str, Mapping[str, Any]]:
        """What the endpoint says of those that have a payload; the others cannot be asked for."""
        without = {ask.id: {"why": "no payload"} for ask in asks if ask.payload is None}
        able = [ask for ask in asks if ask.payload is not None]
        return {**without, **self._computing.compute(able, budget, log)} if able else without

    def _answer(self, ask: Ask, judged: Answer | str, told: Mapping[str, Mapping[str, Any]]) -> Answer:
        return judged if isinstance(judged, Answer) else logic.computed(ask, judged, told.get(ask.id), self._settings)

    def _compare(self, answered: Sequence[tuple[Ask, Answer]], budget: Budget, log: Log) -> None:
        share = self._settings.comparison_share
        sampled = [
            (ask, answer)
            for ask, answer in answered
            if answer.path == STORED and ask.payload is not None and random.random() < share
        ]
        if sampled:
            self._computing.compare(sampled, budget, log)


def _over_http(status: int, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}


def _wired(settings: Settings) -> Lookup:
    seconds = settings.timeout_milliseconds / _MILLISECONDS
    once = Config(connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": 1})
    twice = Config(connect_timeout=seconds / 2, read_timeout=seconds / 2, retries={"total_max_attempts": 2})
    return Lookup(
        settings,
        table=Table(
            boto3.client("dynamodb", config=twice),
            table_name=settings.table_name,
            keys_per_read=settings.keys_per_read,
        ),
        computing=Computing(
            boto3.client("lambda", config=once),
            function_name=settings.compute_function_name,
            model_version=settings.model_version,
        ),
    )


_lookup = _wired(Settings.from_environment(os.environ))


def handle(event: Any, context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return _lookup.answer(event, context.aws_request_id)
