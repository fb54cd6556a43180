"""What an update does that nobody may expect, though SageMaker takes it."""

from __future__ import annotations

from constructs_lib.facts import asynchronous, components, deployment, names, scaling, serverless, updates
from constructs_lib.facts.limit import Severity
from constructs_lib.rules.rule import Problem
from constructs_lib.templates.template import Node
from constructs_lib.templates.values import MISSING
from constructs_lib.updates.endpoint import ROLLING, Update
from constructs_lib.updates.refusals import Found
from constructs_lib.updates.steps import SIZES
from constructs_lib.updates.values import same, shown

_UNDER_COMPONENTS = ("ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation")


def cautions(update: Update) -> Found:
    """Warnings and notes about an update that deploys another configuration."""
    yield from _no_way_back(update)
    yield from _asynchronous_from_now_on(update)
    yield from _counts_reset(update)
    yield from _kept_over_the_update(update)
    yield from _concurrency_reset(update)
    yield from _under_components(update)
    yield from _guard_falls_back(update)


def _no_way_back(update: Update) -> Found:
    if update.old.is_serverless and update.new.production and not update.new.is_serverless:
        yield (
            serverless.CONVERSION,
            Problem(
                update.new.endpoint.at("EndpointConfigName"),
                "a serverless endpoint moves to instances, and cannot come back",
                "make another endpoint if you may want the serverless one again",
                Severity.WARNING,
            ),
        )


def _asynchronous_from_now_on(update: Update) -> Found:
    config = update.new.config
    if config is not None and update.old.is_asynchronous is False and update.new.is_asynchronous:
        yield (
            asynchronous.ASYNCHRONOUS_ONLY,
            Problem(
                config.at("AsyncInferenceConfig"),
                "the endpoint becomes asynchronous: InvokeEndpoint fails from then on, and it cannot come back; "
                "whether SageMaker takes such an update is on no record",
                "make another endpoint, under another construct id, and move its callers",
                Severity.WARNING,
            ),
        )


def _counts_reset(update: Update) -> Found:
    flag = update.new.endpoint.at("RetainAllVariantProperties")
    if update.retains(updates.RETAINED_COUNT) or (flag.given and flag.flag is None):
        return
    for name, _, after in update.surviving:
        if name in update.old.targets(scaling.INSTANCE_COUNT_DIMENSION):
            count = shown(after.node.at("InitialInstanceCount").value)
            yield (
                scaling.RETAIN_VARIANT_PROPERTIES,
                Problem(
                    update.new.endpoint.at("RetainAllVariantProperties"),
                    f"variant {name} goes back to InitialInstanceCount {count}, whatever scaling has reached",
                    f"set RetainAllVariantProperties to true without excluding {updates.RETAINED_COUNT}",
                ),
            )


def _kept_over_the_update(update: Update) -> Found:
    """What the new configuration says, and RetainAllVariantProperties overrules."""
    kept = {"InitialInstanceCount": updates.RETAINED_COUNT, "InitialVariantWeight": updates.RETAINED_WEIGHT}
    for name, before, after in update.surviving:
        for member, retained in kept.items():
            pair = before.node.at(member), after.node.at(member)
            if update.retains(retained) and all(place.given for place in pair):
                yield from _overruled(*pair, retained, f"{member} of variant {name}")
    if update.old.config is not None and update.new.config is not None and update.retains(updates.RETAINED_CAPTURE):
        member = updates.RETAINED_CAPTURE
        yield from _overruled(update.old.config.at(member), update.new.config.at(member), member, member)


def _overruled(before: Node, after: Node, retained: str, what: str) -> Found:
    if not same(before.value, after.value):
        yield (
            updates.RETAINED,
            Problem(
                after,
                f"{what} changes in the configuration, and the live endpoint keeps what it has",
                f"add {retained} to ExcludeRetainedVariantProperties for this deployment, or set it on the endpoint",
            ),
        )


def _concurrency_reset(update: Update) -> Found:
    targets = update.old.targets(scaling.PROVISIONED_CONCURRENCY_DIMENSION)
    for name, _, after in update.surviving:
        if name in targets and after.is_serverless:
            begins = shown(after.node.at("ServerlessConfig", "ProvisionedConcurrency").value)
            yield (
                updates.RETAINED,
                Problem(
                    after.node.at("ServerlessConfig"),
                    f"variant {name} begins with ProvisionedConcurrency {begins}: no update keeps what scaling reached",
                    "give the ProvisionedConcurrency that the load needs, if that matters",
                    Severity.INFO,
                ),
            )


def _under_components(update: Update) -> Found:
    before, after = update.old.config, update.new.config
    if before is None or after is None or not update.old.components:
        return
    for member in _UNDER_COMPONENTS:
        if not same(before.at(member).value, after.at(member).value):
            yield (
                components.COMPATIBLE_MODEL,
                Problem(
                    after.at(member),
                    f"{member} changes under {len(update.old.components)} inference component(s), which move to new "
                    "instances; whether SageMaker takes such an update is on no record",
                    f"give the models of the components the same {member}, and try it where nobody depends on it",
                ),
            )


def _guard_falls_back(update: Update) -> Found:
    staged = update.deployment.at("BlueGreenUpdatePolicy", "TrafficRoutingConfiguration", "Type").text in SIZES
    if not staged and update.deployment.at(ROLLING).missing:
        return
    if update.falls_back:
        yield (
            deployment.FALLBACK_FAMILIES,
            Problem(
                update.deployment,
                f"the update goes all at once and without baking on {deployment.FALLBACK_FAMILY} instances",
                "serve from other instances, or do without steps",
            ),
        )


def replaced_endpoint(before: Node, endpoint: Node) -> Found:
    """A replacement is a creation: no DeploymentConfig guards it."""
    name = endpoint.at("EndpointName")
    yield (
        names.ENDPOINT_UPDATES,
        Problem(
            name,
            f"EndpointName changes from {shown(before.at('EndpointName').value)} to {shown(name.value)}: another "
            "endpoint is made, and then this one goes",
            "keep the name, unless whoever calls the endpoint learns of the new one",
            Severity.WARNING,
        ),
    )
    if endpoint.at("DeploymentConfig").value is not MISSING:
        yield (
            deployment.NO_EFFECT_ON_CREATION,
            Problem(
                endpoint.at("DeploymentConfig"),
                "another endpoint is made, so that no step and no alarm of DeploymentConfig guards the change, and its "
                "variants begin with their initial counts and weights",
                "give the counts that the load needs, and watch the new endpoint before its callers move",
                Severity.WARNING,
            ),
        )


def deleted_endpoint(endpoint: Node) -> Found:
    """An endpoint that the new template does not have is deleted."""
    yield (
        names.ENDPOINT_UPDATES,
        Problem(
            endpoint,
            "the endpoint is deleted: the new template has no resource of this logical id",
            "keep the ids of the constructs around it, if it was only moved",
            Severity.WARNING,
        ),
    )
