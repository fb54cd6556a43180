"""How far scaling of SageMaker may go down, and how a component gets to zero and back."""

from __future__ import annotations

from constructs_lib.facts import scaling
from constructs_lib.rules.examples.bases import ROLE_ARN, config, endpoint, model, scaled, target, tracking_policy
from constructs_lib.rules.examples.example import (
    ABSENT,
    Document,
    boundary,
    changed,
    get,
    join,
    resource,
    template,
)
from constructs_lib.rules.examples.scaling import provisioned

_COMPONENT_NAME = get("Component", "InferenceComponentName")


def component_to_zero() -> Document:
    """Model, Config, Endpoint, Component, Target, Policy, Wake, Alarm: a component that scales to zero and back."""
    variant = {
        "VariantName": "AllTraffic",
        "InstanceType": "ml.g5.xlarge",
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2},
    }
    component = resource(
        "AWS::SageMaker::InferenceComponent",
        EndpointName=get("Endpoint", "EndpointName"),
        VariantName="AllTraffic",
        Specification={
            "ModelName": get("Model", "ModelName"),
            "ComputeResourceRequirements": {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024},
        },
        RuntimeConfig={"CopyCount": 1},
    )
    tracking = {
        "TargetValue": 5,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": scaling.PREDEFINED_METRICS[scaling.COPY_COUNT_DIMENSION][1]
        },
    }
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "MetricAggregationType": "Maximum",
        "Cooldown": 60,
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    }
    return template(
        Model=model(),
        Config=config(variant, ExecutionRoleArn=ROLE_ARN),
        Endpoint=endpoint(),
        Component=component,
        Target=target(
            ScalableDimension=scaling.COPY_COUNT_DIMENSION,
            ResourceId=join("inference-component/", _COMPONENT_NAME),
            MinCapacity=0,
        ),
        Policy=tracking_policy(TargetTrackingScalingPolicyConfiguration=tracking),
        Wake=resource(
            "AWS::ApplicationAutoScaling::ScalingPolicy",
            PolicyName="wake",
            PolicyType="StepScaling",
            ScalingTargetId={"Ref": "Target"},
            StepScalingPolicyConfiguration=steps,
        ),
        Alarm=resource(
            "AWS::CloudWatch::Alarm",
            Namespace="AWS/SageMaker",
            MetricName=scaling.NO_CAPACITY_METRIC,
            Dimensions=[{"Name": "InferenceComponentName", "Value": _COMPONENT_NAME}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            AlarmActions=[{"Ref": "Wake"}],
        ),
    )


_MANAGED = "Config.ProductionVariants.0.ManagedInstanceScaling"
_STEPLESS = changed(
    component_to_zero(),
    {
        "Wake.PolicyType": "TargetTrackingScaling",
        "Wake.StepScalingPolicyConfiguration": ABSENT,
        "Wake.TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": scaling.PREDEFINED_METRICS[scaling.COPY_COUNT_DIMENSION][0]
            },
        },
        "Alarm.AlarmActions": ABSENT,
    },
)

EXAMPLES = {
    "AS-MIN-RT": boundary(scaled(), "Target.MinCapacity", passes=1, fails=0),
    "AS-MIN-IC": boundary(component_to_zero(), "Target.MinCapacity", passes=0, fails=-1),
    "AS-MIN-PC": boundary(provisioned(), "Target.MinCapacity", passes=1, fails=0),
    "AS-IC-ZERO": (
        boundary(component_to_zero(), f"{_MANAGED}.MinInstanceCount", passes=0, fails=1),
        boundary(_STEPLESS, "Target.MinCapacity", passes=1, fails=0),
    ),
}
