"""How an update moves the requests to the new fleet, and how long that takes, as far as anybody can say beforehand."""

from __future__ import annotations

import math
from dataclasses import dataclass

from constructs_lib.facts import deployment, realtime, serverless
from constructs_lib.templates.values import MISSING, literals
from constructs_lib.updates.endpoint import BLUE_GREEN, ROLLING, Update
from constructs_lib.updates.steps import Step, steps_of, timeout_of

_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimate from DeploymentConfig: AWS promises no times.

    ``waiting_in_seconds`` is what SageMaker waits by itself, in ``steps``; on top comes the time that new fleets need,
    ``starts`` times one after the other, each container for at most ``start_limit_in_seconds`` after its download.
    An update that is not over after ``timeout_in_seconds`` is rolled back.
    """

    method: str
    steps: tuple[str, ...]
    waiting_in_seconds: int
    starts: int
    start_limit_in_seconds: int
    timeout_in_seconds: int | None
    source: str


def estimated(update: Update) -> Estimate | None:
    """How the update of an endpoint goes; ``None`` where DeploymentConfig is not known or not complete."""
    config = {} if update.deployment.value is MISSING or update.falls_back else update.deployment.value
    if not isinstance(config, dict) or not literals(config):
        return None
    counts = [variant.node.at("InitialInstanceCount").number or 1 for variant in update.new.production]
    try:
        steps = steps_of(config, int(max(counts, default=1)))
        timeout = timeout_of(config)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    rolling = bool(config.get(ROLLING))
    return Estimate(
        method=_method(config, update),
        steps=tuple(_told(step) for step in steps),
        waiting_in_seconds=sum(step.bake for step in steps),
        starts=len(steps) if rolling else 1,
        start_limit_in_seconds=_start_limit(update),
        timeout_in_seconds=None if math.isinf(timeout) else int(timeout),
        source=deployment.FALLBACK_FAMILIES.source if update.falls_back else _GUIDE,
    )


def _method(config: dict[str, object], update: Update) -> str:
    if config.get(ROLLING):
        return "rolling"
    routing = update.deployment.at(BLUE_GREEN, "TrafficRoutingConfiguration", "Type").text if config else None
    return f"blue/green, {(routing or 'ALL_AT_ONCE').lower().replace('_', ' ')}"


def _told(step: Step) -> str:
    """One step, such as ``25 % of the requests move, watched for 300 s (WaitIntervalInSeconds)``."""
    share = f"{step.share * 100:.3g} % of the requests are on the new fleet"
    return f"{share}, watched for {step.bake} s ({step.member})" if step.bake else share


def _start_limit(update: Update) -> int:
    """The longest that SageMaker waits for a container of the new fleet to answer /ping."""
    if update.new.is_serverless:
        return serverless.START_TIMEOUT.maximum
    given = [variant.node.at("ContainerStartupHealthCheckTimeoutInSeconds").number for variant in update.new.production]
    default = realtime.HEALTH_CHECK_TIMEOUT.default or realtime.HEALTH_CHECK_TIMEOUT.maximum
    return int(max((number if number is not None else default for number in given), default=default))
