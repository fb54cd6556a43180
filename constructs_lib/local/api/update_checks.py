"""What UpdateEndpoint refuses, and what an update keeps of the live variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.facts import deployment as guarded
from constructs_lib.facts import scaling, updates
from constructs_lib.local.endpoints.deployment_policies import check_deployment
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import RolloutRecord

if TYPE_CHECKING:
    from collections.abc import Container

    from constructs_lib.local.store import EndpointConfigRecord, EndpointRecord, Payload

_RETAINED = frozenset({updates.RETAINED_COUNT, updates.RETAINED_WEIGHT, updates.RETAINED_CAPTURE})


def check_update(
    record: EndpointRecord, config: EndpointConfigRecord, deployment: Payload, targets: Container[tuple[str, str]]
) -> None:
    """Raise AWS's ValidationException; `targets` are the registered scalable targets."""
    if record.config_name == config.name:
        raise AwsError("ValidationException", f'Endpoint "{record.arn}" has this configuration already.')
    live = any(variant.serverless is None for variant in record.variants.values())
    if live and any(variant.get("ServerlessConfig") for variant in config.variants):
        raise AwsError(
            "ValidationException", f'Cannot convert the instance-based endpoint "{record.arn}" to serverless.'
        )
    if record.asynchronous and not config.asynchronous:
        limit = updates.ASYNC_REMOVAL
        raise AwsError("ValidationException", f"{limit.aws_says} {record.name} (source: {limit.source})")
    _check_scaled_variants(record, config, targets)
    _check_names(record, config, deployment)
    check_deployment(deployment, config.variants)


def _check_names(record: EndpointRecord, config: EndpointConfigRecord, deployment: Payload) -> None:
    """A guarded update keeps the names of the production variants."""
    before = {name for name, variant in record.variants.items() if not variant.is_shadow}
    after = {variant["VariantName"] for variant in config.variants}
    if before != after and (deployment.get("BlueGreenUpdatePolicy") or deployment.get("RollingUpdatePolicy")):
        limit = guarded.SAME_VARIANTS
        raise AwsError(
            "ValidationException",
            f"The {limit.what} must be {limit.allowed}: got {', '.join(sorted(after))} in place of "
            f"{', '.join(sorted(before))} (source: {limit.source})",
        )


def _check_scaled_variants(
    record: EndpointRecord, config: EndpointConfigRecord, targets: Container[tuple[str, str]]
) -> None:
    wanted = {variant["VariantName"]: variant.get("InstanceType") for variant in config.variants}
    for name, variant in record.variants.items():
        ids = {
            dimension: form.format(endpoint=record.name, variant=name)
            for dimension, form in scaling.RESOURCE_IDS.items()
        }
        registered = [dimension for dimension, resource_id in ids.items() if (resource_id, dimension) in targets]
        if registered and name not in wanted:
            change = f"removes variant {name}"
        elif scaling.INSTANCE_COUNT_DIMENSION in registered and wanted[name] != variant.definition.get("InstanceType"):
            change = f"changes variant {name} from {variant.definition.get('InstanceType')} to {wanted[name]}"
        else:
            continue
        resource_id = ids[registered[0]]
        limit = scaling.UPDATE_OF_SCALED_VARIANT
        raise AwsError(
            "ValidationException",
            f'Cannot update endpoint "{record.arn}": configuration {config.name} {change}, which is registered as a '
            f"scalable target ({resource_id}). Deregister it with DeregisterScalableTarget first "
            f"(source: {limit.source})",
        )


def retained_by(request: Payload) -> set[str]:
    """The variant properties that live variants keep: all but the excluded ones, or none."""
    excluded = {item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties") or []}
    return set(_RETAINED - excluded) if request.get("RetainAllVariantProperties") else set()


def deployment_of(record: EndpointRecord, request: Payload) -> Payload:
    """The DeploymentConfig that an update goes by: its own, with RetainDeploymentConfig the last one, or none."""
    given = request.get("DeploymentConfig")
    if given is None and request.get("RetainDeploymentConfig"):
        given = record.deployment
    return dict(given or {})


def planned(config: EndpointConfigRecord, deployment: Payload) -> RolloutRecord:
    """The rollout of an update that has just begun."""
    return RolloutRecord(config.name, deployment)
