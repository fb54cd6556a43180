"""What SageMaker refuses of a DeploymentConfig."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import deployment as facts
from constructs_lib.facts.limit import Limit
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import Payload
from constructs_lib.updates.steps import FINAL_WAIT, SIZES, STEP_WAIT, timeout_of

_LIMITS = {"CANARY": facts.CANARY_SIZE, "LINEAR": facts.LINEAR_STEP_SIZE}


def check_deployment(config: Payload, variants: list[Payload]) -> None:
    """Raise AWS's ValidationException for a DeploymentConfig that it refuses for these ProductionVariants."""
    problems = list(_problems(config, variants))
    if problems:
        raise AwsError("ValidationException", "; ".join(problems))


def _problems(config: Payload, variants: list[Payload]) -> Iterator[str]:
    blue_green, rolling = config.get("BlueGreenUpdatePolicy"), config.get("RollingUpdatePolicy")
    if blue_green and rolling:
        yield f"give {facts.ONE_POLICY.allowed} {facts.ONE_POLICY.what} (source: {facts.ONE_POLICY.source})"
    if rolling:
        if len(variants) > 1 or any(variant.get("ServerlessConfig") for variant in variants):
            yield f"{facts.NO_ROLLING.what}: {facts.NO_ROLLING.allowed} (source: {facts.NO_ROLLING.source})"
        yield from _size_problems("MaximumBatchSize", facts.BATCH_SIZE, rolling["MaximumBatchSize"], variants)
    routing = (blue_green or {}).get("TrafficRoutingConfiguration", {})
    if routing.get("Type") in SIZES:
        member, limit = SIZES[routing["Type"]], _LIMITS[routing["Type"]]
        if member not in routing:
            yield f"{member} is required with {routing['Type']}: give {limit}"
        else:
            yield from _size_problems(member, limit, routing[member], variants)
    waiting = int((blue_green or {}).get(FINAL_WAIT, 0)) + int((rolling or routing).get(STEP_WAIT, 0))
    if waiting >= timeout_of(config):
        limit = facts.TOTAL_WAITING
        yield f"MaximumExecutionTimeoutInSeconds must be {limit.allowed}, got {timeout_of(config):g} s for {waiting} s"


def _size_problems(member: str, limit: Limit, size: Payload, variants: list[Payload]) -> Iterator[str]:
    if size["Type"] == "CAPACITY_PERCENT":
        if not limit.allows(size["Value"]):
            yield f"{member} must be {limit}, got {size['Value']} % (source: {limit.source})"
        return
    for variant in variants:
        count = int(variant.get("InitialInstanceCount", 1))
        # AWS takes steps below one instance: what it does with one of one is not certain, so that is let through.
        if count > 1 and not limit.allows(100 * size["Value"] / count):
            yield f"{member} must be {limit}, got {size['Value']} of {count} instances (source: {limit.source})"
