"""Places in a template that several files of facts name."""

from __future__ import annotations

CONFIG = "AWS::SageMaker::EndpointConfig"
MODEL = "AWS::SageMaker::Model"
ENDPOINT = "AWS::SageMaker::Endpoint"
COMPONENT = "AWS::SageMaker::InferenceComponent"
EXPERIMENT = "AWS::SageMaker::InferenceExperiment"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
ALARM = "AWS::CloudWatch::Alarm"


def in_variants(below: str) -> tuple[str, ...]:
    """``below`` in every production and every shadow variant."""
    return (f"{CONFIG}/ProductionVariants/*/{below}", f"{CONFIG}/ShadowProductionVariants/*/{below}")


def in_containers(below: str) -> tuple[str, ...]:
    """``below`` in the container or in every container of a model."""
    return (f"{MODEL}/PrimaryContainer/{below}", f"{MODEL}/Containers/*/{below}")
