"""A DeploymentConfig as steps: the share of the requests that the new fleet gets, and how long it is watched. Pure.

Source of the rules: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FINAL_WAIT, STEP_WAIT, TIMEOUT = "TerminationWaitInSeconds", "WaitIntervalInSeconds", "MaximumExecutionTimeoutInSeconds"
SIZES = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}


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


def steps_of(config: Mapping[str, Any], instances: int) -> tuple[Step, ...]:
    """The steps of a deployment to `instances` new instances; without a policy all requests move at once."""
    rolling = config.get("RollingUpdatePolicy")
    if rolling:
        size, wait = rolling["MaximumBatchSize"], int(rolling[STEP_WAIT])
        return tuple(
            Step(share=share, bake=wait, member=STEP_WAIT, capacity="full" if share == 1 else "batch")
            for share in _shares(share_of(size, instances))
        )
    policy = config.get("BlueGreenUpdatePolicy") or {}
    last = Step(share=1.0, bake=int(policy.get(FINAL_WAIT, 0)), member=FINAL_WAIT, capacity="full")
    routing = policy.get("TrafficRoutingConfiguration") or {"Type": "ALL_AT_ONCE"}
    if routing["Type"] == "ALL_AT_ONCE":
        return (last,)
    share, wait = share_of(routing[SIZES[routing["Type"]]], instances), int(routing[STEP_WAIT])
    shares = [share, 1.0] if routing["Type"] == "CANARY" else list(_shares(share))
    capacity = routing["Type"].lower()
    return (*(Step(share=each, bake=wait, member=STEP_WAIT, capacity=capacity) for each in shares[:-1]), last)


def timeout_of(config: Mapping[str, Any]) -> float:
    """The seconds within which all waiting of a deployment has to end; none when it says none."""
    policy = config.get("RollingUpdatePolicy") or config.get("BlueGreenUpdatePolicy") or {}
    return float(policy.get(TIMEOUT, math.inf))


def rollback_alarms(config: Mapping[str, Any]) -> list[str]:
    """The names of the alarms that roll the deployment back."""
    alarms = (config.get("AutoRollbackConfiguration") or {}).get("Alarms") or []
    return [alarm["AlarmName"] for alarm in alarms if alarm.get("AlarmName")]


def share_of(size: Mapping[str, Any], instances: int) -> float:
    """The part of the new fleet that a CapacitySize names, at most all of it."""
    whole = 100 if size["Type"] == "CAPACITY_PERCENT" else max(1, instances)
    return min(1.0, int(size["Value"]) / whole)


def _shares(step: float) -> Iterator[float]:
    count = math.ceil(round(1 / step, 9))
    yield from (step * index for index in range(1, count))
    yield 1.0
