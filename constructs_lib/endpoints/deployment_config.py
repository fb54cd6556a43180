"""The deployment configuration of an endpoint, as CloudFormation writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker

if TYPE_CHECKING:
    from constructs_lib.endpoints.rollout import Rollout

# The first three are types of AWS's traffic routing, the last one is a policy of its own.
ALL_AT_ONCE, CANARY, LINEAR, ROLLING = "ALL_AT_ONCE", "CANARY", "LINEAR", "ROLLING"

_CfnEndpoint = sagemaker.CfnEndpoint


def render(rollout: Rollout, alarms: Sequence[cloudwatch.IAlarm]) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
    """A rollout with the alarms that take it back."""
    named = [_CfnEndpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in alarms]
    is_rolling = rollout.kind == ROLLING
    return _CfnEndpoint.DeploymentConfigProperty(
        auto_rollback_configuration=_CfnEndpoint.AutoRollbackConfigProperty(alarms=named) if named else None,
        blue_green_update_policy=None if is_rolling else _blue_green(rollout),
        rolling_update_policy=_rolling(rollout) if is_rolling else None,
    )


def _blue_green(rollout: Rollout) -> sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty:
    size = rollout.size.render() if rollout.size else None
    return _CfnEndpoint.BlueGreenUpdatePolicyProperty(
        traffic_routing_configuration=_CfnEndpoint.TrafficRoutingConfigProperty(
            type=rollout.kind,
            canary_size=size if rollout.kind == CANARY else None,
            linear_step_size=size if rollout.kind == LINEAR else None,
            wait_interval_in_seconds=rollout.wait_interval_in_seconds,
        ),
        termination_wait_in_seconds=rollout.termination_wait_in_seconds,
        maximum_execution_timeout_in_seconds=rollout.maximum_execution_timeout_in_seconds,
    )


def _rolling(rollout: Rollout) -> sagemaker.CfnEndpoint.RollingUpdatePolicyProperty:
    batch, back = rollout.size, rollout.rollback_batch
    assert batch is not None, "a rolling update has a batch"
    return _CfnEndpoint.RollingUpdatePolicyProperty(
        maximum_batch_size=batch.render(),
        rollback_maximum_batch_size=back.render() if back else None,
        wait_interval_in_seconds=rollout.wait_interval_in_seconds or 0,
        maximum_execution_timeout_in_seconds=rollout.maximum_execution_timeout_in_seconds,
    )
