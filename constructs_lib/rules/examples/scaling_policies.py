"""Scaling policies for SageMaker: target tracking and steps."""

from __future__ import annotations

from constructs_lib.facts import scaling_policies as facts
from constructs_lib.rules.examples.bases import scaled, tracking_policy
from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed, get
from constructs_lib.rules.examples.scaling import provisioned

_TRACKING = f"Policy.{facts.CONFIGURATIONS[facts.TARGET_TRACKING]}"
_PREDEFINED = f"{_TRACKING}.PredefinedMetricSpecification"
_CUSTOMIZED = {
    "Namespace": "/aws/sagemaker/Endpoints",
    "MetricName": "CPUUtilization",
    "Statistic": "Average",
    "Dimensions": [
        {"Name": "EndpointName", "Value": get("Endpoint", "EndpointName")},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ],
}


def with_policies(count: int) -> Document:
    """An endpoint whose scalable target has this many policies."""
    document = scaled()
    for number in range(1, count):
        document["Resources"][f"Policy{number}"] = tracking_policy(PolicyName=f"invocations-{number}")
    return document


_CUSTOM = changed(scaled(), {f"{_TRACKING}.CustomizedMetricSpecification": _CUSTOMIZED})

EXAMPLES = {
    "AS-NAMES": boundary(scaled(), "Policy.PolicyName", passes="a" * 256, fails="a" * 257),
    "AS-POLICY-TYPE": boundary(
        scaled(), "Policy.PolicyType", passes="TargetTrackingScaling", fails="PredictiveScaling"
    ),
    "AS-POLICY-CONFIGURATION": boundary(
        scaled(), "Policy.PolicyType", passes="TargetTrackingScaling", fails="StepScaling"
    ),
    "AS-Q-POL": Example(
        with_policies(facts.POLICIES_OF_TARGET.maximum), with_policies(facts.POLICIES_OF_TARGET.maximum + 1)
    ),
    "AS-PREDEF": boundary(
        scaled(),
        f"{_PREDEFINED}.PredefinedMetricType",
        passes="SageMakerVariantConcurrentRequestsPerModelHighResolution",
        fails="SageMakerInferenceComponentInvocationsPerCopy",
    ),
    "AS-LABEL": boundary(scaled(), f"{_PREDEFINED}.ResourceLabel", passes=ABSENT, fails="app/web/1/targetgroup/web/2"),
    "TRACKING-NO-METRIC": boundary(
        changed(scaled(), {_PREDEFINED: ABSENT}),
        f"{_TRACKING}.CustomizedMetricSpecification",
        passes=_CUSTOMIZED,
        fails=ABSENT,
    ),
    "TRACKING-BOTH-METRICS": boundary(
        _CUSTOM, _PREDEFINED, passes=ABSENT, fails={"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    ),
    "AS-PC-TARGET": boundary(provisioned(), f"{_TRACKING}.TargetValue", passes=1, fails=1.1),
}
