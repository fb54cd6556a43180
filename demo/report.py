"""The outcomes as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from demo.outcome import Check, Outcome

REPORT = "report.json"
COLUMNS = ("way of serving", "requests", "succeeded", "failed as expected", "accuracy", "median", "p99", "")


def table(outcomes: Mapping[str, Outcome], surroundings: Sequence[Check] = ()) -> str:
    """One line a way of serving, below them a line for each expectation that did not hold."""
    rows = [COLUMNS, *(_row(way, outcome) for way, outcome in outcomes.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = [_aligned(row, widths) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths).rstrip())
    for way, outcome in outcomes.items():
        lines += [f"{way}: not as expected: {check.what}: {check.found}" for check in outcome.failures]
    lines += [f"not as expected: {check.what}: {check.found}" for check in surroundings if not check.ok]
    return "\n".join(lines)


def _row(way: str, outcome: Outcome) -> tuple[str, ...]:
    return (
        way,
        str(outcome.requests),
        str(outcome.succeeded),
        str(outcome.failed_as_expected),
        "-" if outcome.accuracy is None else f"{outcome.accuracy:.1%}",
        _milliseconds(outcome.median_ms),
        _milliseconds(outcome.p99_ms),
        "ok" if outcome.ok else "FAILED",
    )


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    first, *middle, last = (
        cell.ljust(width) if column in (0, len(row) - 1) else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *middle, last]).rstrip()


def as_document(
    outcomes: Mapping[str, Outcome], surroundings: Sequence[Check], seconds: float, steps: Mapping[str, float]
) -> dict[str, Any]:
    """`{"ok": ..., "seconds": ..., "steps": {...}, "checks": [...], "strategies": {way: {"ok": ..., ...}}}`."""
    return {
        "ok": all(outcome.ok for outcome in outcomes.values()) and all(check.ok for check in surroundings),
        "seconds": round(seconds, 3),
        "steps": {title: round(taken, 3) for title, taken in steps.items()},
        "checks": [asdict(check) for check in surroundings],
        "strategies": {way: {"ok": outcome.ok, **asdict(outcome)} for way, outcome in outcomes.items()},
    }


def write(document: dict[str, Any], folder: Path) -> Path:
    """Write `report.json` into the folder, all of it or nothing: another demo may be writing the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / REPORT
    part = folder / f".{REPORT}.{os.getpid()}"
    part.write_text(json.dumps(document, indent=2) + "\n")
    part.replace(path)
    return path
