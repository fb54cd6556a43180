"""A DeploymentConfig as steps: the share of the requests that the new fleet gets, and how long it is watched. Pure.

Source of the rules: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from constructs_lib.facts import deployment as facts
from constructs_lib.facts.limit import Limit
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import Payload

FINAL_WAIT, STEP_WAIT = "TerminationWaitInSeconds", "WaitIntervalInSeconds"
_SIZES = {"CANARY": ("CanarySize", facts.CANARY_SIZE), "LINEAR": ("LinearStepSize", facts.LINEAR_STEP_SIZE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The new fleet gets `share` (0 to 1) of the requests, and is then watched for `bake` seconds.

    `member` names the part of the policy that the seconds come from, and `capacity` how AWS calls what is active.
    """

    share: float
    bake: int
    member: str
    capacity: str

    def instances(self, count: int) -> int:
        """How many of `count` new instances the share stands for: whole ones, rounded up."""
        return math.ceil(self.share * count)


def steps_of(config: Payload, instances: int) -> tuple[Step, ...]:
    """The steps of a deployment to `instances` new instances; without a policy all requests move at once."""
    rolling = config.get("RollingUpdatePolicy")
    if rolling:
        size, wait = rolling["MaximumBatchSize"], int(rolling[STEP_WAIT])
        return tuple(
            Step(share=share, bake=wait, member=STEP_WAIT, capacity="full" if share == 1 else "batch")
            for share in _shares(_share(size, instances))
        )
    policy = config.get("BlueGreenUpdatePolicy") or {}
    last = Step(share=1.0, bake=int(policy.get(FINAL_WAIT, 0)), member=FINAL_WAIT, capacity="full")
    routing = policy.get("TrafficRoutingConfiguration") or {"Type": "ALL_AT_ONCE"}
    if routing["Type"] == "ALL_AT_ONCE":
        return (last,)
    share, wait = _share(routing[_SIZES[routing["Type"]][0]], instances), int(routing[STEP_WAIT])
    shares = [share, 1.0] if routing["Type"] == "CANARY" else list(_shares(share))
    capacity = routing["Type"].lower()
    return (*(Step(share=each, bake=wait, member=STEP_WAIT, capacity=capacity) for each in shares[:-1]), last)


def timeout_of(config: Payload) -> float:
    """The seconds within which all waiting of a deployment has to end; none when it says none."""
    policy = config.get("RollingUpdatePolicy") or config.get("BlueGreenUpdatePolicy") or {}
    return float(policy.get("MaximumExecutionTimeoutInSeconds", math.inf))


def rollback_alarms(config: Payload) -> list[str]:
    """The names of the alarms that roll the deployment back."""
    alarms = (config.get("AutoRollbackConfiguration") or {}).get("Alarms") or []
    return [alarm["AlarmName"] for alarm in alarms if alarm.get("AlarmName")]


def check_deployment(config: Payload, variants: list[Payload]) -> None:
    """Raise AWS's ValidationException for a DeploymentConfig that it refuses for these ProductionVariants."""
    problems = list(_problems(config, variants))
    if problems:
        raise AwsError("ValidationException", "; ".join(problems))


def _shares(step: float) -> Iterator[float]:
    count = math.ceil(round(1 / step, 9))
    yield from (step * index for index in range(1, count))
    yield 1.0


def _share(size: Payload, instances: int) -> float:
    """The part of the new fleet that a CapacitySize names, at most all of it."""
    whole = 100 if size["Type"] == "CAPACITY_PERCENT" else max(1, instances)
    return min(1.0, int(size["Value"]) / whole)


def _problems(config: Payload, variants: list[Payload]) -> Iterator[str]:
    blue_green, rolling = config.get("BlueGreenUpdatePolicy"), config.get("RollingUpdatePolicy")
    if blue_green and rolling:
        yield f"give {facts.ONE_POLICY.allowed} {facts.ONE_POLICY.what} (source: {facts.ONE_POLICY.source})"
    if rolling:
        if len(variants) > 1 or any(variant.get("ServerlessConfig") for variant in variants):
            yield f"{facts.NO_ROLLING.what}: {facts.NO_ROLLING.allowed} (source: {facts.NO_ROLLING.source})"
        yield from _size_problems("MaximumBatchSize", facts.BATCH_SIZE, rolling["MaximumBatchSize"], variants)
    routing = (blue_green or {}).get("TrafficRoutingConfiguration", {})
    if routing.get("Type") in _SIZES:
        member, limit = _SIZES[routing["Type"]]
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
