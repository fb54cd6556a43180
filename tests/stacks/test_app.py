"""The app: every stack synthesizes, with its outputs, and no template has an error that cfn-lint knows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cfnlint import lint

from constructs_lib.errors import InferenceError
from tests.stacks.in_process import ROOT, build, context_with

REGIONS = ["us-east-1", "eu-west-1"]
OUTPUTS = {
    "InferenceRealtime": {"InferenceOption", "EndpointName"},
    "InferenceServerless": {"InferenceOption", "EndpointName"},
    "InferenceAsync": {
        "InferenceOption",
        "EndpointName",
        "InputBucketName",
        "InputPrefix",
        "OutputBucketName",
        "NotificationQueueUrl",
        "SuccessTopicArn",
        "ErrorTopicArn",
    },
    "InferenceBatch": {"InferenceOption", "StateMachineArn", "InputBucketName", "InputPrefix", "OutputBucketName"},
    "InferenceHybrid": {
        "InferenceOption",
        "LookupFunctionName",
        "OverrideFunctionName",
        "LookupUrl",
        "StateMachineArn",
        "InputBucketName",
        "InputPrefix",
        "OutputBucketName",
        "EndpointInferenceOption",
        "EndpointEndpointName",
    },
    "InferenceStreaming": {
        "InferenceOption",
        "EndpointName",
        "StreamName",
        "ResultStreamName",
        "FailureBucketName",
    },
}


def run_app(out: Path, **overrides: object) -> subprocess.CompletedProcess[str]:
    """Run app.py as the CLI does, with cdk.json's context and ``overrides`` over its settings."""
    environment = {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps(context_with(**overrides)),
        "CDK_OUTDIR": str(out),
        "CDK_VALIDATION": "true",
    }
    return subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cdk.out")
    done = run_app(out)
    assert done.returncode == 0, done.stderr
    return out


def template(assembly: Path, stack: str) -> dict[str, Any]:
    return dict(json.loads((assembly / f"{stack}.template.json").read_text()))


@pytest.mark.parametrize("stack", OUTPUTS)
def test_a_stack_has_the_outputs_that_its_users_need(assembly: Path, stack: str) -> None:
    assert set(template(assembly, stack)["Outputs"]) == OUTPUTS[stack]


@pytest.mark.parametrize("stack", OUTPUTS)
def test_cfn_lint_finds_no_error(assembly: Path, stack: str) -> None:
    found = lint((assembly / f"{stack}.template.json").read_text(), regions=REGIONS)
    assert [str(match) for match in found if match.rule.id.startswith("E")] == []


def test_cfn_lint_would_find_an_error(assembly: Path) -> None:
    broken = template(assembly, "InferenceServerless")
    for resource in broken["Resources"].values():
        if resource["Type"] == "AWS::SageMaker::Endpoint":
            resource["Properties"]["Nonsense"] = 1
    assert any(match.rule.id.startswith("E") for match in lint(json.dumps(broken), regions=REGIONS))


def test_no_role_has_a_managed_policy(assembly: Path) -> None:
    for stack in OUTPUTS:
        for resource in template(assembly, stack)["Resources"].values():
            if resource["Type"] == "AWS::IAM::Role":
                assert "ManagedPolicyArns" not in resource["Properties"]


def test_only_the_stacks_of_the_settings_are_made() -> None:
    assert list(build(**{"inference.stacks": "batch"})) == ["InferenceBatch"]


def test_a_stack_has_a_dashboard_only_where_the_settings_name_it() -> None:
    made = build(**{"inference.stacks": "realtime,batch", "inference.dashboards": "realtime"})
    shown = [name for name, stack in made.items() if stack.node.try_find_child("Dashboard")]
    assert shown == ["InferenceRealtime"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"inference.dashboards": "nonsense"}, "setting inference.dashboards names 'nonsense'; known: realtime"),
        ({"inference.nonsense": "1"}, "setting inference.nonsense does not exist"),
        ({"inference.stacks": "realtime,nonsense"}, "setting inference.stacks names 'nonsense'; known: realtime"),
    ],
)
def test_a_wrong_setting_is_named(override: dict[str, object], message: str) -> None:
    with pytest.raises(InferenceError, match=message):
        build(**override)


def test_a_wrong_setting_ends_in_a_message_and_no_traceback(tmp_path: Path) -> None:
    done = run_app(tmp_path, **{"inference.serverless.memorySizeInMb": "2000"})
    assert done.returncode == 1
    assert "memory_size_in_mb must be one of 1024, 2048" in done.stderr
    assert "Traceback" not in done.stderr


BROKEN_APP = """
import json, aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from app import synthesize

app = cdk.App(context=json.load(open("cdk.json"))["context"])
sagemaker.CfnEndpointConfig(
    cdk.Stack(app, "Stack"),
    "Config",
    production_variants=[
        {"variantName": "a", "modelName": "m", "initialInstanceCount": 0, "instanceType": "ml.m5.large"}
    ],
)
synthesize(app)
"""


def test_what_cdk_s_own_validation_finds_fails_the_synthesis_without_a_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, "CDK_VALIDATION": "true", "CDK_OUTDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", BROKEN_APP], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    # Under the CLI, which sets CDK_OUTDIR, it is the CLI that prints the report.
    assert "InitialInstanceCount: 0 is less than the minimum of 1" in (tmp_path / "validation-report.json").read_text()
    assert "error: the templates are not valid, see above" in done.stderr
    assert "Traceback" not in done.stderr
