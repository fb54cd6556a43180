"""Asks the function behind, which asks the endpoint: as long as there is time, and not at all where it is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from hybrid_lookup.budget import Budget, OutOfTime
from hybrid_lookup.correlation import FIELD, Log
from hybrid_lookup.logic import Answer
from hybrid_lookup.request import Ask

_REFUSED = "TooManyRequestsException"
_MILLISECONDS = 1000


class FunctionFailed(Exception):
    """The function behind failed; why is in its own log."""


class Computing:
    """The function that computes answers; its concurrency is bounded, so that it refuses. The client is handed in.

    The client must not try again: a refusal is final, and the caller gets the default at once.
    """

    def __init__(self, lambda_: Any, *, function_name: str, model_version: str) -> None:
        self._lambda = lambda_
        self._function_name = function_name
        self._model_version = model_version

    def compute(self, asks: Sequence[Ask], budget: Budget, log: Log) -> Mapping[str, Mapping[str, Any]]:
        """What the endpoint says of each id: an ``answer``, or ``why`` there is none."""
        event = {
            "mode": "answer",
            FIELD: log.correlation_id,
            "model_version": self._model_version,
            "milliseconds": int(budget.left * _MILLISECONDS),
            "requests": [
                {"id": ask.id, "payload": ask.payload, "feature_version": ask.feature_version} for ask in asks
            ],
        }
        try:
            told = budget.call(self._invoke, event, "RequestResponse")
        except (OutOfTime, ReadTimeoutError):
            return _all(asks, "no time")
        except ClientError as error:
            return _all(asks, "refused" if error.response["Error"]["Code"] == _REFUSED else "failed")
        except (BotoCoreError, ValueError, FunctionFailed) as error:
            log.write({"Outcome": "NotComputed", "Records": len(asks), "Error": type(error).__name__})
            return _all(asks, "failed")
        if told["model_version"] != self._model_version:
            return _all(asks, "deploying")
        answers: Mapping[str, Mapping[str, Any]] = told["answers"]
        return answers

    def compare(self, stored: Sequence[tuple[Ask, Answer]], budget: Budget, log: Log) -> None:
        """Have stored answers compared with fresh ones, some time; where that fails the caller is answered as well."""
        records = [{"id": ask.id, "payload": ask.payload, "answer": answer.answer} for ask, answer in stored]
        event = {
            "mode": "compare",
            FIELD: log.correlation_id,
            "model_version": self._model_version,
            "requests": records,
        }
        try:
            budget.call(self._invoke, event, "Event")
        except (OutOfTime, ClientError, BotoCoreError) as error:
            log.write({"Outcome": "NotCompared", "Records": len(records), "Error": type(error).__name__})

    def _invoke(self, event: Mapping[str, Any], kind: str) -> dict[str, Any]:
        payload = json.dumps(event, ensure_ascii=False).encode()
        answer = self._lambda.invoke(FunctionName=self._function_name, InvocationType=kind, Payload=payload)
        if kind == "Event":
            return {}
        found = json.loads(answer["Payload"].read())
        if "FunctionError" in answer or not isinstance(found, dict):
            raise FunctionFailed
        return found


def _all(asks: Sequence[Ask], why: str) -> dict[str, dict[str, str]]:
    return {ask.id: {"why": why} for ask in asks}
