"""How an update of an endpoint goes from the old fleet to the new one, and what takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.alarms import DefaultAlarms, allow_describing
from constructs_lib.endpoints.capacity import CapacitySize
from constructs_lib.endpoints.deployment_config import ALL_AT_ONCE, CANARY, LINEAR, ROLLING, render
from constructs_lib.facts import deployment as facts
from constructs_lib.facts import rollback_alarms
from constructs_lib.facts.limit import Limit
from constructs_lib.tokens import is_token

_BAKE_IN_SECONDS = 300
_DEFAULT_ALARMS = DefaultAlarms()
# The argument that gives the size of a step, and its bounds.
_SIZES: dict[str, tuple[str, Limit]] = {
    CANARY: ("size", facts.CANARY_SIZE),
    LINEAR: ("step", facts.LINEAR_STEP_SIZE),
    ROLLING: ("batch", facts.BATCH_SIZE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How updates are rolled out and back; make one with ``all_at_once``, ``canary``, ``linear`` or ``rolling``.

    It counts from the first update on: a creation has nothing to roll back to. Keep the names of the variants over an
    update, AWS rolls out to the same ones only. Containers of the Marketplace are updated all at once, whatever is said
    here. All but ``rolling`` run two whole fleets meanwhile, and both count against the quotas.

    The four have these arguments in common:

    - ``wait_interval_in_seconds``: how long the alarms watch each step, 0 to 3600; 300 by default.
    - ``termination_wait_in_seconds``: how long the old fleet stays at the end, 0 to 3600; 300 by default.
    - ``maximum_execution_timeout_in_seconds``: 600 to 28800, and more than all waiting; AWS's own by default.
    - ``alarms``: alarms of your own that roll back, at most 10 together with the default ones. An alarm on this very
      endpoint must have its name as a text.
    - ``default_alarms``: which alarms are made on each variant; ``None`` for none.
    """

    kind: str
    size: CapacitySize | None = None
    rollback_batch: CapacitySize | None = None
    wait_interval_in_seconds: int | None = None
    termination_wait_in_seconds: int | None = None
    maximum_execution_timeout_in_seconds: int | None = None
    alarms: Sequence[cloudwatch.IAlarm] = ()
    default_alarms: DefaultAlarms | None = _DEFAULT_ALARMS

    @classmethod
    def all_at_once(
        cls,
        *,
        termination_wait_in_seconds: int = _BAKE_IN_SECONDS,
        maximum_execution_timeout_in_seconds: int | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        default_alarms: DefaultAlarms | None = _DEFAULT_ALARMS,
    ) -> Rollout:
        """All traffic moves in one step; while the old fleet stays, alarms can take it back.

        :raises InvalidConfiguration: with every wrong value.
        """
        return cls(
            kind=ALL_AT_ONCE,
            termination_wait_in_seconds=termination_wait_in_seconds,
            maximum_execution_timeout_in_seconds=maximum_execution_timeout_in_seconds,
            alarms=alarms,
            default_alarms=default_alarms,
        )

    @classmethod
    def canary(
        cls,
        size: CapacitySize,
        *,
        wait_interval_in_seconds: int = _BAKE_IN_SECONDS,
        termination_wait_in_seconds: int = _BAKE_IN_SECONDS,
        maximum_execution_timeout_in_seconds: int | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        default_alarms: DefaultAlarms | None = _DEFAULT_ALARMS,
    ) -> Rollout:
        """A part of the traffic moves, at most 50 %, and is watched; then the rest.

        :raises InvalidConfiguration: with every wrong value.
        """
        return cls(
            kind=CANARY,
            size=size,
            wait_interval_in_seconds=wait_interval_in_seconds,
            termination_wait_in_seconds=termination_wait_in_seconds,
            maximum_execution_timeout_in_seconds=maximum_execution_timeout_in_seconds,
            alarms=alarms,
            default_alarms=default_alarms,
        )

    @classmethod
    def linear(
        cls,
        step: CapacitySize,
        *,
        wait_interval_in_seconds: int = _BAKE_IN_SECONDS,
        termination_wait_in_seconds: int = _BAKE_IN_SECONDS,
        maximum_execution_timeout_in_seconds: int | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        default_alarms: DefaultAlarms | None = _DEFAULT_ALARMS,
    ) -> Rollout:
        """The traffic moves in equal steps of 10 to 50 %, each of which is watched.

        :raises InvalidConfiguration: with every wrong value.
        """
        return cls(
            kind=LINEAR,
            size=step,
            wait_interval_in_seconds=wait_interval_in_seconds,
            termination_wait_in_seconds=termination_wait_in_seconds,
            maximum_execution_timeout_in_seconds=maximum_execution_timeout_in_seconds,
            alarms=alarms,
            default_alarms=default_alarms,
        )

    @classmethod
    def rolling(
        cls,
        batch: CapacitySize,
        *,
        rollback_batch: CapacitySize | None = None,
        wait_interval_in_seconds: int = _BAKE_IN_SECONDS,
        maximum_execution_timeout_in_seconds: int | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        default_alarms: DefaultAlarms | None = _DEFAULT_ALARMS,
    ) -> Rollout:
        """Instances are replaced in batches of 5 to 50 %, each of which is watched; for one variant only.

        It needs no second fleet. ``rollback_batch`` is what is taken back at once; all by default.

        :raises InvalidConfiguration: with every wrong value.
        """
        return cls(
            kind=ROLLING,
            size=batch,
            rollback_batch=rollback_batch,
            wait_interval_in_seconds=wait_interval_in_seconds,
            maximum_execution_timeout_in_seconds=maximum_execution_timeout_in_seconds,
            alarms=alarms,
            default_alarms=default_alarms,
        )

    def __post_init__(self) -> None:
        checks = Checks(f"Rollout {self.kind}")
        argument, limit = _SIZES.get(self.kind, ("", None))
        if limit:
            nothing = f"{argument} must be given, {limit}; give CapacitySize.percent"
            checks.require(self.size is not None, nothing, limit)
        if limit and self.size:
            self.size.check(checks, argument, limit)
        if self.rollback_batch:
            self.rollback_batch.check(checks, "rollback_batch", facts.ROLLBACK_BATCH_SIZE)
        checks.limit("wait_interval_in_seconds", self.wait_interval_in_seconds, facts.WAIT_INTERVAL)
        checks.limit("termination_wait_in_seconds", self.termination_wait_in_seconds, facts.TERMINATION_WAIT)
        timeout = self.maximum_execution_timeout_in_seconds
        checks.limit("maximum_execution_timeout_in_seconds", timeout, facts.MAXIMUM_EXECUTION_TIMEOUT)
        self._check_waiting(checks)
        checks.count("alarms", self.alarms, rollback_alarms.ROLLBACK_ALARMS)
        unwatched = "alarms must be given, or default_alarms: the waiting between the steps watches nothing else"
        checks.require(self.kind == ALL_AT_ONCE or self.has_alarms, unwatched, rollback_alarms.NO_ROLLBACK)
        checks.done()

    def _check_waiting(self, checks: Checks) -> None:
        timeout = self.maximum_execution_timeout_in_seconds
        wait, termination = self.wait_interval_in_seconds or 0, self.termination_wait_in_seconds or 0
        if timeout is None or any(is_token(value) for value in (timeout, wait, termination)):
            return
        steps = self._waits
        waiting = wait * steps + termination
        problem = (
            f"maximum_execution_timeout_in_seconds must be larger than all waiting, {steps} x "
            f"wait_interval_in_seconds {wait} + termination_wait_in_seconds {termination} = {waiting}, got {timeout}; "
            "raise it by the time that new instances need to start, or wait less"
        )
        checks.require(timeout > waiting, problem, facts.TOTAL_WAITING)

    @property
    def _waits(self) -> int:
        """How often the wait interval is waited for, as far as that is known."""
        if self.size is None:
            return 0
        return 2 if self.kind == CANARY else self.size.steps

    @property
    def has_alarms(self) -> bool:
        """Whether something can roll an update back."""
        return bool(self.alarms) or self.default_alarms is not None

    def bind(
        self,
        scope: Construct,
        endpoint_name: str | None,
        variant_names: Sequence[str],
        roles: Sequence[iam.IRole],
        *,
        is_serverless: bool = False,
    ) -> BoundRollout:
        """Make the default alarms on the endpoint of that name, and let the execution roles look at all alarms."""
        inside = Construct(scope, "RollbackAlarms") if self.has_alarms else scope
        made: list[cloudwatch.Alarm] = []
        if self.default_alarms and endpoint_name is not None:
            made = self.default_alarms.make(inside, endpoint_name, variant_names, is_serverless=is_serverless)
        alarms = (*self.alarms, *made)
        return BoundRollout(render(self, alarms), alarms, allow_describing(inside, alarms, roles) if alarms else None)


@dataclass(frozen=True, slots=True)
class BoundRollout:
    """A rollout at work: how CloudFormation writes it, its alarms, and the policy that the endpoint must wait for."""

    config: sagemaker.CfnEndpoint.DeploymentConfigProperty
    alarms: tuple[cloudwatch.IAlarm, ...]
    policy: iam.Policy | None
