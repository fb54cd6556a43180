"""Takes what an asynchronous endpoint says of its requests: writes their status, counts them, logs them."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from async_results.correlation import Log
from async_results.logic import MalformedMessage, Result, log_line, update_of
from async_results.settings import Settings

_SECONDS_PER_DAY = 86_400


class Consumer:
    """Takes batches of the notification queue. The table is handed in; without one nothing is written but the log."""

    def __init__(self, settings: Settings, *, table: Any | None) -> None:
        self._settings = settings
        self._table = table

    def consume(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Take a batch; names the messages that failed, so that those alone come again and at last are dead letters."""
        failed = [record["messageId"] for record in event["Records"] if not self._take(record)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    def _take(self, record: Mapping[str, Any]) -> bool:
        try:
            result = Result.from_body(record["body"])
            is_first = self._write(result)
        except (MalformedMessage, ClientError, BotoCoreError) as error:
            Log.of(None, record["messageId"]).write(
                {"Outcome": "NotTaken", "MessageId": record["messageId"], "Reason": str(error)}
            )
            return False
        # Whoever asks the endpoint without our client may give any inference id.
        log = Log.of(result.inference_id, record["messageId"])
        log.write(log_line(result, self._settings.metric_namespace, time.time(), is_duplicate=not is_first))
        return True

    def _write(self, result: Result) -> bool:
        """Whether this is the first outcome of the request, as far as a table can tell."""
        if self._table is None:
            return True
        expires_at = int(time.time()) + self._settings.status_expires_in_days * _SECONDS_PER_DAY
        try:
            self._table.update_item(**update_of(result, expires_at))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True


def _wired(settings: Settings) -> Consumer:
    name = settings.status_table_name
    return Consumer(settings, table=boto3.resource("dynamodb").Table(name) if name else None)


_consumer = _wired(Settings.from_environment(os.environ))


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Lambda's entry point."""
    del context
    return _consumer.consume(event)
