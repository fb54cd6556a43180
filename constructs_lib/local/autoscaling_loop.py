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
from constructs_lib.local.autoscaling_records import STEP, TargetRecord, variant_of
from constructs_lib.local.errors import AwsError
from constructs_lib.local.scaling_alarms import Alarm, Metric
from constructs_lib.local.scaling_engine import Decision, StepScaling
from constructs_lib.local.scaling_signals import HIGH_RESOLUTION_PERIOD, Signals

if TYPE_CHECKING:
    from constructs_lib.local.autoscaling import AutoScaling
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import Payload, VariantRecord

# Real seconds: the shortest pause between two ticks, and how old the list of deployed alarms may become.
_SHORTEST_TICK = 0.02
_ALARMS_EVERY = 1.0
_LONGEST_HISTORY = 1000
_UNITS = {
    scaling.INSTANCE_COUNT_DIMENSION: "desired instance count",
    scaling.PROVISIONED_CONCURRENCY_DIMENSION: "desired provisioned concurrency",
}

_logger = logging.getLogger("constructs_lib.local")


class ScalingLoop:
    """One thread for all targets. It starts with the first of them, or with the first asynchronous endpoint."""

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
        endpoint_name, variant_name = variant_of(target.key)
        with self._sagemaker.store.lock:
            endpoint = self._sagemaker.store.endpoints.get(endpoint_name)
            variant = endpoint.variants.get(variant_name) if endpoint else None
            if endpoint is None or variant is None or endpoint.status != "InService":
                return
            current = _capacity(variant, target.dimension)
        if current is None:
            return
        decision = target.engine.decide(current, self.signals.metrics, now)
        if decision is not None and decision.capacity != current:
            self._carry_out(target, endpoint_name, variant, decision)

    def _carry_out(self, target: TargetRecord, endpoint_name: str, variant: VariantRecord, decision: Decision) -> None:
        started, unit = time.time(), _UNITS[target.dimension]
        status = "Successful"
        message = f"Successfully set {unit} to {decision.capacity}. Change successfully fulfilled by sagemaker."
        try:
            if target.dimension == scaling.INSTANCE_COUNT_DIMENSION:
                self._sagemaker.set_instance_count(endpoint_name, variant.name, decision.capacity)
            else:
                with self._sagemaker.store.lock:
                    variant.serverless = {**(variant.serverless or {}), "ProvisionedConcurrency": decision.capacity}
        except AwsError as error:
            status, message = "Failed", f"Failed to set {unit} to {decision.capacity}. Reason: {error.message}"
        self.activities.appendleft(
            {
                "ActivityId": str(uuid.uuid4()),
                "ServiceNamespace": scaling.SERVICE_NAMESPACE,
                "ResourceId": target.resource_id,
                "ScalableDimension": target.dimension,
                "Description": f"Setting {unit} to {decision.capacity}.",
                "Cause": decision.cause,
                "StartTime": started,
                "EndTime": time.time(),
                "StatusCode": status,
                "StatusMessage": message,
            }
        )


def _capacity(variant: VariantRecord, dimension: str) -> int | None:
    """What scaling may change now, or None: still changing, or not of this dimension."""
    if dimension == scaling.PROVISIONED_CONCURRENCY_DIMENSION:
        provisioned = (variant.serverless or {}).get("ProvisionedConcurrency")
        return None if provisioned is None else int(provisioned)
    if variant.serverless or variant.current_instance_count != variant.desired_instance_count:
        return None
    return variant.current_instance_count


def _alarms(described: Iterable[Payload]) -> Iterator[Alarm]:
    for each in described:
        try:
            yield _alarm(each)
        except (KeyError, ValueError) as error:
            # Metric math, percentiles and anomaly bands: on AWS they would work.
            _logger.warning("alarm %s cannot drive scaling locally: %s", each["AlarmName"], error)


def _alarm(described: Payload) -> Alarm:
    dimensions = {each["Name"]: each["Value"] for each in described.get("Dimensions", [])}
    return Alarm(
        name=described["AlarmName"],
        metric=Metric.of(described["Namespace"], described["MetricName"], **dimensions),
        threshold=float(described["Threshold"]),
        comparison=described["ComparisonOperator"],
        statistic=described.get("Statistic") or "Average",
        period=int(described["Period"]),
        evaluation_periods=int(described["EvaluationPeriods"]),
        datapoints_to_alarm=described.get("DatapointsToAlarm"),
        treat_missing_data=described.get("TreatMissingData") or "missing",
    )
