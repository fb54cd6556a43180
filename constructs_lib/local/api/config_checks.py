"""What CreateEndpointConfig refuses of shadow variants, data capture, and models of several containers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from constructs_lib.facts import serverless, shadow
from constructs_lib.local.containers.model_containers import containers_of
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.facts.limit import Limit
    from constructs_lib.local.store import EndpointConfigRecord, ModelRecord

ModelOf = Callable[[str], "ModelRecord"]


def check_config(config: EndpointConfigRecord, model_of: ModelOf) -> None:
    """Raise ValidationException with every fault of the configuration at once; its models must be there."""
    faults = [f"{limit.what} must be {limit} (source: {limit.source})" for limit in _faults(config, model_of)]
    if config.shadows and not len(config.variants) == len(config.shadows) == 1:
        given = f"{len(config.variants)} production and {len(config.shadows)} shadow variants"
        faults.append(
            f"with ShadowProductionVariants there must be exactly 1 production and 1 shadow variant, got {given} "
            f"(source: {shadow.ONE_OF_EACH.source})"
        )
    if faults:
        raise AwsError("ValidationException", "; ".join(faults))


def _faults(config: EndpointConfigRecord, model_of: ModelOf) -> Iterator[Limit]:
    every = [*config.variants, *config.shadows]
    models = [containers_of(model_of(each["ModelName"])) for each in every if each.get("ModelName")]
    serves_many = any(container.models_prefix is not None for model in models for container in model)
    has_several = any(len(model) > 1 for model in models)
    if any(each.get("ServerlessConfig") for each in every):
        if config.data_capture:
            yield serverless.NO_DATA_CAPTURE
        if serves_many:
            yield serverless.NO_MULTI_MODEL
        if has_several:
            yield serverless.NO_PIPELINE
        if config.shadows:
            yield serverless.NO_SHADOW
        if len(config.variants) > 1:
            yield serverless.ONE_VARIANT
    if config.shadows:
        if config.asynchronous:
            yield shadow.NO_ASYNCHRONOUS
        if has_several:
            yield shadow.NO_MULTI_CONTAINER
        if serves_many:
            yield shadow.NO_MULTI_MODEL
