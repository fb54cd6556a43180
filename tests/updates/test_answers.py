"""What the answers of AWS say against a template, without a server: also what the local AWS cannot show."""

from __future__ import annotations

from typing import Any

from constructs_lib.facts.paths import ENDPOINT
from constructs_lib.rules.rule import Problem
from constructs_lib.updates.capacity import capacity
from constructs_lib.updates.endpoint import Side
from constructs_lib.updates.refusals import Found
from constructs_lib.updates.scenario import template_of
from constructs_lib.updates.served import images_of, unlike
from constructs_lib.updates.verification import status_of
from tests.updates.templates import Template, changed, on_instances, served, serverless

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64


def side(template: Template, **references: str) -> Side:
    found = template_of(template, references=references)
    return Side(found, found.of(ENDPOINT)[0])


def problems(found: Found) -> list[Problem]:
    return [problem for _, problem in found]


def live(**members: Any) -> dict[str, Any]:
    return {"EndpointName": "fraud", "EndpointStatus": "InService"} | members


def variant(**members: Any) -> dict[str, Any]:
    return {"VariantName": "A"} | members


def test_an_endpoint_that_rolls_back_is_not_done() -> None:
    endpoint = side(served()).endpoint
    (found,) = problems(status_of(endpoint, live(EndpointStatus="RollingBack", FailureReason="alarm Errors")))
    assert found.message == "endpoint fraud is RollingBack: alarm Errors"
    assert found.fix.startswith("wait")
    assert problems(status_of(endpoint, live())) == []


def test_a_deployment_that_is_under_way_names_its_configuration() -> None:
    pending = {"EndpointConfigName": "next"}
    answer = live(EndpointStatus="Updating", PendingDeploymentSummary=pending)
    (found,) = problems(status_of(side(served()).endpoint, answer))
    assert "Updating to configuration next" in found.message


def test_an_endpoint_that_failed_does_not_come_back_by_waiting() -> None:
    for status in ("Failed", "OutOfService", "UpdateRollbackFailed"):
        (found,) = problems(status_of(side(served()).endpoint, live(EndpointStatus=status)))
        assert "wait" not in found.fix


def test_instances_that_are_not_there_yet_are_told() -> None:
    answer = live(ProductionVariants=[variant(CurrentInstanceCount=1, DesiredInstanceCount=2, CurrentWeight=1.0)])
    (found,) = problems(capacity(side(served()), answer))
    assert found.message == "variant A has instance count 1, desired is 2"


def test_concurrency_that_is_not_there_yet_is_told() -> None:
    now, wanted = ({"MemorySizeInMB": 2048, "MaxConcurrency": count} for count in (5, 9))
    answer = live(ProductionVariants=[variant(CurrentServerlessConfig=now, DesiredServerlessConfig=wanted)])
    (found,) = problems(capacity(side(served(serverless(MaxConcurrency=9))), answer))
    assert found.message.startswith("variant A has serverless capacity")


def test_counts_of_a_scaled_variant_and_what_updates_retain_are_nobody_s_fault() -> None:
    row = variant(CurrentInstanceCount=4, DesiredInstanceCount=4, CurrentWeight=1.0, DesiredWeight=1.0)
    assert problems(capacity(side(served(scaled=("A",))), live(ProductionVariants=[row]))) == []
    retained = served(endpoint={"RetainAllVariantProperties": True})
    moved = live(ProductionVariants=[row | {"CurrentWeight": 7.0, "DesiredWeight": 7.0}])
    assert problems(capacity(side(retained), moved)) == []
    assert len(problems(capacity(side(served()), moved))) == 2


def deployed(image: str, resolved: str) -> list[dict[str, Any]]:
    return [{"SpecifiedImage": image, "ResolvedImage": resolved}]


def test_another_image_and_another_digest_are_noticed() -> None:
    repository = "123456789012.dkr.ecr.us-east-1.amazonaws.com/classifier"
    pinned = f"{repository}@{DIGEST}"
    (found,) = side(changed(served(), "Model", PrimaryContainer={"Image": pinned})).production
    assert problems(images_of(found, deployed(pinned, f"{repository}@{DIGEST}"))) == []
    (wrong,) = problems(images_of(found, deployed(pinned, f"{repository}@{OTHER}")))
    assert OTHER in wrong.message
    (other,) = problems(images_of(found, deployed(f"{repository}:1", f"{repository}@{DIGEST}")))
    assert f"runs {repository}:1 in place of {pinned}" in other.message


def test_an_image_in_the_account_of_the_stack_is_known() -> None:
    image = {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/classifier:1"}
    template = changed(served(), "Model", PrimaryContainer={"Image": image})
    known = {"AWS::AccountId": "123456789012", "AWS::Region": "eu-west-1", "AWS::URLSuffix": "amazonaws.com"}
    (found,) = side(template, **known).production
    running = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/classifier:1"
    assert problems(images_of(found, deployed(running, running))) == []
    assert len(problems(images_of(found, deployed(running + "9", running)))) == 1


def test_what_aws_adds_and_what_only_it_knows_are_no_difference() -> None:
    template = served(on_instances(VolumeSizeInGB={"Ref": "Size"}), config={"KmsKeyId": {"Fn::ImportValue": "Key"}})
    config = side(template).config
    assert config is not None
    found = {
        "EndpointConfigName": "any",
        "KmsKeyId": "k",
        "ProductionVariants": [
            {
                "VariantName": "A",
                "ModelName": "any",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 2,
                "InitialVariantWeight": 1.0,
                "VolumeSizeInGB": 30,
            }
        ],
    }
    assert list(unlike(config, found)) == []
    found["ProductionVariants"] = []
    assert {place.path[3] for place, _ in unlike(config, found)} == {
        "VariantName",
        "InstanceType",
        "InitialInstanceCount",
        "InitialVariantWeight",
    }
