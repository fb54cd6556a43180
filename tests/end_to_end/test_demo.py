"""The demo as people run it: every way of serving on a port of its own, and nothing left however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from demo import hybrid
from demo.processes import Process, below

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 240
RECORDS, USERS, WINDOWS = 450, 2000, 2000
"""Rows that each model has never seen."""


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "demo", "--folder", str(folder)],
        cwd=ROOT,
        env={**os.environ, "KEEP": "", "AWS_PROFILE": "no-such-profile", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def alive(processes: list[Process]) -> list[Process]:
    """Those of the processes that still run: a number alone may belong to another one by now."""
    now = {(process.pid, process.command) for process in below(1)}
    return [process for process in processes if (process.pid, process.command) in now]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """One run to its end, under AWS settings of a user that must not matter."""
    folder = tmp_path_factory.mktemp("demo")
    process = start(folder)
    try:
        out, err = process.communicate(timeout=LONGEST)
    finally:
        process.terminate()
    return folder, subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture(scope="module")
def report(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> dict[str, Any]:
    folder, ended = demo
    assert ended.returncode == 0, ended.stdout + ended.stderr
    document: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return document


def test_every_way_of_serving_is_as_expected(report: dict[str, Any]) -> None:
    assert report["ok"] is True
    assert {way: found["ok"] for way, found in report["strategies"].items()} == dict.fromkeys(
        ("realtime", "serverless", "async", "batch", "hybrid", "streaming"), True
    )


def test_every_way_gives_accurate_predictions_and_those_of_one_model_the_same(report: dict[str, Any]) -> None:
    accuracies = {way: found["accuracy"] for way, found in report["strategies"].items()}
    assert min(accuracies.values()) >= 0.95
    assert len({accuracies[way] for way in ("realtime", "serverless", "async", "batch")}) == 1


def test_the_latency_of_a_look_up_is_told_for_each_of_its_paths(report: dict[str, Any]) -> None:
    figures = report["strategies"]["hybrid"]["figures"]
    assert set(figures) == {f"median_ms_{path}" for path in ("stored", "computed", "fresh", "default")}
    assert all(milliseconds > 0 for milliseconds in figures.values())


@pytest.mark.parametrize(
    ("way", "succeeded", "failed_as_expected"),
    [
        ("realtime", RECORDS // 3, 1),
        ("serverless", RECORDS // 3 + 1, 1),
        ("async", 20, 1),
        ("batch", RECORDS, 0),
        ("hybrid", USERS + hybrid.TIMED + 4, 1),
        ("streaming", WINDOWS, 1),
    ],
)
def test_the_counts_are_those_of_what_was_sent(
    report: dict[str, Any], way: str, succeeded: int, failed_as_expected: int
) -> None:
    found = report["strategies"][way]
    assert (found["succeeded"], found["failed_as_expected"]) == (succeeded, failed_as_expected)
    assert found["requests"] == succeeded + failed_as_expected
    assert 0 < found["median_ms"] <= found["p99_ms"]


def test_nothing_is_left_of_the_stacks_and_the_processes(report: dict[str, Any]) -> None:
    assert {check["what"] for check in report["checks"]} >= {
        "no stack left but the bootstrap's",
        "no endpoint left",
        "no model process left",
        "no process left",
    }
    assert all(check["ok"] for check in report["checks"])


def test_the_metrics_of_the_run_are_kept_for_the_picture_of_its_dashboards(
    demo: tuple[Path, subprocess.CompletedProcess[str]], report: dict[str, Any]
) -> None:
    kept = json.loads((demo[0] / "metrics.json").read_text())
    requests = {
        row["heading"]: sum(value for _, value in graph["lines"][0]["points"])
        for row in kept["rows"]
        for graph in row["graphs"]
        if graph["title"] in ("Requests", "Requests a minute, and for each instance")
    }
    shown = {"InferenceRealtime/Endpoint": "realtime", "InferenceAsync/Endpoint": "async"}
    assert requests == {path: report["strategies"][way]["requests"] for path, way in shown.items()}


def test_the_demo_ends_with_its_table(
    demo: tuple[Path, subprocess.CompletedProcess[str]], report: dict[str, Any]
) -> None:
    _, ended = demo
    table = ended.stdout[ended.stdout.index("way of serving") :].splitlines()
    assert [line.split()[0] for line in table[2:8]] == list(report["strategies"])
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("number", "moment"), [(signal.SIGINT, "bootstrap the local account"), (signal.SIGTERM, "deploy the stacks")]
)
def test_an_interrupted_demo_ends_in_one_line_and_leaves_no_process(
    tmp_path: Path, number: signal.Signals, moment: str
) -> None:
    process = start(tmp_path)
    try:
        assert process.stdout is not None
        assert any(moment in line for line in process.stdout), "the demo ended before the moment came"
        time.sleep(2)  # well within the step, with the command and what it starts under way
        started = below(process.pid)
        assert len(started) >= 3, started
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 128 + number
    assert err == f"demo: interrupted by {number.name}; everything it started is stopped\n"
    assert alive(started) == []
