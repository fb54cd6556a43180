"""``python -m constructs_lib preflight``, as it is called from a terminal and in CI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from constructs_lib.__main__ import main
from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import Document, changed
from tests.preflight.conftest import ACCOUNT, ALL, EACH, REGION, TYPE, Aws, refusal
from tests.preflight.test_artifacts import KEY, holds
from tests.preflight.test_images import LIST, answers
from tests.preflight.test_roles import decides, role

COUNT = "Config.ProductionVariants.0.InitialInstanceCount"


@pytest.fixture(autouse=True)
def session(aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account in which the template of the examples can be deployed, and a folder to work in."""
    holds(aws, (KEY, 1000))
    answers(aws, {"manifests": [{"platform": {"architecture": "amd64"}}]}, LIST)
    aws.on("GetRole", role())
    decides(aws, "allowed")
    monkeypatch.setattr(boto3, "Session", lambda **_: aws)
    monkeypatch.chdir(tmp_path)


def put(document: Document, name: str = "template.json") -> str:
    Path(name).write_text(json.dumps(document))
    return name


def synthesized(document: Document, environment: str = f"aws://{ACCOUNT}/{REGION}") -> None:
    """What cdk synth writes of a stack."""
    Path("cdk.out").mkdir(exist_ok=True)
    put(document, "cdk.out/Fraud.template.json")
    properties = {"templateFile": "Fraud.template.json", "stackName": "prod-fraud"}
    artifact: dict[str, Any] = {"type": "aws:cloudformation:stack", "environment": environment}
    artifact |= {"displayName": "Prod/Fraud", "properties": properties}
    put({"artifacts": {"ProdFraud": artifact}}, "cdk.out/manifest.json")


def test_a_template_that_can_be_deployed_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight", put(realtime())]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings\n"


def test_an_error_fails_and_a_warning_only_where_it_is_to_be_strict(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(realtime())
    aws.quotas[TYPE] = 3
    assert main(["preflight", path]) == 0
    assert "0 errors, 1 warning" in capsys.readouterr().out
    assert main(["preflight", path, "--strict"]) == 1
    assert main(["preflight", path, "--strict", "--ignore", "Q-TYPE-EP"]) == 0
    aws.quotas[TYPE] = 1
    assert main(["preflight", path]) == 1


@pytest.mark.parametrize("name", ["prod-fraud", "Prod/Fraud"])
def test_a_stack_is_found_by_its_name_or_its_path_in_the_app(
    aws: Aws, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    synthesized(realtime())
    assert main(["preflight", "--stack", name]) == 0
    assert aws.asked("ListStackResources")[-1]["StackName"] == "prod-fraud"
    assert main(["preflight", "--stack", "Other"]) == 2
    assert "cdk.out holds no stack 'Other'; it holds Prod/Fraud" in capsys.readouterr().err


def test_a_template_of_an_app_is_known_to_be_of_its_stack(aws: Aws) -> None:
    synthesized(realtime())
    assert main(["preflight", "cdk.out/Fraud.template.json"]) == 0
    assert aws.asked("ListStackResources")[-1]["StackName"] == "prod-fraud"


def test_a_stack_for_another_account_is_not_judged(capsys: pytest.CaptureFixture[str]) -> None:
    synthesized(realtime(), f"aws://999999999999/{REGION}")
    assert main(["preflight", "--stack", "prod-fraud"]) == 2
    assert "Prod/Fraud is for account 999999999999, the credentials are of" in capsys.readouterr().err


def test_a_stack_for_another_region_is_not_judged(capsys: pytest.CaptureFixture[str]) -> None:
    synthesized(realtime(), f"aws://{ACCOUNT}/us-east-1")
    assert main(["preflight", "--stack", "prod-fraud", "--region", REGION]) == 2
    assert "Prod/Fraud is for us-east-1, got --region eu-west-1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--parameter", "Count"], "--parameter must be NAME=VALUE, got 'Count'"),
        (["--parameter", "Other=1"], "the template has no parameter 'Other'; it has Count"),
    ],
)
def test_a_parameter_must_be_one_of_the_template(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    document = changed(realtime(), {COUNT: {"Ref": "Count"}}) | {"Parameters": {"Count": {"Type": "Number"}}}
    assert main(["preflight", put(document), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_not_there_and_a_session_that_is_refused_are_told(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preflight", "nothing.json"]) == 2
    assert "nothing.json does not exist" in capsys.readouterr().err
    aws.on("GetCallerIdentity", refusal("ExpiredToken", "The security token is expired", 403))
    assert main(["preflight", put(realtime())]) == 2
    assert "The security token is expired" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_every_form_says_what_was_found_and_what_was_not_judged(
    aws: Aws, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    aws.quotas[EACH] = 1
    aws.on("ListEndpoints", refusal())
    document = changed(realtime(), {"Model.PrimaryContainer.ModelDataUrl": {"Ref": "Url"}})
    assert main(["preflight", put(document), "--format", form]) == 1
    out = capsys.readouterr().out
    for expected in ("Q-EP-PER", "PREFLIGHT-DENIED", "PREFLIGHT-UNJUDGED", "--quota-code L-ED8DEE9B"):
        assert expected in out
    severities = {
        "text": "1 error, 2 warnings, 1 note",
        "json": '"severity": "info"',
        "sarif": '"level": "note"',
        "github": "::notice file=template.json,title=PREFLIGHT-UNJUDGED Model::",
    }
    assert severities[form] in out


def test_a_rule_to_ignore_must_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight", put(realtime()), "--ignore", "NO-SUCH"]) == 2
    assert "there is no rule 'NO-SUCH'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["template.json", "--stack", "Fraud"]])
def test_either_a_template_or_a_stack_is_judged(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as usage:
        main(["preflight", *arguments])
    assert usage.value.code == 2


def test_the_quotas_are_kept_for_a_synthesis_that_has_no_credentials(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.quotas |= {TYPE: 4, ALL: 4, EACH: 4}
    path = put(realtime())
    put({"availability-zones:any": ["a"]}, "cdk.context.json")
    assert main(["preflight", path]) == 0
    context = json.loads(Path("cdk.context.json").read_text())
    assert context["availability-zones:any"] == ["a"]
    assert context[f"sagemaker-quotas:account={ACCOUNT}:region={REGION}"][TYPE]["value"] == 4
    capsys.readouterr()
    # What the account does not have is now an error of the limit check, which asks nobody.
    assert main(["check", put(changed(realtime(), {COUNT: 5})), "--region", REGION]) == 1
    assert f"{TYPE} (L-614B09FD) is 4 in account {ACCOUNT} in {REGION}" in capsys.readouterr().out


def test_nothing_is_kept_where_that_is_not_wanted() -> None:
    assert main(["preflight", put(realtime()), "--no-context"]) == 0
    assert not Path("cdk.context.json").exists()
