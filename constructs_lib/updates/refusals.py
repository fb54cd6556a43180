"""What SageMaker refuses of the update of an endpoint that is in service: one function a row of the facts."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import components, deployment, scaling, serverless, updates
from constructs_lib.facts.limit import Limit, Severity
from constructs_lib.rules import deployment as checks
from constructs_lib.rules.rule import Problem
from constructs_lib.templates.relations import Variant
from constructs_lib.templates.template import Node
from constructs_lib.templates.values import MISSING, Value
from constructs_lib.updates.endpoint import Update
from constructs_lib.updates.values import same, shown

Found = Iterator[tuple[Limit, Problem]]

# The limit check's own, over the new template.
_CHECKS = (
    (deployment.ONE_POLICY, checks.one_update_policy),
    (deployment.NO_ROLLING, checks.rolling_needs_one_variant_on_instances),
    (deployment.CANARY_SIZE, checks.canary_is_at_most_half),
    (deployment.LINEAR_STEP_SIZE, checks.linear_step_is_a_tenth_to_half),
    (deployment.BATCH_SIZE, checks.batch_is_a_twentieth_to_half),
    (deployment.WAIT_INTERVAL, checks.steps_have_a_wait_interval),
    (deployment.TOTAL_WAITING, checks.timeout_exceeds_waiting),
)
_TWO_STEPS = (
    "deploy twice: first without the scalable target, then with the change and the target; "
    "or let replace_on_instance_type_change=True make another endpoint"
)


def refusals(update: Update) -> Found:
    """Everything for which UpdateEndpoint, or the update of a component, is known to fail."""
    yield from _to_serverless(update)
    yield from _no_longer_asynchronous(update)
    yield from _scaled_variant(update)
    yield from _renamed_under_guard(update)
    yield from _components_without_place(update)
    yield from _deployment_config(update)


def _to_serverless(update: Update) -> Found:
    had_instances = any(not variant.is_serverless for variant in update.old.production)
    for variant in update.new.production:
        if had_instances and variant.node.at("ServerlessConfig").known:
            yield (
                serverless.CONVERSION,
                Problem(
                    variant.node.at("ServerlessConfig"),
                    "an endpoint on instances cannot become serverless",
                    "make another endpoint, under another construct id, and move its callers",
                ),
            )
            return


def _no_longer_asynchronous(update: Update) -> Found:
    config = update.new.config
    if config is not None and update.old.is_asynchronous and update.new.is_asynchronous is False:
        yield (
            updates.ASYNC_REMOVAL,
            Problem(
                config.at("AsyncInferenceConfig"),
                "an asynchronous endpoint cannot become a real-time one",
                "make another endpoint, under another construct id, and move its callers",
            ),
        )


def _scaled_variant(update: Update) -> Found:
    """The target is registered while the endpoint is updated, even if the new template has none."""
    for name, before, after in update.surviving:
        types = _instance_type(before), _instance_type(after)
        told = all(isinstance(type_, str) or type_ is MISSING for type_ in types)
        if told and name in update.old.targets(scaling.INSTANCE_COUNT_DIMENSION) and not same(*types):
            yield (
                scaling.UPDATE_OF_SCALED_VARIANT,
                Problem(
                    after.node.at("InstanceType"),
                    f"the instance type of variant {name} cannot change from {shown(types[0])} to {shown(types[1])}: "
                    "the variant is a scalable target",
                    _TWO_STEPS,
                ),
            )
    for dimension in scaling.RESOURCE_IDS:
        for name in sorted(update.removed & update.old.targets(dimension).keys()):
            yield (
                scaling.UPDATE_OF_SCALED_VARIANT,
                Problem(
                    update.new.endpoint.at("EndpointConfigName"),
                    f"variant {name} cannot be removed: it is a scalable target",
                    _TWO_STEPS,
                ),
            )


def _instance_type(variant: Variant) -> Value:
    """What names the type: nothing where pools or serverless capacity take its place."""
    return variant.node.at("InstanceType").value if not variant.is_serverless else MISSING


def _renamed_under_guard(update: Update) -> Found:
    before, after = update.old.by_name, update.new.by_name
    if update.is_guarded and before is not None and after is not None and before.keys() != after.keys():
        names = ", ".join(sorted(before)), ", ".join(sorted(after))
        yield (
            deployment.SAME_VARIANTS,
            Problem(
                update.deployment,
                f"the variants of a guarded update must keep their names, got {names[1]} in place of {names[0]}",
                "keep the names, or deploy the change of variants once without DeploymentConfig",
                # AWS's page says "must"; the row warns because one template does not show what was there before.
                Severity.ERROR,
            ),
        )


def _components_without_place(update: Update) -> Found:
    """Components that go with this update are deleted after it, so that those of the old template count."""
    after = update.new.by_name
    if after is None or not update.old.components:
        return
    for component in update.old.components:
        place = component.at("VariantName").text
        if place is not None and (place not in after or not after[place].holds_components):
            became = "goes" if place not in after else "is to serve a model"
            yield (
                components.VARIANT_NAME,
                Problem(
                    update.new.endpoint.at("EndpointConfigName"),
                    f"inference component {component.resource.logical_id} runs on variant {place}, which {became}",
                    "remove the component in a deployment of its own, before this one",
                ),
            )


def _deployment_config(update: Update) -> Found:
    """What a creation lets through, since DeploymentConfig counts from the first update on."""
    for limit, check in _CHECKS:
        for problem in check(update.new.template):
            is_mine = problem.node.resource.logical_id == update.new.endpoint.resource.logical_id
            if is_mine and (problem.severity or limit.severity) is Severity.ERROR:
                yield limit, problem


def moved_component(old: Node, new: Node, *, endpoint_is_replaced: bool) -> Found:
    """An inference component cannot be renamed, nor placed on another endpoint or variant."""
    changed = [name for name in updates.COMPONENT_FIXED_PROPERTIES if not same(old.at(name).value, new.at(name).value)]
    if endpoint_is_replaced and not changed:
        changed = ["EndpointName"]
    for name in changed:
        reason = "its endpoint is replaced" if endpoint_is_replaced else "it stays the component that it is"
        yield (
            updates.COMPONENT_FIXED,
            Problem(
                new.at(name),
                f"{name} of an inference component cannot change: {reason}",
                "give the component another construct id, so that another one is made",
            ),
        )
