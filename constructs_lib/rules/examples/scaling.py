"""Application Auto Scaling for SageMaker: what is scaled, and between which capacities."""

from __future__ import annotations

from constructs_lib.facts import scaling as facts
from constructs_lib.rules.examples.bases import scaled, serverless, target, tracking_policy
from constructs_lib.rules.examples.example import ABSENT, Document, boundary, changed, get, join

_ENDPOINT_NAME = get("Endpoint", "EndpointName")
_VARIANT = "Config.ProductionVariants.0"


def provisioned() -> Document:
    """Model, Config, Endpoint, Target, Policy: a serverless endpoint whose provisioned concurrency scales."""
    document = changed(serverless(), {f"{_VARIANT}.ServerlessConfig.ProvisionedConcurrency": 2})
    tracking = {
        "TargetValue": 0.5,
        "PredefinedMetricSpecification": {"PredefinedMetricType": facts.PROVISIONED_CONCURRENCY_UTILIZATION},
    }
    document["Resources"].update(
        Target=target(ScalableDimension=facts.PROVISIONED_CONCURRENCY_DIMENSION, MaxCapacity=5),
        Policy=tracking_policy(TargetTrackingScalingPolicyConfiguration=tracking),
    )
    return document


def pooled(instance_type: str) -> Document:
    """A scaled endpoint on pools of instance types, of which the second is ``instance_type``."""
    pools = [{"InstanceType": "ml.m5.large", "Priority": 1}, {"InstanceType": instance_type, "Priority": 2}]
    return changed(scaled(), {f"{_VARIANT}.InstanceType": ABSENT, f"{_VARIANT}.InstancePools": pools})


def resource_id(*parts: object) -> Document:
    """A scaled endpoint whose scalable target has a resource id of these parts."""
    return changed(scaled(), {"Target.ResourceId": join(*parts)})


EXAMPLES = {
    "AS-DIMS": (
        boundary(scaled(), "Target.ServiceNamespace", passes="sagemaker", fails="ecs"),
        boundary(
            scaled(),
            "Target.ResourceId",
            passes=join("endpoint/", _ENDPOINT_NAME, "/variant/AllTraffic"),
            fails=join("endpoint/", {"Ref": "Endpoint"}, "/variant/AllTraffic"),
        ),
        boundary(
            scaled(),
            "Target.ResourceId",
            passes="endpoint/classifier/variant/AllTraffic",
            fails="classifier/variant/AllTraffic",
        ),
    ),
    "AS-DIMS-KIND": boundary(
        provisioned(), f"{_VARIANT}.ServerlessConfig.ProvisionedConcurrency", passes=1, fails=ABSENT
    ),
    "AS-DIMS-VARIANT": boundary(
        scaled(),
        "Target.ResourceId",
        passes=join("endpoint/", _ENDPOINT_NAME, "/variant/AllTraffic"),
        fails=join("endpoint/", _ENDPOINT_NAME, "/variant/alltraffic"),
    ),
    "AS-BURST": boundary(scaled(), f"{_VARIANT}.InstanceType", passes="ml.m5.large", fails="ml.t2.medium"),
    "AS-MINMAX": (
        boundary(scaled(), "Target.MaxCapacity", passes=1, fails=0),
        boundary(
            scaled(),
            "Target.ScheduledActions",
            passes=[
                {
                    "ScheduledActionName": "morning",
                    "Schedule": "rate(1 day)",
                    "ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 3},
                }
            ],
            fails=[
                {
                    "ScheduledActionName": "morning",
                    "Schedule": "rate(1 day)",
                    "ScalableTargetAction": {"MinCapacity": 4, "MaxCapacity": 3},
                }
            ],
        ),
    ),
    "AS-MAX-PC": boundary(provisioned(), "Target.MaxCapacity", passes=5, fails=6),
    "AS-RETAIN": (
        boundary(scaled(), "Endpoint.RetainAllVariantProperties", passes=True, fails=False),
        boundary(scaled(), "Endpoint.RetainAllVariantProperties", passes=True, fails=ABSENT),
    ),
    "AS-NAMES-RESOURCE-ID": boundary(
        scaled(),
        "Target.ResourceId",
        passes="endpoint/classifier/variant/" + "a" * (facts.RESOURCE_ID_LENGTH.maximum - 28),
        fails="endpoint/classifier/variant/" + "a" * (facts.RESOURCE_ID_LENGTH.maximum - 27),
    ),
}
