"""The tick of Application Auto Scaling: it samples, asks the engine of each target, and carries the answer out."""

from __future__ import annotations

import logging
import math
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.facts import scaling
from constructs_lib.local.autoscaling.alarms import Alarm
from constructs_lib.local.autoscaling.engine import Decision, StepScaling
from constructs_lib.local.autoscaling.records import STEP, TargetRecord
from constructs_lib.local.autoscaling.resources import ScaledResource, resource_of
from constructs_lib.local.autoscaling.signals import HIGH_RESOLUTION_PERIOD, Signals
from constructs_lib.local.endpoints.deployed_alarms import alarm_of
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.local.autoscaling.api import AutoScaling
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import Payload

# Real seconds: the shortest pause between two ticks, and how old the list of deployed alarms may become.
_SHORTEST_TICK = 0.02
_ALARMS_EVERY = 1.0
_LONGEST_HISTORY = 1000

_logger = logging.getLogger("constructs_lib.local")


class ScalingLoop:
    """One thread for all targets and for the metrics of all endpoints; it starts with the first of either."""

    def __init__(self, sagemaker: LocalSageMaker, registry: AutoScaling) -> None:
        self.signals = Signals(sagemaker)
        self.activities: deque[Payload] = deque(maxlen=_LONGEST_HISTORY)
        self._sagemaker = sagemaker
        self._registry = registry
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._start_lock = threading.Lock()
        self._alarms_read_at = -math.inf

    def start(self) -> None:
        """Begin ticking; does nothing when it already does."""
        with self._start_lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="autoscaling", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        clock = self._sagemaker.clock
        pause = max(HIGH_RESOLUTION_PERIOD / 2, _SHORTEST_TICK * clock.speed)
        while not clock.wait(self._stopping, pause):
            try:
                self.tick(clock.now())
            except Exception:
                # One bad tick must not end scaling for good.
                _logger.exception("a tick of the local scaling failed")

    def tick(self, now: float) -> None:
        """Sample what is due, then let every target decide."""
        self.signals.sample(now)
        self.signals.post()
        self._read_alarms()
        with self._registry.lock:
            for due in self._registry.schedules.run_due(now):
                self._log(due)
            for target in list(self._registry.targets.values()):
                self._scale(target, now)

    def _read_alarms(self) -> None:
        """Give each step policy the deployed alarms that name it as their action."""
        with self._registry.lock:
            steps = [each for each in self._registry.policies.values() if each.definition["PolicyType"] == STEP]
        if not steps or time.monotonic() - self._alarms_read_at < _ALARMS_EVERY:
            return
        self._alarms_read_at = time.monotonic()
        try:
            pages = self._sagemaker.s3.client("cloudwatch").get_paginator("describe_alarms").paginate()
            deployed = [alarm for page in pages for alarm in page["MetricAlarms"] if alarm.get("ActionsEnabled", True)]
        except (BotoCoreError, ClientError) as error:
            _logger.warning("the deployed alarms could not be read: %s", error)
            return
        with self._registry.lock:
            for record in steps:
                target = self._registry.targets.get(record.key)
                policy = target.engine.policies.get(record.name) if target else None
                if target and isinstance(policy, StepScaling):
                    alarms = tuple(_alarms(each for each in deployed if record.arn in each.get("AlarmActions", [])))
                    target.engine.policies[record.name] = replace(policy, alarms=alarms)

    def _scale(self, target: TargetRecord, now: float) -> None:
        resource = resource_of(self._sagemaker, target.key)
        current = resource.capacity()
        if current is None:
            return
        decision = target.engine.decide(current, self.signals.metrics, now)
        if decision is not None and decision.capacity != current:
            self._carry_out(target, resource, decision)

    def _carry_out(self, target: TargetRecord, resource: ScaledResource, decision: Decision) -> None:
        started, unit = time.time(), resource.unit
        status = "Successful"
        message = f"Successfully set {unit} to {decision.capacity}. Change successfully fulfilled by sagemaker."
        try:
            resource.change(decision.capacity)
        except AwsError as error:
            status, message = "Failed", f"Failed to set {unit} to {decision.capacity}. Reason: {error.message}"
        self._log(
            {
                "ResourceId": target.resource_id,
                "ScalableDimension": target.dimension,
                "Description": f"Setting {unit} to {decision.capacity}.",
                "Cause": decision.cause,
                "StartTime": started,
                "StatusCode": status,
                "StatusMessage": message,
            }
        )

    def _log(self, activity: Payload) -> None:
        """Keep an activity that is over, the newest first."""
        ended = time.time()
        known = {"ActivityId": str(uuid.uuid4()), "ServiceNamespace": scaling.SERVICE_NAMESPACE}
        self.activities.appendleft(known | {"StartTime": ended, "EndTime": ended} | activity)


def _alarms(described: Iterable[Payload]) -> Iterator[Alarm]:
    for each in described:
        try:
            yield alarm_of(each)
        except (KeyError, ValueError) as error:
            # Metric math, percentiles and anomaly bands: on AWS they would work.
            _logger.warning("alarm %s cannot drive scaling locally: %s", each["AlarmName"], error)
