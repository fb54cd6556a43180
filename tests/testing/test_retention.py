"""Data that goes with its resource is told."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.testing import assert_retained

KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


def bucket(**policies: str) -> dict[str, Any]:
    return {"Resources": {"Data": {"Type": "AWS::S3::Bucket", **policies}}}


def test_what_is_retained_in_both_cases_passes() -> None:
    assert_retained(bucket(**KEPT))


@pytest.mark.parametrize(
    ("policies", "told"),
    [
        ({}, "DeletionPolicy is Delete, UpdateReplacePolicy is Delete"),
        ({**KEPT, "DeletionPolicy": "Delete"}, r"\): DeletionPolicy is Delete$"),
        ({"DeletionPolicy": "Retain"}, r"\): UpdateReplacePolicy is Delete$"),
    ],
)
def test_what_is_deleted_is_told_with_its_policies(policies: dict[str, str], told: str) -> None:
    with pytest.raises(AssertionError, match=told) as raised:
        assert_retained(bucket(**policies))
    assert "set removal_policy=RemovalPolicy.RETAIN on:\n  - template: Data (AWS::S3::Bucket)" in str(raised.value)


def test_the_types_that_have_to_stay_can_be_named() -> None:
    template = bucket(**KEPT)
    template["Resources"]["Queue"] = {"Type": "AWS::SQS::Queue"}
    assert_retained(template)
    with pytest.raises(AssertionError, match="Queue"):
        assert_retained(template, ["AWS::SQS::Queue"])


def test_a_template_without_data_is_no_proof() -> None:
    with pytest.raises(AssertionError, match="nothing to retain: the template has no AWS::S3::Bucket"):
        assert_retained({"Resources": {}})
