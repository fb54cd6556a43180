"""Scaling policies for SageMaker: target tracking and steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constructs_lib.facts import scaling
from constructs_lib.facts import scaling_policies as facts
from constructs_lib.facts.limit import Limit
from constructs_lib.facts.paths import POLICY
from constructs_lib.rules.rows import judged
from constructs_lib.rules.rule import Problem, rule, stated
from constructs_lib.templates.scaling import is_sagemaker, policies_of, scaled, target_of
from constructs_lib.templates.template import Node, Template

_TRACKING = facts.CONFIGURATIONS[facts.TARGET_TRACKING]
_STEPS = facts.CONFIGURATIONS[facts.STEP_SCALING]
_PREDEFINED, _CUSTOMIZED = "PredefinedMetricSpecification", "CustomizedMetricSpecification"


@dataclass(frozen=True, slots=True)
class Policy:
    """A scaling policy for SageMaker. ``dimension`` is what it scales, where that is known."""

    node: Node
    dimension: str | None

    @property
    def tracking(self) -> Node:
        """Its configuration of target tracking."""
        return self.node.at(_TRACKING)

    @property
    def metric_type(self) -> Node:
        """The predefined metric that it tracks."""
        return self.tracking.at(_PREDEFINED, "PredefinedMetricType")

    @property
    def stepping(self) -> Node:
        """Its configuration of step scaling."""
        return self.node.at(_STEPS)

    @property
    def steps(self) -> list[Node]:
        """Its step adjustments."""
        return self.stepping.at("StepAdjustments").items


def policies(template: Template) -> list[Policy]:
    """Every scaling policy that is known to be SageMaker's: by what it scales, or by its predefined metric."""
    return template.once(_policies)


def _policies(template: Template) -> list[Policy]:
    found = []
    for node in template.of(POLICY):
        owner = target_of(template, node) or node
        policy = Policy(node, owner.at("ScalableDimension").text)
        if is_sagemaker(owner) or (policy.metric_type.text or "").startswith("SageMaker"):
            found.append(policy)
    return found


# Rows that a single value of a policy decides.
_PLACES: tuple[tuple[Limit, tuple[str, ...]], ...] = (
    (facts.POLICY_NAME, ("PolicyName",)),
    (facts.POLICY_TYPE, ("PolicyType",)),
    (facts.RESOURCE_LABEL, (_TRACKING, _PREDEFINED, "ResourceLabel")),
    (facts.ADJUSTMENT_TYPE, (_STEPS, "AdjustmentType")),
    (facts.METRIC_AGGREGATION_TYPE, (_STEPS, "MetricAggregationType")),
    (facts.STEP_ADJUSTMENTS, (_STEPS, "StepAdjustments")),
    (facts.STEP_ADJUSTMENTS_QUOTA, (_STEPS, "StepAdjustments")),
)


def _judge_at(limit: Limit, steps: tuple[str, ...]) -> None:
    def check(template: Template) -> Iterator[Problem]:
        for policy in policies(template):
            yield from judged(limit, policy.node.at(*steps))

    check.__doc__ = stated(limit)
    rule(limit)(check)


for _limit, _steps in _PLACES:
    _judge_at(_limit, _steps)


@rule(facts.POLICY_CONFIGURATION)
def configuration_of_type(template: Template) -> Iterator[Problem]:
    """A policy has the configuration that its type asks for."""
    for policy in policies(template):
        type_ = policy.node.at("PolicyType").text or ""
        wanted = facts.CONFIGURATIONS.get(type_)
        if wanted is not None and policy.node.at(wanted).missing:
            yield Problem(
                policy.node.at("PolicyType"),
                f"{wanted} is required for a policy of type {type_}",
                f"add {wanted}, or change PolicyType",
            )


@rule(facts.POLICIES_OF_TARGET)
def policies_of_target(template: Template) -> Iterator[Problem]:
    """A scalable target has at most 50 scaling policies."""
    maximum = facts.POLICIES_OF_TARGET.maximum
    for item in scaled(template):
        count = len(policies_of(template, item.target))
        if count > maximum:
            message = f"a scalable target must have at most {maximum} scaling policies, got {count}"
            yield Problem(item.target, message, f"leave {maximum} or fewer")


@rule(facts.PREDEFINED_METRIC)
def metric_of_dimension(template: Template) -> Iterator[Problem]:
    """A predefined metric is one that the scalable dimension supports."""
    for policy in policies(template):
        allowed = scaling.PREDEFINED_METRICS.get(policy.dimension or "")
        metric = policy.metric_type
        if allowed and metric.text is not None and metric.text not in allowed:
            names = " or ".join(allowed)
            message = f"PredefinedMetricType of {policy.dimension} must be {names}, got {metric.text}"
            yield Problem(metric, message, f"give {names}")


@rule(facts.TRACKED_METRIC)
def metric_given(template: Template) -> Iterator[Problem]:
    """A target-tracking policy names a predefined or a customized metric."""
    for policy in policies(template):
        places = [policy.tracking.at(name) for name in (_PREDEFINED, _CUSTOMIZED)]
        if policy.tracking.given and all(place.missing for place in places):
            message = f"{_PREDEFINED} or {_CUSTOMIZED} is required, got neither"
            yield Problem(policy.tracking, message, "name the metric to track")


@rule(facts.ONE_TRACKED_METRIC)
def one_metric(template: Template) -> Iterator[Problem]:
    """A target-tracking policy does not name both a predefined and a customized metric."""
    for policy in policies(template):
        if policy.tracking.at(_PREDEFINED).given and policy.tracking.at(_CUSTOMIZED).given:
            message = f"a target-tracking policy must have either a {_PREDEFINED} or a {_CUSTOMIZED}, got both"
            yield Problem(policy.tracking, message, "keep one of them")


@rule(facts.UTILIZATION_TARGET)
def utilization_is_a_ratio(template: Template) -> Iterator[Problem]:
    """The target of the provisioned concurrency's utilization is a ratio from 0 to 1."""
    for policy in policies(template):
        if policy.metric_type.text == scaling.PROVISIONED_CONCURRENCY_UTILIZATION:
            yield from judged(facts.UTILIZATION_TARGET, policy.tracking.at("TargetValue"))
