"""From records to requests of the endpoint, and from its answers back to records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hybrid_compute import keys
from hybrid_compute.settings import Settings

# Types of which a request holds many records, one a line, and so do the answers.
_LINES = ("text/csv", "application/jsonlines", "application/x-jsonlines")
# Ids of a line of the log, which would be cut, and not counted, if it held hundreds of long ones.
_SHOWN = 20
_CONFIGS_THAT_STAND = ("InService", "Updating", "SystemUpdating")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record to ask for; ``answer`` is the stored one where it is compared."""

    id: str
    payload: str
    feature_version: str | None = None
    answer: str | None = None

    @classmethod
    def from_event(cls, found: Mapping[str, Any]) -> Record:
        """Read one of the event's."""
        return cls(
            id=found["id"],
            payload=found["payload"],
            feature_version=found.get("feature_version"),
            answer=found.get("answer"),
        )


def serves(described: Mapping[str, Any], config_name: str) -> bool:
    """Whether an endpoint serves with this configuration and no other, as DescribeEndpoint says.

    While it is scaled it is ``Updating`` as well, and serves. While it is deployed to, some requests may reach the one
    version and some the other: nobody could say of which an answer is.
    """
    return (
        described["EndpointConfigName"] == config_name
        and described["EndpointStatus"] in _CONFIGS_THAT_STAND
        and "PendingDeploymentSummary" not in described
    )


def takes_lines(content_type: str) -> bool:
    """Whether a request may hold many records."""
    return content_type.partition(";")[0].strip().lower() in _LINES


def is_sound(record: Record, settings: Settings) -> bool:
    """Whether a payload is one record for the endpoint: a line break would make two, and shift all answers after it."""
    if takes_lines(settings.content_type) and ("\n" in record.payload or "\r" in record.payload):
        return False
    return bool(record.payload.strip()) and len(record.payload.encode()) <= settings.payload_bytes


def groups(records: Iterable[Record], settings: Settings, *, together: bool) -> Iterator[list[Record]]:
    """The records of each request; all is one where they fit and ``together`` allows."""
    group: list[Record] = []
    total = 0
    for record in records:
        size = len(record.payload.encode()) + 1
        if group and (not together or total + size > settings.payload_bytes):
            yield group
            group, total = [], 0
        group.append(record)
        total += size
    if group:
        yield group


def body_of(group: Sequence[Record]) -> bytes:
    """The body of a request."""
    return "\n".join(record.payload for record in group).encode()


def answers_of(body: bytes, count: int, settings: Settings) -> list[str] | None:
    """An answer a record, or ``None`` where they are not as many: then nobody knows which is whose."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    lines = text.split("\n") if takes_lines(settings.content_type) else [text]
    answers = [line.strip("\r\n") for line in lines if line.strip()]
    return answers if len(answers) == count else None


def item_of(record: Record, answer: str, computed_at: float, settings: Settings) -> dict[str, dict[str, str]] | None:
    """The item to write back, or ``None`` where it would be too large for one."""
    item = {
        "pk": {"S": keys.fresh(settings.model_version, record.id)},
        "answer": {"S": answer},
        "model_version": {"S": settings.model_version},
        "computed_at": {"N": f"{computed_at:.3f}"},
        "expires_at": {"N": str(int(computed_at) + settings.fresh_expires_after_seconds)},
    }
    if record.feature_version is not None:
        item["feature_version"] = {"S": record.feature_version}
    size = sum(len(name) + len(text.encode()) for name, value in item.items() for text in value.values())
    return item if size <= settings.item_bytes else None


def log_line(compared: int, disagreed: Sequence[str], settings: Settings, now: float) -> dict[str, Any]:
    """What is logged of a comparison, in CloudWatch's embedded metric format: the line is the metric."""
    counts = {"Compared": compared, "Disagreed": len(disagreed)}
    metrics = [{"Name": name, "Unit": "Count"} for name in counts]
    directive = {"Namespace": settings.metric_namespace, "Dimensions": [["TableName"]], "Metrics": metrics}
    return {
        "_aws": {"Timestamp": round(now * 1000), "CloudWatchMetrics": [directive]},
        "TableName": settings.table_name,
        **counts,
        "Ids": list(disagreed[:_SHOWN]),
    }
