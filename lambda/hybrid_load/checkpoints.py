"""How far an object is loaded: an item of the table, which only ever moves on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from hybrid_load import keys
from hybrid_load.logic import Load


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Everything before ``offset`` is a row or a dead letter: so many lines, of which so many records."""

    etag: str
    offset: int = 0
    lines: int = 0
    loaded: int = 0
    failed: int = 0
    done: bool = False


class Checkpoints:
    """The checkpoints of a table. The client is handed in."""

    def __init__(self, dynamodb: Any, *, table_name: str) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name

    def find(self, load: Load) -> Checkpoint | None:
        """How far an object is loaded, if it was begun."""
        key = {"pk": {"S": keys.load(load.batch, load.index)}}
        found = self._dynamodb.get_item(TableName=self._table_name, Key=key, ConsistentRead=True).get("Item")
        if found is None:
            return None
        numbers = {name: int(found[name]["N"]) for name in ("offset", "lines", "loaded", "failed")}
        return Checkpoint(etag=found["etag"]["S"], done=found["done"]["BOOL"], **numbers)

    def save(self, load: Load, reached: Checkpoint, expires_at: int) -> bool:
        """Save how far it is; whether no other call, at the same object at the same time, was further."""
        item = {
            "pk": {"S": keys.load(load.batch, load.index)},
            "object": {"S": f"s3://{load.bucket}/{load.key}"},
            "etag": {"S": reached.etag},
            **{name: {"N": str(getattr(reached, name))} for name in ("offset", "lines", "loaded", "failed")},
            "done": {"BOOL": reached.done},
            "expires_at": {"N": str(expires_at)},
        }
        try:
            self._dynamodb.put_item(
                TableName=self._table_name,
                Item=item,
                ConditionExpression="attribute_not_exists(pk) OR (#offset < :offset AND etag = :etag)",
                ExpressionAttributeNames={"#offset": "offset"},
                ExpressionAttributeValues={":offset": item["offset"], ":etag": item["etag"]},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True
