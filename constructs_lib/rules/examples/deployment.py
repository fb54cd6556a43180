"""Guarded deployments: blue/green and rolling updates of an endpoint, rolling updates of an inference component."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import instance_variant, realtime, serverless_variant
from constructs_lib.rules.examples.components import components
from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed

ALARMS = {"Alarms": [{"AlarmName": "classifier-errors"}]}
ROUTING = "Endpoint.DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration"
_BLUE_GREEN = "Endpoint.DeploymentConfig.BlueGreenUpdatePolicy"
_ROLLING = "Endpoint.DeploymentConfig.RollingUpdatePolicy"
_COMPONENT_ROLLING = "Component.DeploymentConfig.RollingUpdatePolicy"
_COUNT = "Config.ProductionVariants.0.InitialInstanceCount"
_VARIANTS = "Config.ProductionVariants"
_ALL_AT_ONCE = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}


def percent(value: int) -> Document:
    """A share in percent."""
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def instances(value: int) -> Document:
    """A number of instances."""
    return {"Type": "INSTANCE_COUNT", "Value": value}


def _routed(type_: str, **sizes: object) -> Document:
    policy = {
        "TrafficRoutingConfiguration": {"Type": type_, "WaitIntervalInSeconds": 300, **sizes},
        "TerminationWaitInSeconds": 300,
        "MaximumExecutionTimeoutInSeconds": 7200,
    }
    deployment = {"BlueGreenUpdatePolicy": policy, "AutoRollbackConfiguration": ALARMS}
    return changed(realtime(), {_COUNT: 2, "Endpoint.DeploymentConfig": deployment})


def canary() -> Document:
    """Model, Config, Endpoint: two instances, updated by a canary of one tenth of the traffic."""
    return _routed("CANARY", CanarySize=percent(10))


def linear() -> Document:
    """Model, Config, Endpoint: two instances, updated a fifth of the traffic at a time."""
    return _routed("LINEAR", LinearStepSize=percent(20))


def _rolling_policy(batch: Document) -> Document:
    policy = {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 300, "MaximumExecutionTimeoutInSeconds": 14400}
    return {"RollingUpdatePolicy": policy, "AutoRollbackConfiguration": ALARMS}


def rolling() -> Document:
    """Model, Config, Endpoint: four instances, replaced a fifth at a time."""
    return changed(realtime(), {_COUNT: 4, "Endpoint.DeploymentConfig": _rolling_policy(percent(20))})


def rolling_component() -> Document:
    """Model, Config, Endpoint, Component: ten copies, updated a fifth at a time."""
    return changed(
        components(),
        {
            "Config.ProductionVariants.0.ManagedInstanceScaling.MaxInstanceCount": 4,
            "Component.RuntimeConfig.CopyCount": 10,
            "Component.DeploymentConfig": _rolling_policy(percent(20)),
        },
    )


def _copies(value: int) -> Document:
    return {"Type": "COPY_COUNT", "Value": value}


EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "DEP-ONE": Example(
        passes=changed(rolling(), {_COUNT: 2}),
        fails=changed(rolling(), {_COUNT: 2, _BLUE_GREEN: {"TrafficRoutingConfiguration": _ALL_AT_ONCE}}),
    ),
    "DEP-CAPACITY": boundary(canary(), _COUNT, passes=2, fails=3),
    "DEP-TYPE": boundary(
        changed(canary(), {f"{ROUTING}.CanarySize": ABSENT}), f"{ROUTING}.Type", passes="ALL_AT_ONCE", fails="AT_ONCE"
    ),
    "DEP-MAXEXEC": (
        boundary(linear(), f"{_BLUE_GREEN}.MaximumExecutionTimeoutInSeconds", passes=28800, fails=28801),
        boundary(
            rolling_component(), f"{_COMPONENT_ROLLING}.MaximumExecutionTimeoutInSeconds", passes=28800, fails=28801
        ),
    ),
    "DEP-TERM": boundary(canary(), f"{_BLUE_GREEN}.TerminationWaitInSeconds", passes=3600, fails=3601),
    "DEP-WAIT": (
        boundary(
            changed(rolling(), {f"{_ROLLING}.MaximumExecutionTimeoutInSeconds": 28800}),
            f"{_ROLLING}.WaitIntervalInSeconds",
            passes=3600,
            fails=3601,
        ),
        boundary(canary(), f"{ROUTING}.WaitIntervalInSeconds", passes=300, fails=ABSENT),
    ),
    "DEP-SUM": (
        boundary(canary(), f"{_BLUE_GREEN}.MaximumExecutionTimeoutInSeconds", passes=901, fails=900),
        boundary(linear(), f"{_BLUE_GREEN}.MaximumExecutionTimeoutInSeconds", passes=1801, fails=1800),
        boundary(rolling(), f"{_ROLLING}.MaximumExecutionTimeoutInSeconds", passes=1501, fails=1500),
        boundary(
            rolling_component(), f"{_COMPONENT_ROLLING}.MaximumExecutionTimeoutInSeconds", passes=1501, fails=1500
        ),
    ),
    "DEP-CANARY": (
        boundary(canary(), f"{ROUTING}.CanarySize", passes=percent(50), fails=percent(51)),
        boundary(canary(), f"{ROUTING}.CanarySize", passes=instances(1), fails=instances(2)),
        boundary(canary(), f"{ROUTING}.CanarySize", passes=percent(1), fails=ABSENT),
    ),
    "DEP-LINEAR": (
        boundary(linear(), f"{ROUTING}.LinearStepSize", passes=percent(10), fails=percent(9)),
        boundary(linear(), f"{ROUTING}.LinearStepSize", passes=instances(1), fails=instances(2)),
        boundary(linear(), f"{ROUTING}.LinearStepSize", passes=percent(10), fails=ABSENT),
    ),
    "DEP-ROLL": (
        boundary(rolling(), f"{_ROLLING}.MaximumBatchSize", passes=percent(5), fails=percent(4)),
        boundary(rolling(), f"{_ROLLING}.MaximumBatchSize", passes=instances(2), fails=instances(3)),
    ),
    "IC-ROLL": (
        boundary(rolling_component(), f"{_COMPONENT_ROLLING}.MaximumBatchSize", passes=percent(50), fails=percent(51)),
        boundary(rolling_component(), f"{_COMPONENT_ROLLING}.MaximumBatchSize", passes=_copies(5), fails=_copies(6)),
    ),
    "DEP-SIZE": boundary(canary(), f"{ROUTING}.CanarySize.Value", passes=1, fails=0),
    "DEP-SIZE-TYPE": boundary(
        rolling(),
        f"{_ROLLING}.RollbackMaximumBatchSize",
        passes=instances(1),
        fails={**instances(1), "Type": "COPY_COUNT"},
    ),
    "IC-ROLL-TYPE": boundary(
        rolling_component(), f"{_COMPONENT_ROLLING}.MaximumBatchSize", passes=_copies(2), fails=instances(2)
    ),
    "DEP-NO-MKT": boundary(
        canary(), "Config.ProductionVariants.0.InstanceType", passes="ml.inf2.xlarge", fails="ml.inf1.xlarge"
    ),
    "DEP-ROLL-NO": (
        boundary(rolling(), _VARIANTS, passes=[instance_variant()], fails=[instance_variant(), instance_variant("B")]),
        boundary(rolling(), _VARIANTS, passes=[instance_variant()], fails=[serverless_variant()]),
    ),
}
