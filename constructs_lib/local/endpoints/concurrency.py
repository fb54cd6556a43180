"""The concurrency of serverless variants: how it is changed while they serve, and what is measured of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.facts import serverless, serverless_metrics
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs_lib.local.store import Payload, VariantRecord


def check_concurrency(name: str, config: Payload) -> None:
    """Raise ValidationException for more provisioned than maximum concurrency in the ServerlessConfig of a variant."""
    provisioned, most = config.get("ProvisionedConcurrency"), config["MaxConcurrency"]
    if provisioned is not None and provisioned > most:
        raise AwsError(
            "ValidationException",
            f"ProvisionedConcurrency ({provisioned}) must be at most MaxConcurrency ({most}) for variant '{name}' "
            f"(source: {serverless.PROVISIONED_CONCURRENCY.source}).",
        )


def changed_concurrency(variant: VariantRecord, update: Payload) -> Payload:
    """The ServerlessConfig of a live variant after a ServerlessUpdateConfig; raises ValidationException."""
    if variant.serverless is None:
        raise AwsError("ValidationException", f'Variant "{variant.name}" is not serverless: it has no concurrency.')
    config = {**variant.serverless, **update}
    check_concurrency(variant.name, config)
    return config


def changed_configs(variants: Mapping[str, VariantRecord], wanted: Iterable[Payload]) -> dict[str, Payload]:
    """The ServerlessConfig by variant after DesiredWeightsAndCapacities, of those whose concurrency these change."""
    return {
        change["VariantName"]: changed_concurrency(variants[change["VariantName"]], change["ServerlessUpdateConfig"])
        for change in wanted
        if "ServerlessUpdateConfig" in change
    }


def measured_concurrency(variant: VariantRecord) -> dict[str, float]:
    """Metrics by name of what a variant works on at this moment; the utilizations are shares, 1 is all of it."""
    if variant.serverless is None:
        return {"ConcurrentRequestsPerModel": float(variant.in_flight)}
    values = {
        serverless_metrics.CONCURRENT_EXECUTIONS_UTILIZATION: variant.in_flight / variant.serverless["MaxConcurrency"]
    }
    provisioned = variant.serverless.get("ProvisionedConcurrency")
    if provisioned:
        values[serverless_metrics.PROVISIONED_EXECUTIONS] = float(min(variant.in_flight, provisioned))
        values[serverless_metrics.PROVISIONED_UTILIZATION] = variant.in_flight / provisioned
    return values
