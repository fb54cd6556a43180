"""The benchmarks print what they write, time what they say, and count what the index of the corpus names."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks.__main__ import Part, main, report
from benchmarks.cases import run
from benchmarks.corpus import Corpus, missed, read, share
from benchmarks.judges import Entry, Judge, Told, by_cfn_lint, by_the_check
from benchmarks.large import as_yaml, endpoints
from benchmarks.measure import Case, Figure, Target, Value, measure
from benchmarks.plugin import LIMITS, LINES, PLAIN, Seconds, Way
from benchmarks.plugin import rows as plugin_rows
from constructs_lib.rules import judge
from constructs_lib.templates.files import parse

FAULT = Entry("broken/a.json", logical_id="Config", rules=("SLS-MEM",))
SOUND = Entry("sound/b.json")
CORPUS = Corpus((FAULT,), (SOUND,))


def test_the_warm_up_is_not_among_the_measured_runs() -> None:
    calls: list[int] = []
    ticks = iter([0.0, 1.0, 10.0, 13.0, 20.0, 22.0])
    figure = measure(Case("x", lambda: calls.append(1), runs=3), clock=lambda: next(ticks))
    assert len(calls) == 4
    assert figure == Figure("x", (1.0, 3.0, 2.0))
    assert figure.median == 2.0


def test_every_printed_figure_is_in_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / ".bench" / "report.json"
    first, second = Figure("first", (0.5, 1.0)), Value("second", 3.5, "times", Target(3, is_least=True))
    report({"one": Part("title", lambda: [first]), "two": Part("title", lambda: [second])}, path)
    figures = json.loads(path.read_text())["figures"]
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [(figure["part"], figure["name"]) for figure in figures] == [("one", "first"), ("two", "second")]
    assert printed[1] == ["first", "0.750", "s", "0.500", "s", "1.000", "s", "2"]
    assert figures[0]["median"] == 0.75
    assert printed[4] == ["second", "3.5", "times", "target:", "at", "least", "3", "times,", "met"]
    assert figures[1]["met"]


@pytest.mark.parametrize(("is_least", "verdict"), [(True, "MISSED"), (False, "met")])
def test_a_missed_target_is_shown(is_least: bool, verdict: str) -> None:
    value = Value("x", 2.0, "%", Target(3, is_least=is_least))
    assert value.line().endswith(verdict)
    assert value.row()["met"] is (verdict == "met")


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "unknown part 'nothing'" in capsys.readouterr().err


def test_a_case_that_fails_is_not_timed() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run("-c", "raise SystemExit(3)")


def test_only_what_is_told_at_the_faulty_resource_is_found() -> None:
    elsewhere = share("x", CORPUS, {FAULT.file: [Told(True, "Other")]}, warnings=False)
    there = share("x", CORPUS, {FAULT.file: [Told(True, "Config")]}, warnings=False)
    assert (elsewhere.at_fault, elsewhere.anywhere) == (0, 1)
    assert (there.at_fault, there.anywhere) == (1, 1)


def test_what_is_told_of_no_resource_is_not_at_the_fault() -> None:
    assert share("x", CORPUS, {FAULT.file: [Told(True, None)]}, warnings=True).at_fault == 0


@pytest.mark.parametrize("warnings", [False, True])
def test_warnings_count_where_they_are_asked_for(warnings: bool) -> None:
    verdicts = {FAULT.file: [Told(False, "Config")], SOUND.file: [Told(False, None)]}
    counted = share("x", CORPUS, verdicts, warnings=warnings)
    assert (counted.at_fault, counted.alarms) == (warnings, warnings)


def test_a_missed_fault_names_the_tools_that_find_it() -> None:
    others = {"one": {FAULT.file: [Told(True, "Config")]}, "two": {}}
    [gap] = missed(CORPUS, {}, others)
    assert gap.line() == "missed: broken/a.json (SLS-MEM; found by one)"
    assert missed(CORPUS, others["one"], {}) == []


def test_the_index_names_the_faulty_resource_of_each_broken_template() -> None:
    corpus = read()
    assert all(entry.path.is_file() for entry in corpus.broken + corpus.sound)
    assert all(entry.logical_id and entry.rules for entry in corpus.broken)


@pytest.mark.parametrize("tool", [Judge("limit check", by_the_check), Judge("cfn-lint", by_cfn_lint)])
def test_a_tool_tells_of_the_resource_that_has_the_fault(tool: Judge) -> None:
    entry = next(entry for entry in read().broken if "as-names-policy-name-too-long" in entry.file)
    assert Told(True, entry.logical_id) in tool.verdicts([entry])[entry.file]


def test_a_large_template_has_seven_resources_an_endpoint_and_no_error() -> None:
    document = endpoints(3)
    assert len(document["Resources"]) == 21
    assert {finding.rule for finding in judge(document)} <= {"Q-EP-TOTAL"}


def test_yaml_and_json_of_a_large_template_hold_the_same(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(as_yaml(endpoints(2)))
    assert parse(path) == endpoints(2)


def test_what_the_plugin_adds_is_compared_by_medians() -> None:
    def way(name: str, *seconds: float) -> Way:
        left = iter(seconds)
        return Way(name, lambda: Seconds(*[next(left)] * 3), rounds=len(seconds))

    rows = plugin_rows([way(PLAIN, 1.0, 2.0, 9.0), way(LIMITS, 2.1, 1.0, 9.0), way(LINES, 4.2)])
    added = {row.name: round(row.value, 6) for row in rows if isinstance(row, Value)}
    assert added["InferenceLimits adds to the whole process"] == 5.0
    assert added["JSII_HOST_STACK_TRACES=1 adds to the whole process"] == 100.0
