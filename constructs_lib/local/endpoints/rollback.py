"""The alarms of an AutoRollbackConfiguration, and whether one of them went off."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.local.autoscaling.alarms import ALARM
from constructs_lib.local.autoscaling.signals import NAMESPACE
from constructs_lib.local.endpoints.deployed_alarms import alarm_of

if TYPE_CHECKING:
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import Payload

# What the local CloudWatch writes when it judged by itself.
_JUDGED_BY_METRIC = "Threshold Crossed: "

_logger = logging.getLogger("constructs_lib.local")


class RollbackAlarms:
    """The alarms called `names`: their state in the local CloudWatch, or as the local SageMaker's metrics have it.

    The local CloudWatch mixes the samples of all endpoints, whatever an alarm's dimensions; of SageMaker's metrics the
    local SageMaker therefore judges itself, by its own clock. A state that somebody set always counts.
    """

    def __init__(self, sagemaker: LocalSageMaker, names: list[str]) -> None:
        self._sagemaker = sagemaker
        self._names = names

    def tripped(self) -> list[str]:
        """The names of those in ALARM now."""
        return sorted(alarm["AlarmName"] for alarm in self._described() if self._is_on(alarm))

    def _described(self) -> list[Payload]:
        if not self._names:
            return []
        try:
            found = self._sagemaker.s3.client("cloudwatch").describe_alarms(
                AlarmNames=self._names, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        except (BotoCoreError, ClientError) as error:
            _logger.warning("the rollback alarms could not be read: %s", error)
            return []
        return [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]

    def _is_on(self, described: Payload) -> bool:
        try:
            alarm = alarm_of(described)
        except (KeyError, ValueError):
            # A composite alarm, metric math, a percentile: only its state says something.
            return bool(described.get("StateValue") == ALARM)
        signals = self._sagemaker.autoscaling.loop.signals
        if signals.state_of(alarm) == ALARM:
            return True
        is_own_judgement = str(described.get("StateReason", "")).startswith(_JUDGED_BY_METRIC)
        is_of_sagemaker = alarm.metric.namespace == NAMESPACE
        return bool(described.get("StateValue") == ALARM) and not (is_own_judgement and is_of_sagemaker)
