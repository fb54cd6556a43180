"""Variants as the fleet makes them: from their definition, and with what an update retains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.facts import realtime
from constructs_lib.local.containers.model_containers import containers_of, targets_of
from constructs_lib.local.endpoints.targets import Targets
from constructs_lib.local.store import VariantRecord

if TYPE_CHECKING:
    from constructs_lib.local.store import ModelRecord, Payload


def variant_of_definition(definition: Payload, model: ModelRecord | None, *, is_shadow: bool = False) -> VariantRecord:
    """A live variant; `model` is None for one that hosts inference components."""
    serverless = definition.get("ServerlessConfig")
    count = 0 if serverless else int(definition.get("InitialInstanceCount", 1))
    return VariantRecord(
        name=definition["VariantName"],
        model_name=model.name if model else "",
        image=model.image if model else "",
        weight=float(definition.get("InitialVariantWeight", 1.0)),
        current_instance_count=count,
        desired_instance_count=count,
        serverless=serverless,
        definition=definition,
        images=tuple(container.image for container in containers_of(model)) if model else (),
        targets=targets_of(model) if model else Targets(),
        is_shadow=is_shadow,
    )


def retain(fresh: VariantRecord, old: VariantRecord, retained: set[str]) -> None:
    """Give a new variant what it keeps of the old one."""
    if "DesiredInstanceCount" in retained and not fresh.serverless and not old.serverless:
        fresh.current_instance_count = fresh.desired_instance_count = old.desired_instance_count
    if "DesiredWeight" in retained:
        fresh.weight = old.weight


def startup_timeout(definition: Payload) -> float:
    """The seconds within which a container has to answer /ping, by a variant or by StartupParameters."""
    limit = realtime.HEALTH_CHECK_TIMEOUT
    return float(definition.get("ContainerStartupHealthCheckTimeoutInSeconds") or limit.default or limit.maximum)


def user_of(endpoint: str, config: str, variant: str) -> str:
    """What the container pool knows a variant by."""
    return f"endpoint {endpoint}/{config}/{variant}"
