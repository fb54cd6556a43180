"""A deployed asynchronous endpoint gets more features, a key, other paths: what an update replaces or deletes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from graphlib import TopologicalSorter
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from constructs_lib import (
    AsyncEndpoint,
    AsyncMonitoring,
    Backlog,
    ContainerImage,
    InputSubmission,
    Model,
    ResultsConsumer,
)
from constructs_lib.endpoints.async_storage import AsyncStorage
from tests.schemas import schema
from tests.support import references, synthesize

# The same in each template, unlike what the makers of tests.support give.
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/classifier:1"
Options = Callable[[cdk.Stack], dict[str, Any]]


def with_everything(stack: cdk.Stack) -> dict[str, Any]:
    return {
        "submission": InputSubmission(),
        "results_consumer": ResultsConsumer(request_status=True),
        "monitoring": AsyncMonitoring(),
        "autoscaling": Backlog(backlog_per_instance=5, max_capacity=2),
    }


FEATURES: dict[str, Options] = {
    "a consumer": lambda _: {"results_consumer": ResultsConsumer(request_status=True)},
    "submission": lambda _: {"submission": InputSubmission()},
    "alarms": lambda stack: {"monitoring": AsyncMonitoring(actions=[sns.Topic(stack, "Operators")])},
    "scaling": lambda _: {"autoscaling": Backlog(backlog_per_instance=5, max_capacity=2)},
}
CHANGES: dict[str, Options] = {
    "another prefix": lambda _: {"submission": InputSubmission(input_prefix="inbox/")},
    "another backlog": lambda _: {"autoscaling": Backlog(backlog_per_instance=9, max_capacity=3)},
}


def with_key(stack: cdk.Stack) -> dict[str, Any]:
    return {"encryption_key": kms.Key(stack, "Key")}


def built(*options: Options) -> Template:
    def build(stack: cdk.Stack) -> None:
        given: dict[str, Any] = {}
        for each in options:
            given |= each(stack)
        model = Model(stack, "Model", image=ContainerImage.from_uri(IMAGE))
        AsyncEndpoint(stack, "Endpoint", model=model, instance_type="ml.m5.large", **given)

    return synthesize(build)


@pytest.fixture(scope="module")
def plain() -> Template:
    return built()


@pytest.fixture(scope="module")
def full() -> Template:
    return built(with_everything)


def gone(before: Template, after: Template) -> set[str]:
    """The types of which the update deletes a resource, or makes another one in its place."""
    old, new = (template.to_json()["Resources"] for template in (before, after))
    return {body["Type"] for name, body in old.items() if name not in new or _is_replaced(body, new[name])}


def _is_replaced(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    final = {path.split("/")[2] for path in schema(old["Type"]).get("createOnlyProperties", ())}
    before, after = (body.get("Properties", {}) for body in (old, new))
    return any(before.get(name) != after.get(name) for name in final)


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_that_comes_later_leaves_everything_in_its_place(plain: Template, feature: str) -> None:
    assert gone(plain, built(FEATURES[feature])) == set()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_a_feature_leaves_everything_in_its_place(full: Template, change: str) -> None:
    assert gone(full, built(with_everything, CHANGES[change])) == set()


def test_other_paths_and_a_key_are_another_configuration_and_nothing_else(full: Template) -> None:
    for change in (lambda _: {"storage": AsyncStorage(success_prefix="answers")}, with_key):
        assert gone(full, built(with_everything, change)) == {"AWS::SageMaker::EndpointConfig"}


def test_what_is_handed_in_takes_the_place_of_buckets_that_are_kept(full: Template) -> None:
    def hand_in(stack: cdk.Stack) -> dict[str, Any]:
        bucket = s3.Bucket(stack, "Shared")
        return {"storage": AsyncStorage(input_bucket=bucket, output_bucket=bucket)}

    assert gone(full, built(with_everything, hand_in)) == {
        "AWS::SageMaker::EndpointConfig",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
    }
    buckets = full.find_resources("AWS::S3::Bucket").values()
    assert {bucket["DeletionPolicy"] for bucket in buckets} == {"Retain"}


def test_nothing_waits_for_itself() -> None:
    template = built(with_everything, with_key)
    assert set(TopologicalSorter(references(template)).static_order()) >= set(references(template))
