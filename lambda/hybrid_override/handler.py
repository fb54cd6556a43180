"""Marks the stored answers for records as out of date: what was computed before is not served any more."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from hybrid_override.correlation import FIELD, Log
from hybrid_override.logic import BadRequest, body_of, correlation_of, ids_of, is_http, item_of
from hybrid_override.settings import Settings

_AT_ONCE = 16


class Override:
    """Overrides answers. The client is handed in."""

    def __init__(self, settings: Settings, *, dynamodb: Any) -> None:
        self._settings = settings
        self._dynamodb = dynamodb

    def answer(self, event: Any, request_id: str | None = None) -> dict[str, Any]:
        """Override what an event says that came directly or over HTTP; a wrong one gets an ``error`` that says why.

        ``request_id`` is that of Lambda, the request's own where the caller gave none.
        """
        log = Log.of(correlation_of(event), request_id)
        try:
            status, found = 200, self.override(ids_of(body_of(event), self._settings))
            log.write({"Outcome": "Overridden", "Records": found["overridden"]})
        except BadRequest as error:
            status, found = 400, {"error": str(error)}
        found = {**found, FIELD: log.correlation_id}
        if not is_http(event):
            return found
        return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(found)}

    def override(self, ids: list[str]) -> dict[str, Any]:
        """Override these records from now on; raises what the table says where it does not take one of them."""
        since = round(time.time(), 3)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda record: self._write(item_of(record, since, self._settings)), ids))
        return {"since": since, "overridden": len(ids)}

    def _write(self, item: Mapping[str, Any]) -> None:
        """Write an override unless a later one is there."""
        try:
            self._dynamodb.put_item(
                TableName=self._settings.table_name,
                Item=item,
                ConditionExpression="attribute_not_exists(pk) OR since < :since",
                ExpressionAttributeValues={":since": item["since"]},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise


_override = Override(
    Settings.from_environment(os.environ),
    dynamodb=boto3.client("dynamodb", config=Config(max_pool_connections=_AT_ONCE)),
)


def handle(event: Any, context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return _override.answer(event, context.aws_request_id)
