"""``python -m constructs_lib check`` and ``rules``, as they are called from a terminal and in CI."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.__main__ import main
from constructs_lib.rules.examples.bases import serverless
from constructs_lib.rules.examples.example import changed

MEMORY = "Config.ProductionVariants.0.ServerlessConfig.MemorySizeInMB"
# Above the default quota of an account, which can be raised: a warning.
WARNED = changed(serverless(), {MEMORY: 6144})
BROKEN = changed(serverless(), {MEMORY: 1500})


def put(folder: Path, document: Any, name: str = "template.json") -> str:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return str(path)


def test_a_sound_template_is_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", put(tmp_path, serverless())]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings\n"


def test_a_broken_template_fails_and_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path, BROKEN)
    assert main(["check", path]) == 1
    first, message, fix, source, count = capsys.readouterr().out.splitlines()
    assert first == f"{path}: error SLS-MEM Config Properties.{MEMORY.removeprefix('Config.')}"
    assert "1024, 2048, 3072, 4096, 5120, 6144 MB, got 1500" in message
    assert fix.startswith("  fix: ")
    assert source.startswith("  source: https://docs.aws.amazon.com/")
    assert count == "1 error, 0 warnings"


def test_a_warning_passes_unless_it_is_to_be_strict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path, WARNED)
    assert main(["check", path]) == 0
    assert main(["check", path, "--strict"]) == 1
    assert "0 errors, 1 warning" in capsys.readouterr().out


def test_an_ignored_rule_is_not_reported(tmp_path: Path) -> None:
    assert main(["check", put(tmp_path, BROKEN), "--ignore", "SLS-MEM"]) == 0


def test_an_ignored_rule_must_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", put(tmp_path, BROKEN), "--ignore", "SLS-MEN"]) == 2
    assert "did you mean SLS-MEM" in capsys.readouterr().err


def test_a_path_that_cannot_be_read_is_told_after_all_others_were_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(tmp_path / "nowhere"), put(tmp_path, "{", "cut.json"), put(tmp_path, BROKEN)]
    assert main(["check", *paths]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("error: ") == 2
    assert "SLS-MEM" in captured.out


def test_a_template_that_is_nested_too_deeply_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    depth = 450
    deep = '{"Fn::If": ["C", ' * depth + "1" + ", 2]}" * depth
    path = put(tmp_path, f'{{"Resources": {{"R": {{"Type": "AWS::SageMaker::Model", "Properties": {deep}}}}}}}')
    assert main(["check", path, put(tmp_path, BROKEN, "other.json")]) == 2
    captured = capsys.readouterr()
    assert "nested too deeply" in captured.err
    assert "SLS-MEM" in captured.out


def test_json_is_a_list_of_findings_with_all_their_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path, BROKEN)
    assert main(["check", path, "--format", "json"]) == 1
    [found] = json.loads(capsys.readouterr().out)
    assert list(found) == ["file", "rule", "severity", "logical_id", "path", "message", "fix", "source"]
    assert (found["file"], found["rule"], found["severity"], found["logical_id"]) == (
        path,
        "SLS-MEM",
        "error",
        "Config",
    )


def test_json_of_a_sound_template_is_an_empty_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", put(tmp_path, serverless()), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_sarif_names_the_rules_that_were_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", put(tmp_path, BROKEN), "--format", "sarif"])
    document = json.loads(capsys.readouterr().out)
    [run] = document["runs"]
    assert document["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["SLS-MEM"]
    [result] = run["results"]
    assert (result["ruleId"], result["level"]) == ("SLS-MEM", "error")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("template.json")


def test_github_annotations_keep_to_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = json.loads(json.dumps(BROKEN).replace('"Config"', '"Con\\nfig,:%"'))
    main(["check", put(tmp_path, BROKEN), put(tmp_path, odd, "odd.json"), "--format", "github"])
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert all(line.startswith(("::error file=", "::warning file=")) for line in lines)


def test_the_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert any(line.startswith("SLS-MEM ") for line in capsys.readouterr().out.splitlines())


def test_a_rule_is_explained_with_both_sides_of_its_boundary(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "sls-conc"]) == 0
    shown = capsys.readouterr().out
    assert '"MaxConcurrency": 200' in shown
    assert '"MaxConcurrency": 201' in shown
    assert "got 201" in shown


def test_a_rule_that_does_not_exist_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "SLS-CONK"]) == 2
    assert "did you mean SLS-CONC" in capsys.readouterr().err


def test_text_that_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    odd = put(tmp_path, json.dumps(BROKEN).replace('"Config"', '"Con\\ud800fig"'))
    environment = {"PYTHONIOENCODING": "ascii", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-m", "constructs_lib", "check", odd], capture_output=True, text=True, env=environment
    )
    assert done.stderr == ""
    assert "\\ud800" in done.stdout


def test_a_reader_that_stops_early_gets_no_traceback(tmp_path: Path) -> None:
    config = BROKEN["Resources"]["Config"]
    path = put(tmp_path, {"Resources": {f"Config{index}": config for index in range(1000)}})
    command = f'"{sys.executable}" -m constructs_lib check {path} | head -1'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""


def test_the_check_starts_neither_node_nor_boto() -> None:
    heavy = "{'aws_cdk', 'jsii', 'boto3', 'yaml'}"
    code = f"import sys, constructs_lib.rules.cli as cli; cli.rules(); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_stale_quotas_are_told_whatever_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    context = {"sagemaker-quotas:account=1:region=eu-west-1": {"any": {"value": 1, "askedOn": "2020-01-01"}}}
    found = put(tmp_path, context, "cdk.context.json")
    assert main(["check", put(tmp_path, serverless()), "--context", found]) == 0
    assert f"{found}: quotas of account 1 in eu-west-1 are " in capsys.readouterr().err


def test_quotas_that_cannot_be_read_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = put(tmp_path, "{", "cdk.context.json")
    assert main(["check", put(tmp_path, serverless()), "--context", broken]) == 2
    assert "cdk.context.json is no context" in capsys.readouterr().err
