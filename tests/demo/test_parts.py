"""The demo's small parts: data in parts, locations, progress, processes, folders, preconditions, keeping."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.local.state import Running
from demo import keep, preconditions
from demo.batch import aligned
from demo.dataset import DataSet
from demo.folder import claimed
from demo.processes import Process, below, descendants, end_group
from demo.scoring import labels_for
from demo.serverless import padded
from demo.steps import Steps


@given(size=st.integers(1, 500), parts=st.integers(1, 50))
def test_parts_hold_every_row_once_in_order_and_are_of_even_size(size: int, parts: int) -> None:
    data = DataSet(tuple(map(str, range(size))), tuple(range(size)))
    cut = data.parts(parts)
    assert len(cut) == parts
    assert [label for part in cut for label in part.labels] == list(range(size))
    assert max(map(len, cut)) - min(map(len, cut)) <= 1
    assert all(list(part.lines) == [str(label) for label in part.labels] for part in cut)


def test_an_answer_has_to_have_a_label_for_each_row() -> None:
    part = DataSet(("1,2", "3,4"), (0, 1))
    assert labels_for(part, b"7\n8\n") == [7, 8]
    with pytest.raises(ValueError, match="2 rows must have as many labels, got 1"):
        labels_for(part, b"7")


def test_labels_that_cannot_belong_to_the_records_count_as_missing() -> None:
    assert aligned([1, 2], 2) == [1, 2]
    assert aligned([1, 2, 3], 2) == [None, None]
    assert aligned((), 1) == [None]


def test_a_padded_row_has_the_wanted_size_and_the_same_row() -> None:
    body = padded("1,2", 10)
    assert len(body) == 10
    assert body.split() == [b"1,2"]


def test_a_step_says_when_it_began_and_how_long_it_took() -> None:
    out, ticks = io.StringIO(), count(0, 2)
    steps = Steps(out, lambda: float(next(ticks)))
    with steps.step("deploy"):
        pass
    assert out.getvalue().splitlines() == ["[  2.0 s] deploy", "          - done in 2.0 s"]
    assert steps.taken == {"deploy": 2.0}


def test_a_failing_step_says_so_and_lets_the_error_through() -> None:
    out = io.StringIO()
    with pytest.raises(RuntimeError, match="broken"), Steps(out).step("deploy"):
        raise RuntimeError("broken")
    assert "failed after" in out.getvalue()


def test_descendants_are_children_and_their_children_but_nobody_else() -> None:
    table = [Process(2, 1, "a"), Process(3, 2, "b"), Process(4, 3, "c"), Process(5, 9, "d"), Process(1, 0, "e")]
    assert [process.pid for process in descendants(1, table)] == [2, 3, 4]


def test_ending_a_group_ends_the_children_of_the_leader_too() -> None:
    script = "sleep 60 & sleep 60 & wait"
    leader = subprocess.Popen(["sh", "-c", script], start_new_session=True)
    deadline = time.monotonic() + 10
    while len(below(leader.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    children = {process.pid for process in below(leader.pid)}
    assert len(children) == 2
    end_group(leader)
    # A signal is sent at once and heard a little later; the children themselves would sleep for a minute.
    while (left := children & {process.pid for process in below(1)}) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not left
    assert leader.pid not in {process.pid for process in below(os.getpid())}


def test_a_second_demo_gets_a_folder_of_its_own_and_a_third_after_the_first_gets_the_first_ones(tmp_path: Path) -> None:
    hold = "import sys; from demo.folder import claimed; from pathlib import Path\n"
    hold += "with claimed(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    first = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    with claimed(tmp_path) as folder:
        assert folder == tmp_path / f"beside-{os.getpid()}"
    first.communicate()
    with claimed(tmp_path) as folder:
        assert folder == tmp_path


def test_a_claimed_folder_is_cleared_of_the_report_before(tmp_path: Path) -> None:
    for name in ("report.json", "deploy.log", "outputs.json"):
        (tmp_path / name).write_text("old")
    with claimed(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_folders_of_ended_demos_are_removed_and_those_of_running_ones_stay(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    for pid in (ended.pid, os.getppid()):
        (tmp_path / f"beside-{pid}").mkdir()
    with claimed(tmp_path):
        assert [path.name for path in tmp_path.glob("beside-*")] == [f"beside-{os.getppid()}"]


def test_a_missing_cdk_is_named_with_its_remedy(tmp_path: Path) -> None:
    expected = "the cdk command line is not at node_modules/.bin/cdk: run `make setup`"
    assert preconditions.missing(tmp_path) == expected


def test_a_missing_package_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "node_modules/.bin").mkdir(parents=True)
    (tmp_path / "node_modules/.bin/cdk").touch()
    monkeypatch.setattr(preconditions, "PACKAGES", ("no_such_package",))
    assert preconditions.missing(tmp_path).startswith("the python package no_such_package is not installed")


@pytest.mark.parametrize(("value", "wanted"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_keep_means_anything_but_0(value: str, wanted: bool) -> None:
    assert keep.is_wanted({"KEEP": value}) is wanted
    assert keep.is_wanted({}) is False


def test_keeping_a_second_local_aws_is_refused_with_the_way_to_end_the_first() -> None:
    assert keep.problem(None) == ""
    problem = keep.problem(Running(pid=1, port=4567))
    assert "port 4567" in problem
    assert "python -m constructs_lib local down" in problem


def test_the_farewell_is_python_that_calls_the_realtime_endpoint() -> None:
    aws = cast(Any, SimpleNamespace(endpoint_url="http://localhost:4567"))
    stacks = {"InferenceRealtime": {"EndpointName": "endpoint-7"}, "InferenceBatch": {"StateMachineArn": "arn"}}
    text = keep.how_to_call(aws, stacks, DataSet(("1,2",), (5,)))
    code = "\n".join(line.removeprefix("  ") for line in text.splitlines() if line.startswith("  "))
    snippet = code[code.index("import boto3") :]
    compile(snippet, "snippet", "exec")
    assert 'EndpointName="endpoint-7"' in snippet
    assert 'endpoint_url="http://localhost:4567"' in snippet


def test_an_older_python_ends_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from demo.__main__ import start

    monkeypatch.setattr(sys, "version_info", (3, 9, 1, "final", 0))
    assert start() == 1
    assert capsys.readouterr().err == "demo: needs python 3.11 or later, this is 3.9; run `make setup` with one\n"
