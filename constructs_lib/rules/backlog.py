"""The backlog of asynchronous endpoints: which metrics there are to scale on and to watch, and waking from zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from constructs_lib.facts import asynchronous, realtime
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import ALARM, ENDPOINT, POLICY
from constructs_lib.facts.scaling import INSTANCE_COUNT_DIMENSION
from constructs_lib.facts.scaling_policies import CONFIGURATIONS, STEP_SCALING, TARGET_TRACKING
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import dimensions, grouped, is_asynchronous, metrics
from constructs_lib.templates.scaling import Scaled, policies_of, scaled
from constructs_lib.templates.template import Node, Template

_TRACKING = CONFIGURATIONS[TARGET_TRACKING]
_STEPPING = CONFIGURATIONS[STEP_SCALING]


@rule(asynchronous.METRICS_NOT_PUBLISHED)
def not_scaled_on_invocations(template: Template) -> Iterator[Problem]:
    """No policy scales an asynchronous endpoint on a metric that only real-time ones publish."""
    for policy in _policies(template):
        tracking = policy.at(_TRACKING)
        predefined = tracking.at("PredefinedMetricSpecification", "PredefinedMetricType")
        if predefined.text in asynchronous.PREDEFINED_METRICS:
            yield _never_published(
                predefined, asynchronous.PREDEFINED_METRICS[predefined.text], "the policy never acts"
            )
        for metric in metrics(tracking.at("CustomizedMetricSpecification")):
            if _is_of_asynchronous_endpoint(template, metric):
                yield from _judge_metric(metric, "the policy never acts", Severity.ERROR)


@rule(asynchronous.METRICS_NOT_PUBLISHED)
def no_alarm_on_invocations(template: Template) -> Iterator[Problem]:
    """No alarm watches a metric that an asynchronous endpoint never publishes."""
    for alarm in template.of(ALARM):
        for metric in metrics(alarm):
            if _is_of_asynchronous_endpoint(template, metric):
                yield from _judge_metric(metric, "the alarm never has data", Severity.WARNING)


def _policies(template: Template) -> Iterator[Node]:
    """The scaling policies of asynchronous endpoints."""
    for item in scaled(template):
        if is_asynchronous(template, item.endpoint):
            yield from policies_of(template, item.target)


def _is_of_asynchronous_endpoint(template: Template, metric: Node) -> bool:
    named = dimensions(metric).get("EndpointName")
    if named is None or metric.at("Namespace").text != realtime.NAMESPACE:
        return False
    return is_asynchronous(template, template.follow(named, ENDPOINT))


def _judge_metric(metric: Node, harm: str, severity: Severity) -> Iterator[Problem]:
    name = metric.at("MetricName")
    if name.text is not None and asynchronous.METRICS_NOT_PUBLISHED.allows(name.text):
        yield _never_published(name, name.text, harm, severity)


def _never_published(place: Node, metric: str, harm: str, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(
        place,
        f"an asynchronous endpoint does not publish {metric}, {harm}",
        f"use {asynchronous.BACKLOG_SIZE_PER_INSTANCE} or another metric of {asynchronous.METRICS_OF_ENDPOINT.source}",
        severity,
    )


@rule(asynchronous.METRICS_OF_ENDPOINT)
def backlog_without_variant(template: Template) -> Iterator[Problem]:
    """Metrics of the backlog are read with the dimension EndpointName alone."""
    tracked = [policy.at(_TRACKING, "CustomizedMetricSpecification") for policy in template.of(POLICY)]
    for metric in (metric for node in (*tracked, *template.of(ALARM)) for metric in metrics(node)):
        name = metric.at("MetricName").text
        if (
            name in asynchronous.METRICS_WITHOUT_VARIANT
            and metric.at("Namespace").text == realtime.NAMESPACE
            and "VariantName" in dimensions(metric)
        ):
            yield Problem(
                metric.at("Dimensions"),
                f"{name} has the dimension EndpointName alone, with VariantName there is never data",
                "remove the dimension VariantName",
            )


@rule(asynchronous.WAKE_FROM_ZERO)
def wakes_from_zero(template: Template) -> Iterator[Problem]:
    """What scales an asynchronous endpoint down to zero is woken by a backlog without capacity."""
    for item in scaled(template):
        place = _reaches_zero(item)
        if place is None or not is_asynchronous(template, item.endpoint):
            continue
        policies = policies_of(template, item.target)
        if (
            policies
            and not _raises_by_schedule(item.target)
            and not any(_wakes(template, policy) for policy in policies)
        ):
            yield Problem(
                place,
                "nothing adds the first instance when requests wait at 0 instances: target tracking acts only "
                "once the backlog exceeds its target, and the backlog per instance has no data then",
                f"add a step policy (ChangeInCapacity 1) and an alarm on {asynchronous.HAS_BACKLOG_WITHOUT_CAPACITY} "
                "of 1 or more that drives it, or raise MinCapacity to 1",
            )


def _reaches_zero(item: Scaled) -> Node | None:
    place = item.target.at("MinCapacity")
    return place if item.dimension == INSTANCE_COUNT_DIMENSION and place.number == 0 else None


def _raises_by_schedule(target: Node) -> bool:
    places = [action.at("ScalableTargetAction", "MinCapacity") for action in target.at("ScheduledActions").items]
    return any(place.given and place.number != 0 for place in places)


def _wakes(template: Template, policy: Node) -> bool:
    """Whether a policy may add the first instance: one that the backlog drives, or an alarm that cannot be told."""
    if policy.at("PolicyType").text == TARGET_TRACKING or not _adds(policy):
        return False
    driving = template.once(_alarms_by_policy).get(policy.resource.logical_id, [])
    if not driving:
        return template.is_referred_to(policy)
    return any(_sees_backlog_at_zero(alarm) for alarm in driving)


def _adds(policy: Node) -> bool:
    """Whether a step of a policy may add instances; where no steps are known, that cannot be told."""
    steps = policy.at(_STEPPING, "StepAdjustments").items
    adjustments = [step.at("ScalingAdjustment").number for step in steps]
    return not steps or any(number is None or number > 0 for number in adjustments)


def _sees_backlog_at_zero(alarm: Node) -> bool:
    names = {metric.at("MetricName").text for metric in metrics(alarm)} - {None}
    return not names or not names.isdisjoint(asynchronous.METRICS_AT_ZERO)


def _alarms_by_policy(template: Template) -> Mapping[str, list[Node]]:
    actions = [
        (template.follow(action, POLICY), alarm)
        for alarm in template.of(ALARM)
        for kind in ("AlarmActions", "OKActions", "InsufficientDataActions")
        for action in alarm.at(kind).items
    ]
    found = grouped(actions, lambda pair: pair[0])
    return {policy: [alarm for _, alarm in pairs] for policy, pairs in found.items()}
