"""The benchmarks print what they write, and time what they say."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks.__main__ import report
from benchmarks.cases import run
from benchmarks.measure import Case, Figure, measure


def test_the_warm_up_is_not_among_the_measured_runs() -> None:
    calls: list[int] = []
    ticks = iter([0.0, 1.0, 10.0, 13.0, 20.0, 22.0])
    figure = measure(Case("x", lambda: calls.append(1), runs=3), clock=lambda: next(ticks))
    assert len(calls) == 4
    assert figure == Figure("x", (1.0, 3.0, 2.0))
    assert figure.median == 2.0


def test_every_printed_figure_is_in_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / ".bench" / "report.json"
    report([Case("first", lambda: None, runs=2), Case("second", lambda: None, runs=3)], path)
    figures = json.loads(path.read_text())["figures"]
    printed = capsys.readouterr().out.splitlines()[1:-1]
    assert [figure["name"] for figure in figures] == ["first", "second"]
    for figure, line in zip(figures, printed, strict=True):
        name, *columns = line.split()
        assert name == figure["name"]
        seconds = [f"{figure[column]:.3f}" for column in ("median", "fastest", "slowest")]
        assert columns == [*[part for second in seconds for part in (second, "s")], str(figure["runs"])]


def test_a_case_that_fails_is_not_timed() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run("-c", "raise SystemExit(3)")
