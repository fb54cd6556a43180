"""A guarded update: requests move from the old fleet to the new one in steps, each of them watched by alarms."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from constructs_lib.local.endpoints.rollback import RollbackAlarms
from constructs_lib.updates.steps import Step, rollback_alarms, steps_of, timeout_of

if TYPE_CHECKING:
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import EndpointRecord, Payload, RolloutRecord

# Real seconds between two looks at the alarms.
_LOOK_EVERY = 0.1


class RolledBack(Exception):
    """The update must not go on; the message is the FailureReason of the endpoint.

    AWS's own words are on no record that is public: these are the local ones.
    """


class Rollout:
    """Shifts the requests of `endpoint` to the new fleet in `rollout`, by its DeploymentConfig and the scaled clock."""

    def __init__(self, sagemaker: LocalSageMaker, endpoint: EndpointRecord, rollout: RolloutRecord) -> None:
        self._sagemaker = sagemaker
        self._endpoint = endpoint
        self._rollout = rollout
        self._config: Payload = rollout.deployment
        self._instances = sum(variant.desired_instance_count for variant in rollout.variants.values())
        self._alarms = RollbackAlarms(sagemaker, rollback_alarms(self._config))

    def carry_out(self) -> None:
        """Return when the new fleet has all requests and has passed its last watch; raises RolledBack.

        The time-out counts the waiting only: a container starts at its own speed, however fast the clock runs.
        """
        clock = self._sagemaker.clock
        deadline = clock.now() + timeout_of(self._config)
        for step in steps_of(self._config, self._per_variant()):
            self._say("ActivatingTraffic", f"Activating traffic on {self._capacity(step)}.", share=step.share)
            self._bake(step, deadline)

    def _per_variant(self) -> int:
        return max(1, self._instances // max(1, len(self._rollout.variants)))

    def _capacity(self, step: Step) -> str:
        return f"{step.capacity} capacity of {step.instances(self._instances)} instance(s)"

    def _bake(self, step: Step, deadline: float) -> None:
        if not step.bake:
            return
        self._say(
            "Baking", f"Baking for {step.bake} seconds ({step.member}) with traffic enabled on {self._capacity(step)}."
        )
        clock = self._sagemaker.clock
        end = clock.now() + step.bake
        while True:
            now = clock.now()
            tripped = self._alarms.tripped()
            if tripped:
                raise RolledBack(
                    f"One or more alarms of the AutoRollbackConfiguration went into ALARM state: {', '.join(tripped)}. "
                    f"The endpoint was rolled back to its previous configuration."
                )
            if now >= deadline:
                raise RolledBack(
                    f"The deployment did not end within its MaximumExecutionTimeoutInSeconds of "
                    f"{timeout_of(self._config):g}. The endpoint was rolled back to its previous configuration."
                )
            if now >= end:
                return
            time.sleep(min(_LOOK_EVERY, max(0.0, end - now) / clock.speed))

    def _say(self, status: str, message: str, share: float | None = None) -> None:
        with self._sagemaker.store.lock:
            self._rollout.share = self._rollout.share if share is None else share
            self._rollout.stage = {"Status": status, "StatusMessage": message, "StartTime": time.time()}
            self._endpoint.modified = time.time()
