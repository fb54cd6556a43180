"""What is copied where, and whether a batch may be published at all. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_COMPLETE = "Complete"


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
    raise BatchIncomplete(f"{report['reason']}; nothing was published; report: {report['location']}")


def published_key(key: str, plan: Mapping[str, Any], lead: str) -> str | None:
    """Where an object of the run goes: ``WORK/shards/N/answers/LEAD NAME`` to ``RESULTS/answers/NAME``.

    What is no answer goes nowhere.
    """
    _, _, below = key.removeprefix(plan["work"]).partition("shards/")
    _, _, below = below.partition("/")
    kind, _, name = below.partition("/")
    return f"{plan['results']}answers/{name.removeprefix(lead)}" if kind == "answers" and name else None
