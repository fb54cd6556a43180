"""Whether a shard is complete: an answer for each input, as many records out as in. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

COMPLETE = "Complete"
FAILED = "Failed"
_SHOWN = 100
_TRIED = 10
_MILLISECONDS = 1000
_REASON_LENGTH = 1000


def inputs_of(manifest: Sequence[Any]) -> tuple[str, list[str]]:
    """The prefix of a manifest, ``s3://BUCKET/FOLDER/``, and the names below it."""
    head, *names = manifest
    return head["prefix"], names


def lead_of(names: Sequence[str], answers: Set[str]) -> str:
    """A folder that stands before the names of all answers; usually there is none.

    AWS says that an answer lies "in a corresponding subfolder", and shows one that has the prefix of the input. Whether
    that holds for manifests nobody says. So it is looked for, with a few inputs, as some may have no answer.
    """
    some = [f"{name}.out" for name in names[:_TRIED]]
    if any(name in answers for name in some):
        return ""
    return next((each.removesuffix(name) for name in some for each in answers if each.endswith(f"/{name}")), "")


def missing(names: Iterable[str], answers: Set[str], lead: str) -> list[str]:
    """The inputs that have no answer."""
    return [name for name in names if f"{lead}{name}.out" not in answers]


def records(chunks: Iterable[bytes]) -> int:
    """The lines of an object that comes in pieces; blank ones are none, and the last one needs no line break."""
    count, has_text = 0, False
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        has_text = has_text or bool(first.strip())
        if others:
            *whole, last = others
            count += has_text + sum(map(bool, map(bytes.strip, whole)))
            has_text = bool(last.strip())
    return count + has_text


def run_of(event: Mapping[str, Any]) -> str:
    """The run of a shard, by which all of a batch is found: its work lies in a folder of that name."""
    return str(event["work"]).rstrip("/").rpartition("/")[2]


def miscounted(counts: Mapping[str, tuple[int | None, int]]) -> Iterator[str]:
    """What has another number of answers than of records; ``None`` is that of a damaged archive."""
    for name, (read, answered) in counts.items():
        if read is None:
            yield f"{name}: its archive is damaged, and its records cannot be counted"
        elif read != answered:
            yield f"{name}: {read} records, {answered} answers"


def result(
    event: Mapping[str, Any],
    names: Sequence[str],
    absent: Sequence[str],
    counts: Mapping[str, tuple[int | None, int]],
    lead: str,
) -> dict[str, Any]:
    """What is kept of a shard."""
    reasons = [text for text in (failure(event), _absence(names, absent)) if text]
    wrong = list(miscounted(counts))
    reasons += wrong[:_SHOWN]
    found: dict[str, Any] = {
        "shard": event["shard"],
        "status": FAILED if reasons else COMPLETE,
        "objects": len(names),
        "answers": len(names) - len(absent),
        "missing": list(absent[:_SHOWN]),
        "lead": lead,
        "jobs": [job(attempt) for attempt in event["attempts"]],
    }
    if reasons:
        found["reason"] = "; ".join(reasons)[:_REASON_LENGTH]
    if counts:
        found["records"] = sum(read or 0 for read, _ in counts.values())
        found["answered_records"] = sum(answered for _, answered in counts.values())
    return found


def failure(event: Mapping[str, Any]) -> str | None:
    """Why the last job failed, if it did."""
    reason = event["attempts"][-1].get("reason") if event["attempts"] else "no job was started"
    return None if reason is None else str(reason)


def _absence(names: Sequence[str], absent: Sequence[str]) -> str | None:
    if not absent:
        return None
    return f"{len(absent)} of {len(names)} objects have no answer: {', '.join(absent[:3])}"


def job(attempt: Mapping[str, Any]) -> dict[str, Any]:
    """A job in short, with the seconds that its instances are paid for: SageMaker counts from start to end."""
    described = attempt.get("job") or {}
    resources = described.get("TransformResources", {})
    seconds = 0.0
    if "TransformStartTime" in described and "TransformEndTime" in described:
        seconds = (described["TransformEndTime"] - described["TransformStartTime"]) / _MILLISECONDS
    found = {
        "name": attempt["name"],
        "instance_type": attempt["instance_type"],
        "instance_seconds": max(0.0, seconds) * int(resources.get("InstanceCount", 0)),
    }
    return found if attempt.get("reason") is None else {**found, "reason": attempt["reason"]}


def as_attempts(value: Any) -> list[Mapping[str, Any]]:
    """JSONata makes one item of a list of one; a list it is again. The cause of a failed job is the job as JSON."""
    listed: list[Mapping[str, Any]] = value if isinstance(value, list) else [value]
    return [_read(attempt) for attempt in listed]


def _read(attempt: Mapping[str, Any]) -> Mapping[str, Any]:
    if "error" not in attempt:
        return attempt
    cause = attempt.get("cause") or ""
    described = _described(cause)
    reason = described.get("FailureReason") or described.get("TransformJobStatus") if described else cause
    return {**attempt, "job": described, "reason": f"{attempt['error']}: {reason}"}


def _described(cause: str) -> dict[str, Any]:
    try:
        found = json.loads(cause)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and "TransformJobStatus" in found else {}
