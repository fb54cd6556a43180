"""Whether live variants have the instances, weights and scaling of a template."""

from __future__ import annotations

from collections.abc import Mapping

from constructs_lib.facts import updates
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.scaling import INSTANCE_COUNT_DIMENSION, RESOURCE_IDS
from constructs_lib.rules.rule import Problem
from constructs_lib.templates.relations import Variant
from constructs_lib.templates.scaling import Scaled, policies_of
from constructs_lib.templates.template import Node
from constructs_lib.updates.endpoint import Side, keeps
from constructs_lib.updates.live import Answer, Live
from constructs_lib.updates.refusals import Found
from constructs_lib.updates.served import unlike
from constructs_lib.updates.values import shown

_PAIRS = (
    ("instance count", "CurrentInstanceCount", "DesiredInstanceCount"),
    ("weight", "CurrentWeight", "DesiredWeight"),
    ("serverless capacity", "CurrentServerlessConfig", "DesiredServerlessConfig"),
)


def capacity(side: Side, described: Answer) -> Found:
    """Each variant has what it is to have, and what the configuration says where nothing else sets it."""
    live = {row["VariantName"]: row for row in described.get("ProductionVariants", [])}
    scaled = side.targets(INSTANCE_COUNT_DIMENSION)
    for variant in side.production:
        row = live.get(variant.name or "")
        if row is None:
            continue
        yield from _reached(variant, row)
        if not keeps(side.endpoint, updates.RETAINED_WEIGHT):
            yield from _as_written(variant.node.at("InitialVariantWeight"), row.get("CurrentWeight"), variant)
        counted = variant.name not in scaled and variant.node.at("ManagedInstanceScaling").missing
        if counted and not keeps(side.endpoint, updates.RETAINED_COUNT):
            yield from _as_written(variant.node.at("InitialInstanceCount"), row.get("DesiredInstanceCount"), variant)


def _reached(variant: Variant, row: Answer) -> Found:
    for what, current, desired in _PAIRS:
        if desired in row and row.get(current) != row[desired]:
            yield (
                updates.LIVE_CAPACITY,
                Problem(
                    variant.node,
                    f"variant {variant.name} has {what} {shown(row.get(current))}, desired is {shown(row[desired])}",
                    "wait until scaling has ended; if it does not, look for capacity errors and quotas",
                ),
            )


def _as_written(place: Node, found: object, variant: Variant) -> Found:
    if found is not None and any(unlike(place, found)):
        yield (
            updates.LIVE_CAPACITY,
            Problem(
                place,
                f"variant {variant.name} has {place.path[-1]} {shown(place.value)} in the template and {found} live",
                "somebody changed it since: put it into the template, or set it back on the endpoint",
            ),
        )


def scaling(side: Side, described: Answer, live: Live) -> Found:
    """The scalable targets and policies are registered as the template has them, and no others."""
    intended = {
        (form.format(endpoint=described["EndpointName"], variant=name), dimension): item
        for dimension, form in RESOURCE_IDS.items()
        for name, item in side.targets(dimension).items()
    }
    names = [row["VariantName"] for row in described.get("ProductionVariants", [])]
    ids = {
        form.format(endpoint=described["EndpointName"], variant=name)
        for form in RESOURCE_IDS.values()
        for name in names
    }
    ids |= {resource_id for resource_id, _ in intended}
    rows = live.targets(sorted(ids)) if ids else []
    found = {(row["ResourceId"], row["ScalableDimension"]): row for row in rows}
    for key, item in intended.items():
        yield from _target(item, found.get(key), key)
        if key in found:
            yield from _policies(side, item, live.policies(*key))
    yield from _unknown(side, found.keys() - intended.keys())


def _target(item: Scaled, row: Answer | None, key: tuple[str, str]) -> Found:
    fix = "deploy again; a target that was deregistered by hand comes back only when its resource changes"
    if row is None:
        yield updates.LIVE_SCALING, Problem(item.target, f"{key[0]} is not registered as a scalable target", fix)
        return
    for member in ("MinCapacity", "MaxCapacity"):
        for place, value in unlike(item.target.at(member), row.get(member)):
            message = f"{member} of {key[0]} is {value}, {shown(place.value)} is intended"
            yield updates.LIVE_SCALING, Problem(place, message, fix)
    stopped = sorted(name for name, is_on in row.get("SuspendedState", {}).items() if is_on)
    if stopped and item.target.at("SuspendedState").missing:
        yield (
            updates.LIVE_SCALING,
            Problem(
                item.target,
                f"{', '.join(stopped)} of {key[0]} is in force, which the template does not say",
                "resume scaling with RegisterScalableTarget and SuspendedState",
                Severity.WARNING,
            ),
        )


def _policies(side: Side, item: Scaled, found: Mapping[str, Answer]) -> Found:
    for policy in policies_of(side.template, item.target):
        name = policy.at("PolicyName").text
        if name is None:
            continue
        if name not in found:
            message = f"{item.target.resource.logical_id} has no scaling policy {name}"
            yield updates.LIVE_SCALING, Problem(policy, message, "deploy again, or look at the stack's events")
            continue
        members = ("PolicyType", "TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration")
        for member in members:
            for place, value in unlike(policy.at(member), found[name].get(member)):
                what = ".".join(map(str, place.path[1:]))
                message = f"{what} of scaling policy {name} is {shown(value)}, {shown(place.value)} is intended"
                yield updates.LIVE_SCALING, Problem(place, message, "deploy again, or put the change into the template")


def _unknown(side: Side, keys: set[tuple[str, str]]) -> Found:
    for resource_id, dimension in sorted(keys):
        yield (
            updates.LIVE_SCALING,
            Problem(
                side.endpoint,
                f"{resource_id} is a scalable target for {dimension}, which the template does not have",
                "deregister it, or put it into the template: an update that changes the instance type fails with it",
                Severity.WARNING,
            ),
        )
