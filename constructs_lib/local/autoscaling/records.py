"""What Application Auto Scaling remembers, and how a request becomes a policy of the scaling engine."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from constructs_lib.facts import scaling
from constructs_lib.local.arns import ACCOUNT, REGION
from constructs_lib.local.autoscaling.engine import (
    DEFAULT_COOLDOWN,
    Policy,
    ScalingEngine,
    StepAdjustment,
    StepScaling,
    TargetTracking,
)
from constructs_lib.local.autoscaling.keys import Key, refused
from constructs_lib.local.autoscaling.tracked_metrics import is_published, tracked_metric
from constructs_lib.local.store import Payload

TARGET_TRACKING, STEP = "TargetTrackingScaling", "StepScaling"
ADJUSTMENT_TYPES = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
ROLE = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


@dataclass
class TargetRecord:
    """A scalable target with the engine that decides for it."""

    resource_id: str
    dimension: str
    engine: ScalingEngine
    role: str = ROLE
    suspended: Payload = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    created: float = field(default_factory=time.time)
    arn: str = field(
        default_factory=lambda: (
            f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/{uuid.uuid4().hex[:34]}"
        )
    )

    @property
    def key(self) -> Key:
        """Resource id and dimension."""
        return self.resource_id, self.dimension

    def suspend(self, state: Payload) -> None:
        """Take over a SuspendedState, member by member."""
        self.suspended |= state
        self.engine.scale_in_suspended = bool(self.suspended.get("DynamicScalingInSuspended"))
        self.engine.scale_out_suspended = bool(self.suspended.get("DynamicScalingOutSuspended"))

    def describe(self) -> Payload:
        """One entry of DescribeScalableTargets."""
        members = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
        return {
            "ServiceNamespace": scaling.SERVICE_NAMESPACE,
            "ResourceId": self.resource_id,
            "ScalableDimension": self.dimension,
            "MinCapacity": self.engine.minimum,
            "MaxCapacity": self.engine.maximum,
            "RoleARN": self.role,
            "CreationTime": self.created,
            "SuspendedState": {member: bool(self.suspended.get(member)) for member in members},
            "ScalableTargetARN": self.arn,
        }


@dataclass
class PolicyRecord:
    """A scaling policy as it was put; `definition` is the request."""

    name: str
    key: Key
    definition: Payload
    created: float = field(default_factory=time.time)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def arn(self) -> str:
        """The ARN that alarms name as their action."""
        resource = f"resource/{scaling.SERVICE_NAMESPACE}/{self.key[0]}"
        return f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:{self.id}:{resource}:policyName/{self.name}"

    @property
    def tracking(self) -> Payload:
        """The configuration of target tracking; empty for another type of policy."""
        config: Payload = self.definition.get("TargetTrackingScalingPolicyConfiguration") or {}
        return config

    def alarms(self) -> list[Payload]:
        """The alarms that target tracking keeps for itself; a step policy's are deployed beside it."""
        policy = policy_of(self)
        if isinstance(policy, StepScaling):
            return []
        return [
            {"AlarmName": alarm.name, "AlarmARN": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm.name}"}
            for alarm in (policy.high_alarm, policy.low_alarm)
        ]

    def describe(self) -> Payload:
        """One entry of DescribeScalingPolicies."""
        answer = {
            "PolicyARN": self.arn,
            "PolicyName": self.name,
            "ServiceNamespace": scaling.SERVICE_NAMESPACE,
            "ResourceId": self.key[0],
            "ScalableDimension": self.key[1],
            "PolicyType": self.definition["PolicyType"],
            "Alarms": self.alarms(),
            "CreationTime": self.created,
        }
        member = f"{self.definition['PolicyType']}PolicyConfiguration"
        return answer | {member: self.definition[member]}


def policy_of(record: PolicyRecord) -> Policy:
    """The engine's policy for a record; raises ValidationException in AWS's words for one that cannot be."""
    definition = record.definition
    if definition["PolicyType"] == TARGET_TRACKING:
        return _target_tracking(record, definition.get("TargetTrackingScalingPolicyConfiguration"))
    if definition["PolicyType"] == STEP:
        return _step_scaling(record, definition.get("StepScalingPolicyConfiguration"))
    raise refused(f"policy type must be {TARGET_TRACKING} or {STEP} locally, got '{definition['PolicyType']}'")


def _target_tracking(record: PolicyRecord, config: Payload | None) -> TargetTracking:
    if not config:
        raise refused("Target tracking scaling policy configuration must be specified")
    if float(config["TargetValue"]) <= 0:
        raise refused(f"target value must be greater than 0, got {config['TargetValue']}")
    metric, statistic, high_resolution = tracked_metric(record.key, config)
    return TargetTracking(
        name=record.name,
        metric=metric,
        target_value=float(config["TargetValue"]),
        statistic=statistic,
        scale_out_cooldown=float(config.get("ScaleOutCooldown", DEFAULT_COOLDOWN)),
        scale_in_cooldown=float(config.get("ScaleInCooldown", DEFAULT_COOLDOWN)),
        # A policy that can never agree must not keep the others from scaling in.
        disable_scale_in=not is_published(config) or bool(config.get("DisableScaleIn", False)),
        high_resolution=high_resolution,
        alarm_prefix=f"TargetTracking-{record.key[0]}",
    )


def _step_scaling(record: PolicyRecord, config: Payload | None) -> StepScaling:
    if not config:
        raise refused("Step scaling policy configuration must be specified")
    kind, steps = config.get("AdjustmentType"), config.get("StepAdjustments")
    if not kind:
        raise refused("Adjustment type must be specified")
    if kind not in ADJUSTMENT_TYPES:
        raise refused(f"adjustment type must be one of {', '.join(ADJUSTMENT_TYPES)}, got '{kind}'")
    if not steps:
        raise refused("There must be at least one step adjustment")
    if "MinAdjustmentMagnitude" in config and kind != "PercentChangeInCapacity":
        raise refused("Minimum adjustment magnitude is only allowed for adjustment type PercentChangeInCapacity")
    return StepScaling(
        name=record.name,
        adjustment_type=kind,
        steps=tuple(_step(each, kind) for each in steps),
        cooldown=float(config.get("Cooldown", DEFAULT_COOLDOWN)),
        min_adjustment_magnitude=int(config.get("MinAdjustmentMagnitude", 0)),
    )


def _step(step: Payload, kind: str) -> StepAdjustment:
    lower, upper = _bound(step.get("MetricIntervalLowerBound")), _bound(step.get("MetricIntervalUpperBound"))
    if lower is None and upper is None:
        raise refused("Both lower and upper bounds of a step adjustment cannot be left unspecified")
    if kind == "ExactCapacity" and int(step["ScalingAdjustment"]) < 0:
        raise refused("Scaling adjustment cannot be less than 0 when adjustment type is ExactCapacity")
    return StepAdjustment(int(step["ScalingAdjustment"]), lower, upper)


def _bound(value: Any) -> float | None:
    return None if value is None else float(value)
