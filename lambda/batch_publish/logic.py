"""What is copied where, and whether a batch may be published at all. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_COMPLETE = "Complete"
# A portion is copied well within the time that is to spare: so many objects, or as many as make so many bytes.
_MOST_OBJECTS = 500
_MOST_BYTES = 20 * 1024**3


class BatchIncomplete(Exception):
    """Shards have failed; the message says which, why, and where the report is. Step Functions shows its name."""


def is_to_be_run_again(event: Mapping[str, Any]) -> bool:
    """Whether the failed shards are to run again: the execution was redriven since its report.

    A complete batch is published. Raises ``BatchIncomplete`` for another: the execution fails here, and so a redrive
    begins here.
    """
    report = event["report"]
    if report["status"] == _COMPLETE:
        return False
    if event["redrive_count"] > report["redrive_count"]:
        return True
    resume = json.dumps({"resume": event["plan"]["run"]})
    raise BatchIncomplete(
        f"{report['reason']}; nothing was published; report: {report['location']}; mend what failed, then redrive this "
        f"execution or start one with {resume}: the failed shards alone run again"
    )


def portions(objects: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    """Keys, of keys and sizes, in portions of many small objects or of few large ones."""
    portion: list[str] = []
    total = 0
    for key, size in objects:
        if portion and (len(portion) >= _MOST_OBJECTS or total + size > _MOST_BYTES):
            yield portion
            portion, total = [], 0
        portion.append(key)
        total += size
    if portion:
        yield portion


def published_key(key: str, plan: Mapping[str, Any], lead: str) -> str | None:
    """Where an object of the run goes: ``WORK/shards/N/answers/LEAD NAME`` to ``RESULTS/answers/NAME``.

    What is no answer goes nowhere.
    """
    _, _, below = key.removeprefix(plan["work"]).partition("shards/")
    _, _, below = below.partition("/")
    kind, _, name = below.partition("/")
    return f"{plan['results']}answers/{name.removeprefix(lead)}" if kind == "answers" and name else None
