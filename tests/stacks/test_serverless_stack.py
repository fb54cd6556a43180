"""The serverless stack with the settings that are left out by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.stacks.test_app import run_app, template

TOPIC = "arn:aws:sns:us-east-1:123456789012:operators"


def synthesized(folder: Path, **settings: object) -> dict[str, dict[str, Any]]:
    """The resources of the stack by type, where there is one of each."""
    given = {f"inference.serverless.{name}": value for name, value in settings.items()}
    done = run_app(folder, **{"inference.stacks": "serverless", **given})
    assert done.returncode == 0, done.stderr
    found = template(folder, "InferenceServerless")["Resources"].values()
    return {resource["Type"]: resource["Properties"] for resource in found}


def test_what_is_provisioned_follows_its_use_and_cold_starts_are_told_of(tmp_path: Path) -> None:
    resources = synthesized(tmp_path, provisionedConcurrency="2", maxProvisionedConcurrency="4", alarmTopicArn=TOPIC)
    target = resources["AWS::ApplicationAutoScaling::ScalableTarget"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 4)
    (variant,) = resources["AWS::SageMaker::EndpointConfig"]["ProductionVariants"]
    assert variant["ServerlessConfig"]["ProvisionedConcurrency"] == 2
    assert resources["AWS::CloudWatch::Alarm"]["AlarmActions"] == [TOPIC]


def test_by_default_nothing_is_provisioned_scaled_or_told(tmp_path: Path) -> None:
    resources = synthesized(tmp_path)
    assert not {"AWS::ApplicationAutoScaling::ScalableTarget", "AWS::CloudWatch::Alarm"} & set(resources)
    (variant,) = resources["AWS::SageMaker::EndpointConfig"]["ProductionVariants"]
    assert "ProvisionedConcurrency" not in variant["ServerlessConfig"]


def test_the_most_alone_begins_with_one(tmp_path: Path) -> None:
    target = synthesized(tmp_path, maxProvisionedConcurrency="3")["AWS::ApplicationAutoScaling::ScalableTarget"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 3)
