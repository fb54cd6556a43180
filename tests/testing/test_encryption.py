"""What has another key than it should have, or none, is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from constructs_lib.testing import assert_encrypted_with
from constructs_lib.testing.encryption import ENCRYPTED_BY
from tests.schemas import places

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0b2b1c3e-5a6d-4f70-8f3f-d9c3f1b2a4e5"
TOPIC, QUEUE = "AWS::SNS::Topic", "AWS::SQS::Queue"


def template(**resources: dict[str, Any]) -> dict[str, Any]:
    return {"Resources": resources}


def resource(type_: str, key: Any) -> dict[str, Any]:
    """A resource that says by which key it is encrypted, at the place where its type does."""
    value = key
    for step in reversed(ENCRYPTED_BY[type_]):
        value = [value] if isinstance(step, int) else {step: value}
    return {"Type": type_, "Properties": value}


@pytest.mark.parametrize("type_", ENCRYPTED_BY)
def test_each_type_passes_with_the_key_and_fails_with_another_or_none(type_: str) -> None:
    assert_encrypted_with(template(Data=resource(type_, KEY)), KEY)
    with pytest.raises(AssertionError, match=r'Data \(.*\): the key is "alias/aws/.*"'):
        assert_encrypted_with(template(Data=resource(type_, "alias/aws/any")), KEY)
    with pytest.raises(AssertionError, match=r"set encryption_key on:\n  - template: Data \(.*\): no key"):
        assert_encrypted_with(template(Data={"Type": type_}), KEY)


@pytest.mark.parametrize(("type_", "steps"), ENCRYPTED_BY.items())
def test_a_key_stands_where_the_schema_of_cloudformation_has_it(type_: str, steps: Sequence[str | int]) -> None:
    assert places(type_, ["*" if isinstance(step, int) else step for step in steps])


def test_a_key_of_the_app_is_named_by_a_part_of_its_logical_id_in_other_stacks_too() -> None:
    app = cdk.App()
    owner, user = cdk.Stack(app, "Owner"), cdk.Stack(app, "User")
    key = kms.Key(owner, "Own")
    for stack in (owner, user):
        sns.Topic(stack, "Topic", master_key=key)
    assert_encrypted_with(app, "Own")
    with pytest.raises(AssertionError, match="not encrypted with Other"):
        assert_encrypted_with(app, "Other")


def test_the_types_to_look_at_can_be_named() -> None:
    mixed = template(Told=resource(TOPIC, KEY), Asked={"Type": QUEUE})
    assert_encrypted_with(mixed, KEY, types=[TOPIC])
    with pytest.raises(AssertionError, match="Asked"):
        assert_encrypted_with(mixed, KEY)
    with pytest.raises(AssertionError, match=r"types must be of .*, got AWS::EC2::VPC"):
        assert_encrypted_with(mixed, KEY, types=["AWS::EC2::VPC"])


def test_a_template_that_stores_nothing_fails() -> None:
    with pytest.raises(AssertionError, match="nothing to encrypt"):
        assert_encrypted_with(template(), KEY)
