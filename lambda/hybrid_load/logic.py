"""From a line of answers to a row of the table, or to the reason why it is none. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hybrid_load import keys
from hybrid_load.lines import LONGEST, Line
from hybrid_load.settings import Settings

CSV = "text/csv"
Item = dict[str, dict[str, str]]
"""An item in the form of DynamoDB's API: each value beside the letter of its type."""
# The SDK's reader takes cells of 128 KB, a row of the table holds more.
csv.field_size_limit(LONGEST)


class Unusable(ValueError):
    """The record cannot be a row; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """An object of answers, and the batch that it is of. ``computed_at`` is in seconds of the epoch."""

    bucket: str
    key: str
    index: int
    batch: str
    model_version: str
    feature_version: str
    computed_at: int

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Load:
        """Read it; raises ``ValueError`` for names that cannot be part of a key, and for what is no such event."""
        try:
            return cls(
                bucket=str(event["bucket"]),
                key=str(event["key"]),
                index=int(event["index"]),
                batch=keys.checked_name("batch", event["batch"]),
                model_version=keys.checked_name("model_version", event["model_version"]),
                feature_version=str(event["feature_version"]),
                computed_at=int(event["computed_at"]),
            )
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"the event names no object of answers: {error!r:.100}") from error


def item_of(line: Line, load: Load, settings: Settings) -> Item:
    """The row that a line is; raises ``Unusable``."""
    if line.is_cut:
        raise Unusable(f"a line must have at most {LONGEST} bytes")
    try:
        text = line.content.decode()
        record, answer = (_of_csv if settings.answer_type == CSV else _of_json)(text, settings)
        answer.encode()
    except UnicodeError as error:
        raise Unusable(f"a record must be text in UTF-8: {error}") from error
    problem = keys.problem_of(record, settings.id_length)
    if problem:
        raise Unusable(problem)
    item = {
        "pk": {"S": keys.row(load.batch, record)},
        "answer": {"S": answer},
        "model_version": {"S": load.model_version},
        "feature_version": {"S": load.feature_version},
        "computed_at": {"N": str(load.computed_at)},
        "expires_at": {"N": str(load.computed_at + settings.row_expires_after_seconds)},
    }
    if size_of(item) > settings.item_bytes:
        raise Unusable(f"a row must have at most {settings.item_bytes} bytes, got {size_of(item)}")
    return item


def size_of(item: Item) -> int:
    """The bytes that DynamoDB counts, or a few more: its numbers take less than their digits."""
    return sum(len(name) + len(text.encode()) for name, value in item.items() for text in value.values())


def _of_csv(text: str, settings: Settings) -> tuple[str, str]:
    try:
        [cells] = csv.reader([text.removesuffix("\r")], strict=True)
    except (csv.Error, ValueError) as error:
        raise Unusable(f"a line must be CSV: {error}") from error
    columns = range(len(cells))
    try:
        of_id, first = columns[int(settings.id_member)], columns[int(settings.answer_member)]
    except IndexError:
        wanted = f"{settings.id_member} and {settings.answer_member}"
        raise Unusable(f"a record must have columns {wanted}, got {len(cells)} columns") from None
    answer = [cells[column] for column in columns[first:] if column != of_id]
    if not any(answer):
        raise Unusable(f"a record must have an answer in column {settings.answer_member}, got none")
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(answer)
    return cells[of_id], written.getvalue()


def _of_json(text: str, settings: Settings) -> tuple[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"a line must be JSON: {error}") from error
    if not isinstance(found, dict):
        raise Unusable("a line must be an object of JSON")
    missing = [name for name in (settings.id_member, settings.answer_member) if found.get(name) is None]
    if missing:
        raise Unusable(f"a record must have {' and '.join(missing)}")
    record = found[settings.id_member]
    if isinstance(record, int) and not isinstance(record, bool):
        record = str(record)
    return record, json.dumps(found[settings.answer_member], ensure_ascii=False, separators=(",", ":"))


def letter_of(line: Line, number: int, reason: str, load: Load, longest: int) -> str:
    """What the dead letter queue gets of a record that is no row, within ``longest`` bytes; ``id`` tells repeats."""
    told = {
        "id": f"{load.batch}/{load.index}/{number}",
        "batch": load.batch,
        "object": f"s3://{load.bucket}/{load.key}",
        "line": number,
        "reason": reason,
    }
    # A byte takes up to six in JSON, where all that is not ASCII is written out: so its text is within any queue's set.
    room = max(0, (longest - len(json.dumps(told)) - len(', "record": ""')) // 6)
    return json.dumps({**told, "record": line.content[:room].decode(errors="replace")})


def log_line(load: Load, counts: Mapping[str, int], settings: Settings, now: float) -> dict[str, Any]:
    """What is logged of a call, in CloudWatch's embedded metric format: the line is the metric."""
    metrics = [{"Name": name, "Unit": "Count"} for name in counts]
    directive = {"Namespace": settings.metric_namespace, "Dimensions": [["TableName"]], "Metrics": metrics}
    return {
        "_aws": {"Timestamp": round(now * 1000), "CloudWatchMetrics": [directive]},
        "correlation_id": load.batch,
        "TableName": settings.table_name,
        "Batch": load.batch,
        "Object": load.key,
        **counts,
    }
