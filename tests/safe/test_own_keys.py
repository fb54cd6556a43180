"""One argument encrypts all that a construct stores, and lets in whoever has to read or write it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match, Template

from constructs_lib.patterns.states import scopes
from constructs_lib.testing import assert_encrypted_with
from constructs_lib.testing.encryption import ENCRYPTED_BY
from tests.asl import text_of
from tests.safe.everything import BUILDERS, KEY, keyed_and_destroyed
from tests.safe.everything import Template as Resources
from tests.schemas import schema

ROOT = Path(__file__).resolve().parents[2]
_RETAIN = cdk.RemovalPolicy.RETAIN
# Types whose schema speaks of a key, and that store nothing of the kind.
STORES_NOTHING: Mapping[str, str] = {
    "AWS::Lambda::EventSourceMapping": "the key is for filters of events, of which there are none",
}
_OF_A_KEY = re.compile(r'"[A-Za-z]*(?:Kms|KMS|MasterKey|KeyArn|KeyARN|EncryptionKey)[A-Za-z]*"')


@pytest.fixture(scope="module")
def keyed() -> dict[str, Resources]:
    """Each construct with a key of somebody else."""
    return keyed_and_destroyed()


@pytest.mark.parametrize("construct", BUILDERS)
def test_all_that_can_be_encrypted_is_with_the_key_that_was_given(construct: str, keyed: dict[str, Resources]) -> None:
    assert_encrypted_with(keyed[construct], KEY)


def test_no_type_that_can_be_encrypted_is_missing_from_the_table(keyed: dict[str, Resources]) -> None:
    types = {resource["Type"] for template in keyed.values() for resource in template["Resources"].values()}
    with_key = {type_ for type_ in types if _OF_A_KEY.search(json.dumps(schema(type_)))}
    assert with_key == {*ENCRYPTED_BY, *STORES_NOTHING}


@pytest.mark.parametrize("construct", BUILDERS)
def test_captured_data_and_answers_are_written_with_the_key(construct: str, keyed: dict[str, Resources]) -> None:
    for config in _of_type(keyed[construct], "AWS::SageMaker::EndpointConfig"):
        assert config.get("DataCaptureConfig", {"KmsKeyId": KEY})["KmsKeyId"] == KEY


@pytest.mark.parametrize("construct", ["BatchTransformPipeline", "HybridInference"])
def test_jobs_have_the_key_for_their_disks_and_their_answers(construct: str, keyed: dict[str, Resources]) -> None:
    [machine] = _of_type(keyed[construct], "AWS::StepFunctions::StateMachine")
    jobs = [
        state["Arguments"]
        for scope in scopes(json.loads(text_of(machine["DefinitionString"])))
        for state in scope["States"].values()
        if "TransformResources" in state.get("Arguments", {})
    ]
    assert [(job["TransformResources"]["VolumeKmsKeyId"], job["TransformOutput"]["KmsKeyId"]) for job in jobs] == [
        (KEY, KEY)
    ]


@pytest.mark.parametrize("construct", BUILDERS)
def test_each_function_may_read_its_environment(construct: str, keyed: dict[str, Resources]) -> None:
    template = keyed[construct]
    for function in _of_type(template, "AWS::Lambda::Function"):
        role = function["Role"]["Fn::GetAtt"][0]
        assert any(
            "kms:Decrypt" in _listed(statement["Action"]) and statement["Resource"] == KEY
            for policy in _of_type(template, "AWS::IAM::Policy")
            if {"Ref": role} in policy["Roles"]
            for statement in policy["PolicyDocument"]["Statement"]
        ), function["Handler"]


def _of_type(template: Resources, type_: str) -> Iterator[dict[str, Any]]:
    return (each["Properties"] for each in template["Resources"].values() if each["Type"] == type_)


def _listed(actions: str | list[str]) -> list[str]:
    return [actions] if isinstance(actions, str) else actions


def test_the_policy_of_a_key_of_the_app_lets_services_in_for_this_account_alone() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    BUILDERS["AsyncEndpoint"](
        stack, key=kms.Key(stack, "Key"), removal_policy=cdk.RemovalPolicy.RETAIN, vpc_config=None
    )
    template = Template.from_stack(stack)  # which fails where resources wait for each other
    [policy] = [resource["Properties"]["KeyPolicy"] for resource in template.find_resources("AWS::KMS::Key").values()]
    let_in = [_as_text(each) for each in policy["Statement"] if "Service" in each["Principal"]]
    by_service = {each["Principal"]["Service"]: each for each in _statements_of_the_guide()}
    assert {each["Principal"]["Service"]: each for each in let_in} == by_service


def _statements_of_the_guide() -> list[dict[str, Any]]:
    """What the guide tells the owner of a key to add."""
    [block] = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "security.md").read_text(encoding="utf-8"), re.DOTALL)
    told: list[dict[str, Any]] = json.loads(block.replace("REGION", "eu-west-1").replace("ACCOUNT", "AWS-AccountId"))
    return told


def _as_text(part: Any) -> Any:
    """A part of a template with names in place of what is known at deploy time only."""
    if isinstance(part, list):
        return [_as_text(each) for each in part]
    if isinstance(part, dict):
        is_function = len(part) == 1 and next(iter(part)) in ("Ref", "Fn::Join", "Fn::GetAtt")
        return text_of(part) if is_function else {name: _as_text(value) for name, value in part.items()}
    return part


def test_the_owner_of_another_key_is_told_which_services_it_must_let_in() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    BUILDERS["AsyncEndpoint"](stack, key=key, removal_policy=_RETAIN, vpc_config=None)
    told = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("sagemaker-inference:key-policy-"))
    assert sorted(re.findall(r"let (\w+)", " ".join(str(each.entry.data) for each in told))) == [
        "events",
        "logs",
        "sns",
    ]
