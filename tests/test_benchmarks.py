"""The benchmarks print what they write, time what they say, and count what the index of the corpus names."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import __main__ as command_line
from benchmarks import construct, ratios, suites
from benchmarks.__main__ import Part, compare, main, report
from benchmarks.cases import run
from benchmarks.corpus import Corpus, missed, read, share
from benchmarks.judges import Entry, Judge, Told, by_cfn_lint, by_the_check
from benchmarks.large import as_yaml, endpoints
from benchmarks.measure import Case, Figure, Ratio, Row, Target, Value, measure
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


def regressions(measured: dict[str, float], committed: dict[str, float]) -> list[str]:
    return list(ratios.regressions({"part": measured}, {"part": committed}))


def test_a_ratio_may_grow_by_a_fifth_and_no_more() -> None:
    assert regressions({"a": 0.6, "b": 0.1}, {"a": 0.5, "b": 0.5}) == []
    assert regressions({"a": 0.605}, {"a": 0.5}) == ["part: a: 0.60 is 21% above 0.50, must be at most 20% above"]


def test_a_ratio_that_is_new_or_gone_is_told() -> None:
    assert regressions({"new": 2}, {"old": 1}) == [
        "part: new: 2.00 is not in ratios.json; renew it",
        "part: old is in ratios.json and was not measured; renew it",
    ]


def test_parts_that_were_not_measured_are_not_compared() -> None:
    assert list(ratios.regressions({"a": {"x": 1.0}}, {"a": {"x": 1.0}, "b": {"y": 1.0}})) == []


def test_renewed_ratios_leave_those_of_other_parts_alone(tmp_path: Path) -> None:
    path = tmp_path / "ratios.json"
    ratios.write({"a": {"x": 9.0}, "b": {"y": 2.0}}, path)
    ratios.write({"a": {"x": 3.00001}}, path)
    assert ratios.read(path) == {"a": {"x": 3.0}, "b": {"y": 2.0}}


def test_only_ratios_are_compared(tmp_path: Path) -> None:
    rows: list[Row] = [Figure("seconds", (9.0,)), Value("share", 3.0, ""), Ratio("to the peer's", 3.0, 4.0)]
    assert report({"part": Part("title", lambda: rows)}, tmp_path / "r" / "report.json") == {
        "part": {"to the peer's": 0.75}
    }


@pytest.mark.parametrize(("committed", "status"), [(0.7, 0), (0.5, 1)])
def test_a_check_fails_for_a_regression(
    committed: float, status: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ratios.write({"app": {"x": committed}}, tmp_path / "ratios.json")
    known = ratios.read(tmp_path / "ratios.json")
    monkeypatch.setattr(ratios, "read", lambda: known)
    monkeypatch.setattr(command_line, "REPORT", tmp_path / "report.json")
    monkeypatch.setattr(command_line, "PARTS", {"app": Part("title", lambda: [Ratio("x", 0.75, 1.0)])})
    assert main(["app", "--check"]) == status
    assert ("regression: app: x" in capsys.readouterr().err) is bool(status)
    assert main(["app"]) == 0


def test_every_part_with_a_peer_has_committed_ratios() -> None:
    assert set(ratios.read()) == set(command_line.WITH_RATIOS)
    assert compare(ratios.read()) == 0


def test_the_report_says_how_to_measure_again_and_under_which_load(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report({"one": Part("title", list), "two": Part("title", list)}, tmp_path / "r" / "report.json")
    last = capsys.readouterr().out.splitlines()[-2]
    assert last.endswith("again: python -m benchmarks one two")
    assert ", load " in last


def test_a_fleet_is_compared_resource_by_resource_with_the_peer_and_with_the_fleet_before() -> None:
    def once(count: int, name: str) -> dict[str, float]:
        resources = count * (8 if name == "fleet" else 4)
        return {"seconds": resources * (count if name == "fleet" else 2), "resources": resources, "crossings": 8}

    found = {row.name: row.value for row in construct.rows((1, 10), 1, once) if isinstance(row, Ratio)}
    assert found["10 endpoints: a resource, to the peer's"] == 5
    assert found["10 endpoints: the whole, to the peer's"] == 10
    assert found["10 endpoints: crossings a resource, to the peer's"] == 0.5
    assert found["10 endpoints: a resource, to one of the fleet before"] == 10


def test_the_steps_of_the_last_demo_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    assert list(suites.demo(path)) == []
    path.write_text('{"seconds": 5.0, "steps": {"deploy": 3.0}}')
    assert list(suites.demo(path)) == [Value("deploy", 3.0, "s"), Value("the whole demo", 5.0, "s")]
