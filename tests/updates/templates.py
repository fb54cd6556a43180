"""Small templates of one endpoint, for the tests of updates."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from constructs_lib.facts.paths import COMPONENT, CONFIG, ENDPOINT, MODEL, POLICY, TARGET

Template = dict[str, Any]
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/classifier:1"
ROLE = "arn:aws:iam::123456789012:role/serving"


def get(logical_id: str, attribute: str) -> dict[str, list[str]]:
    """``Fn::GetAtt``."""
    return {"Fn::GetAtt": [logical_id, attribute]}


def on_instances(name: str = "A", type_: str = "ml.m5.large", count: int = 2, **members: Any) -> dict[str, Any]:
    """A variant on instances."""
    return {
        "VariantName": name,
        "ModelName": get("Model", "ModelName"),
        "InstanceType": type_,
        "InitialInstanceCount": count,
        "InitialVariantWeight": 1,
    } | members


def serverless(name: str = "A", **members: Any) -> dict[str, Any]:
    """A serverless variant."""
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": 5} | members
    return {"VariantName": name, "ModelName": get("Model", "ModelName"), "ServerlessConfig": config}


def host(name: str = "A", **members: Any) -> dict[str, Any]:
    """A variant without a model, for inference components."""
    variant = on_instances(name, **members)
    return {key: value for key, value in variant.items() if key != "ModelName"}


def served(
    *variants: Mapping[str, Any],
    endpoint: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    scaled: tuple[str, ...] = (),
    component: Mapping[str, Any] | None = None,
) -> Template:
    """A template of one endpoint with these variants, of which those named in ``scaled`` have a scalable target."""
    primary = {"Image": IMAGE, "ModelDataUrl": "s3://models/one.tar.gz"}
    resources: dict[str, Any] = {
        "Model": body(MODEL, {"ExecutionRoleArn": ROLE, "PrimaryContainer": primary} | dict(model or {})),
        "Config": body(CONFIG, {"ProductionVariants": list(variants or (on_instances(),))} | dict(config or {})),
        "Endpoint": body(ENDPOINT, {"EndpointConfigName": get("Config", "EndpointConfigName")} | dict(endpoint or {})),
    }
    for name in scaled:
        resources |= target(name, is_serverless=any("ServerlessConfig" in variant for variant in variants))
    if component is not None:
        resources["Component"] = body(COMPONENT, {"EndpointName": get("Endpoint", "EndpointName")} | dict(component))
    return {"Resources": resources}


def target(variant: str, *, is_serverless: bool = False, most: int = 4) -> dict[str, Any]:
    """A scalable target for a variant, with a policy."""
    dimension = "DesiredProvisionedConcurrency" if is_serverless else "DesiredInstanceCount"
    metric = "ProvisionedConcurrencyUtilization" if is_serverless else "InvocationsPerInstance"
    place = {"Fn::Join": ["", ["endpoint/", get("Endpoint", "EndpointName"), f"/variant/{variant}"]]}
    identity = {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": f"sagemaker:variant:{dimension}",
        "ResourceId": place,
    }
    return {
        f"Target{variant}": body(TARGET, identity | {"MinCapacity": 1, "MaxCapacity": most}),
        f"Policy{variant}": body(
            POLICY,
            {
                "PolicyName": f"tracking-{variant}",
                "PolicyType": "TargetTrackingScaling",
                "ScalingTargetId": {"Ref": f"Target{variant}"},
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 100,
                    "PredefinedMetricSpecification": {"PredefinedMetricType": f"SageMakerVariant{metric}"},
                },
            },
        ),
    }


def body(type_: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """A resource."""
    return {"Type": type_, "Properties": dict(properties)}


def changed(template: Template, logical_id: str, **properties: Any) -> Template:
    """The template with other properties of one resource."""
    copied = copy.deepcopy(template)
    copied["Resources"][logical_id]["Properties"].update(properties)
    return copied


def canary(percent: int = 25, wait: int = 300, last: int = 60, timeout: int = 3600) -> dict[str, Any]:
    """A DeploymentConfig of a canary."""
    size = {"Type": "CAPACITY_PERCENT", "Value": percent}
    routing = {"Type": "CANARY", "CanarySize": size, "WaitIntervalInSeconds": wait}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": last,
            "MaximumExecutionTimeoutInSeconds": timeout,
        }
    }


def rolling(percent: int = 50, wait: int = 300, **members: Any) -> dict[str, Any]:
    """A DeploymentConfig in batches."""
    size = {"Type": "CAPACITY_PERCENT", "Value": percent}
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait} | members}
