"""A stack, an app or a function becomes a template, and what is in it is found or named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from constructs_lib import InferenceLimits
from constructs_lib.testing import (
    actions,
    assert_no_limit_findings,
    assert_retained,
    one,
    only,
    statements,
    synthesize,
)
from constructs_lib.testing.synthesis import sources_of
from tests.synthesis import config

ROOT = Path(__file__).resolve().parents[2]
QUEUE = "AWS::SQS::Queue"


@pytest.fixture(scope="module")
def app() -> cdk.App:
    """One sound stack in a stage, and one with a fault in its nested stack that the limit check fails for."""
    app = cdk.App()
    cdk.Validations.of(app).add_plugins(InferenceLimits())
    stage = cdk.Stage(app, "Stage")
    sqs.CfnQueue(cdk.Stack(stage, "Sound"), "Queue", delay_seconds=5)
    stack = cdk.Stack(app, "Faulty", env=cdk.Environment(region="eu-west-1"))
    config(stack, "Accepted")
    cdk.Validations.of(stack.node.find_child("Accepted")).acknowledge(
        cdk.Acknowledgment(id="InferenceLimits::SLS-MEM", reason="it is a test")
    )
    config(cdk.NestedStack(stack, "Nested"), "Refused")
    return app


@pytest.fixture(scope="module")
def template() -> Template:
    def build(stack: cdk.Stack) -> None:
        sqs.CfnQueue(stack, "Jobs", delay_seconds=5)
        sqs.CfnQueue(stack, "DeadJobs")
        cdk.CfnResource(stack, "Bucket", type="AWS::S3::Bucket")

    return synthesize(build)


def test_a_stack_is_synthesized_once() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    sqs.CfnQueue(stack, "Queue", delay_seconds=5)
    template = synthesize(stack)
    assert synthesize(stack) is template
    assert only(template, QUEUE) == {"DelaySeconds": 5}


def test_an_app_with_one_stack_is_its_stack() -> None:
    app = cdk.App()
    sqs.CfnQueue(cdk.Stack(app, "Stack"), "Queue")
    assert one(synthesize(app), QUEUE) == "Queue"


def test_an_app_with_several_stacks_asks_for_one_of_them() -> None:
    app = cdk.App()
    for name in ("First", "Second"):
        cdk.Stack(app, name)
    with pytest.raises(AssertionError, match="expected an app with one stack, found 2: First, Second; give one"):
        synthesize(app)


def test_a_resource_is_found_by_its_type_and_a_part_of_its_id(template: Template) -> None:
    assert one(template, QUEUE, "Dead") == "DeadJobs"
    assert only(template, "AWS::S3::Bucket") == {}


def test_what_was_found_instead_is_told(template: Template) -> None:
    with pytest.raises(AssertionError, match="expected one AWS::SQS::Queue, found 2 of: DeadJobs, Jobs"):
        only(template, QUEUE)
    with pytest.raises(AssertionError, match="with 'Done' in its logical id, found 0 of: DeadJobs, Jobs"):
        one(template, QUEUE, "Done")
    with pytest.raises(AssertionError, match="found 0 of: none; the template has AWS::S3::Bucket, AWS::SQS::Queue"):
        only(template, "AWS::SNS::Topic")


def test_statements_are_found_in_roles_and_beside_them() -> None:
    def policy(action: object) -> dict[str, object]:
        return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}

    template = Template.from_json(
        {
            "Resources": {
                "CallerRole": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {"Policies": [{"PolicyDocument": policy(["a:B", "a:C"])}]},
                },
                "CallerRolePolicy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": policy("a:D")}},
                "OtherRole": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {"Policies": [{"PolicyDocument": policy("a:E")}]},
                },
            }
        }
    )
    assert actions(statements(template, "Caller")) == {"a:B", "a:C", "a:D"}


def test_the_limit_check_reads_every_stack_and_shows_findings_in_full(app: cdk.App) -> None:
    """The stage and the nested stack too, although CDK refuses the app for what the plugin found."""
    assert {source.name[:10] for source in sources_of(app)} == {"Faulty", "FaultyNest", "StageSound"}
    with pytest.raises(AssertionError) as raised:
        assert_no_limit_findings(app)
    told = str(raised.value)
    assert "error SLS-MEM Refused Properties.ProductionVariants.0.ServerlessConfig.MemorySizeInMB\n" in told
    assert "got 1500" in told
    assert "  fix: give one of 1024" in told
    assert "  source: https://docs.aws.amazon.com/" in told
    assert "Accepted" not in told
    assert told.count("SLS-MEM") == 1


def test_a_rule_can_be_left_out_if_there_is_one(app: cdk.App) -> None:
    assert_no_limit_findings(app, ignore=["SLS-MEM"])
    with pytest.raises(AssertionError, match="ignore names no rule with SLS-MEMORY"):
        assert_no_limit_findings(app, ignore=["SLS-MEMORY"])


def test_a_rule_acknowledged_on_the_whole_app_is_no_finding() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    config(stack, "Config")
    with pytest.raises(AssertionError, match="SLS-MEM"):
        assert_no_limit_findings(stack)
    cdk.Validations.of(app).acknowledge(cdk.Acknowledgment(id="InferenceLimits::SLS-MEM", reason="it is a test"))
    assert_no_limit_findings(stack)


def test_a_region_can_be_given_for_a_template() -> None:
    template = {
        "Resources": {
            "Config": {
                "Type": "AWS::SageMaker::EndpointConfig",
                "Properties": {
                    "ProductionVariants": [
                        {
                            "VariantName": "A",
                            "ModelName": "m",
                            "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 5},
                        }
                    ]
                },
            }
        }
    }
    assert_no_limit_findings(template)
    with pytest.raises(AssertionError, match="SLS-REGIONS"):
        assert_no_limit_findings(template, region="eu-central-2")


def test_a_matcher_takes_a_template_of_cdk_too(template: Template) -> None:
    with pytest.raises(AssertionError, match="Bucket"):
        assert_retained(template)


@pytest.mark.parametrize(
    ("name", "loaded"), [("local_aws", []), ("assert_scales_to_zero", ["aws_cdk"])], ids=["fixture", "matcher"]
)
def test_importing_the_fixture_starts_no_node_and_nothing_needs_pytest(name: str, loaded: list[str]) -> None:
    script = (
        f"import sys; from constructs_lib.testing import {name}; print(*({{'aws_cdk', 'pytest'}} & {{*sys.modules}}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == loaded
