"""diff as people and pipelines call it: files, folders, formats, exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from constructs_lib.__main__ import main
from tests.updates.templates import Template, canary, changed, on_instances, served

OLD = served(scaled=("A",), endpoint={"DeploymentConfig": canary()})
REFUSED = changed(OLD, "Config", ProductionVariants=[on_instances(type_="ml.c5.large")])
IN_PLACE = changed(served(), "Model", PrimaryContainer={"Image": "another"})
NAMED = served(endpoint={"EndpointName": "one"})


def written(path: Path, template: Template) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(template), encoding="utf-8")
    return str(path)


def diff(folder: Path, old: Template, new: Template, *options: str) -> int:
    return main(["diff", written(folder / "old.json", old), written(folder / "new.json", new), *options])


def test_nothing_in_the_way_is_0_and_a_refusal_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(tmp_path, served(), IN_PLACE) == 0
    assert "Endpoint: updated in place" in capsys.readouterr().out
    assert diff(tmp_path, OLD, REFUSED) == 1
    said = capsys.readouterr().out
    assert "error AS-UPDATE-TYPE Config Properties.ProductionVariants.0.InstanceType" in said
    assert said.endswith("1 refused; 1 error, 1 warning\n")


def test_a_replacement_fails_if_it_is_asked_to_and_a_warning_too(tmp_path: Path) -> None:
    renamed = changed(NAMED, "Endpoint", EndpointName="two")
    assert diff(tmp_path, NAMED, renamed) == 0
    assert diff(tmp_path, NAMED, renamed, "--fail-on-replacement") == 1
    assert diff(tmp_path, NAMED, renamed, "--strict") == 1
    assert diff(tmp_path, NAMED, {"Resources": {}}, "--fail-on-replacement") == 1
    assert diff(tmp_path, served(), IN_PLACE, "--fail-on-replacement", "--strict") == 0


def test_time_and_capacity_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = changed(OLD, "Model", PrimaryContainer={"Image": "another"})
    assert diff(tmp_path, OLD, new) == 0
    said = capsys.readouterr().out
    for line in (
        "how: blue/green, canary",
        "25 % of the requests are on the new fleet, watched for 300 s (WaitIntervalInSeconds)",
        "time, estimated: 6 min of waiting; a new fleet starts first",
        "rolled back after 60 min (MaximumExecutionTimeoutInSeconds)",
        "capacity: ml.m5.large: 2 before, up to 4 during, 2 after",
        "capacity: ml.m5.large, scaled out: 4 before, up to 6 during, 2 after",
    ):
        assert line in said


def test_json_holds_the_whole_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    diff(tmp_path, served(), IN_PLACE, "--format", "json")
    ((found,),) = (each["endpoints"] for each in json.loads(capsys.readouterr().out))
    assert (found["logical_id"], found["outcome"], found["deploys"]) == ("Endpoint", "updated in place", True)
    assert found["changes"][0]["new"] == "another"
    assert found["estimate"]["waiting_in_seconds"] == 0
    assert found["capacity"][0]["peak"] == 4


def test_sarif_and_annotations_name_rule_and_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(tmp_path, OLD, REFUSED, "--format", "sarif") == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["AS-UPDATE-TYPE", "AS-RETAIN"]
    assert diff(tmp_path, OLD, REFUSED, "--format", "github") == 1
    assert capsys.readouterr().out.startswith(f"::error file={tmp_path / 'new.json'},title=AS-UPDATE-TYPE Config::")


def assembly(folder: Path, **stacks: Template) -> str:
    """A folder as ``cdk synth`` writes it."""
    artifacts = {}
    for name, template in stacks.items():
        written(folder / f"{name}.template.json", template)
        properties = {"templateFile": f"{name}.template.json"}
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://123456789012/eu-west-1",
            "properties": properties,
        }
    written(folder / "manifest.json", {"artifacts": artifacts})
    return str(folder)


def test_folders_are_compared_stack_by_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = assembly(tmp_path / "old", Serving=OLD, Gone=served())
    new = assembly(tmp_path / "new", Serving=REFUSED, Comes=served())
    assert main(["diff", old, new]) == 1
    said = capsys.readouterr()
    assert "Serving.template.json: Endpoint: refused" in said.out
    assert "Comes.template.json: Endpoint: created" in said.out
    assert "has no Gone.template.json" in said.err


def test_a_parameter_is_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parameters = {"Parameters": {"Type": {"Type": "String", "Default": "ml.m5.large"}}}
    old, new = OLD | parameters, OLD | parameters
    new = changed(new, "Config", ProductionVariants=[on_instances(InstanceType={"Ref": "Type"})])
    assert diff(tmp_path, old, new) == 0
    assert diff(tmp_path, old, new, "--parameter", "Type=ml.c5.large") == 1
    capsys.readouterr()


@pytest.mark.parametrize("arguments", [[], ["one"], ["one", "two", "three"], ["--stack", "S", "one", "two"]])
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["diff", *arguments])
    assert ended.value.code == 2
    assert "give OLD and NEW" in capsys.readouterr().err


def test_what_cannot_be_read_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = written(tmp_path / "old.json", OLD)
    assert main(["diff", known, str(tmp_path / "missing.json")]) == 2
    assert main(["diff", known, str(tmp_path)]) == 2
    assert all(line.startswith("error: ") for line in capsys.readouterr().err.splitlines())
    with pytest.raises(SystemExit):
        main(["diff", known, known, "--parameter", "nothing"])
