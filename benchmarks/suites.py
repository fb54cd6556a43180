"""How long the demo takes, step by step as its last run wrote it, and the tests, which run now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.cases import ROOT, run
from benchmarks.measure import Figure, Row, Value, progress, timed

REPORT = ROOT / ".demo" / "report.json"


def demo(report: Path = REPORT) -> Iterator[Row]:
    """The seconds of each step; nothing where no demo has run yet."""
    if not report.is_file():
        progress("no demo has run here: make demo")
        return
    document = json.loads(report.read_text(encoding="utf-8"))
    for title, seconds in document.get("steps", {}).items():
        yield Value(title, seconds, "s")
    yield Value("the whole demo", document["seconds"], "s")


def tests() -> Iterator[Row]:
    """The seconds of one run of all tests. Raises CalledProcessError if one fails."""
    progress("all tests")
    yield Figure("all tests", (timed(partial(run, "-m", "pytest")),))
