"""Guarded deployments: blue/green and rolling updates of an endpoint, rolling updates of an inference component."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Range, Severity, Told
from constructs_lib.facts.paths import COMPONENT, ENDPOINT

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_EXCLUSIONS = f"{_GUIDE}/deployment-guardrails-exclusions.html"
_ROLLING_GUIDE = f"{_GUIDE}/deployment-guardrails-rolling.html"

_ENDPOINT = f"{ENDPOINT}/DeploymentConfig"
_COMPONENT = f"{COMPONENT}/DeploymentConfig"
_BLUE_GREEN = f"{_ENDPOINT}/BlueGreenUpdatePolicy"
_ROUTING = f"{_BLUE_GREEN}/TrafficRoutingConfiguration"
_ROLLING = f"{_ENDPOINT}/RollingUpdatePolicy"
_COMPONENT_ROLLING = f"{_COMPONENT}/RollingUpdatePolicy"
_ENDPOINT_SIZES = (
    f"{_ROUTING}/CanarySize",
    f"{_ROUTING}/LinearStepSize",
    f"{_ROLLING}/MaximumBatchSize",
    f"{_ROLLING}/RollbackMaximumBatchSize",
)
_COMPONENT_SIZES = (
    f"{_COMPONENT_ROLLING}/MaximumBatchSize",
    f"{_COMPONENT_ROLLING}/RollbackMaximumBatchSize",
)
# Policies and times.
ONE_POLICY = Limit(
    id="DEP-ONE",
    what="BlueGreenUpdatePolicy and RollingUpdatePolicy",
    unit="",
    allowed=Told("only one of the two"),
    source=f"{_API}: DeploymentConfig.BlueGreenUpdatePolicy",
    checked_on=_CHECKED,
)
TRAFFIC_ROUTING = Limit(
    id="DEP-TYPE",
    what="Type of the TrafficRoutingConfiguration",
    unit="",
    allowed=Choice(("ALL_AT_ONCE", "CANARY", "LINEAR")),
    source=f"{_API}: TrafficRoutingConfigType",
    checked_on=_CHECKED,
    paths=(f"{_ROUTING}/Type",),
    shape="sagemaker.TrafficRoutingConfigType",
)
MAXIMUM_EXECUTION_TIMEOUT = Limit(
    id="DEP-MAXEXEC",
    what="MaximumExecutionTimeoutInSeconds",
    unit="s",
    allowed=Range(600, 28800),
    source=f"{_API}: MaximumExecutionTimeoutInSeconds",
    checked_on=_CHECKED,
    paths=tuple(f"{policy}/MaximumExecutionTimeoutInSeconds" for policy in (_BLUE_GREEN, _ROLLING, _COMPONENT_ROLLING)),
    shape="sagemaker.MaximumExecutionTimeoutInSeconds",
)
TERMINATION_WAIT = Limit(
    id="DEP-TERM",
    what="TerminationWaitInSeconds",
    unit="s",
    allowed=Range(0, 3600),
    source=f"{_API}: TerminationWaitInSeconds",
    checked_on=_CHECKED,
    default=0,
    paths=(f"{_BLUE_GREEN}/TerminationWaitInSeconds",),
    shape="sagemaker.TerminationWaitInSeconds",
)
WAIT_INTERVAL = Limit(
    id="DEP-WAIT",
    what="WaitIntervalInSeconds",
    unit="s",
    allowed=Range(0, 3600),
    source=f"{_API}: WaitIntervalInSeconds",
    checked_on=_CHECKED,
    paths=tuple(f"{policy}/WaitIntervalInSeconds" for policy in (_ROUTING, _ROLLING, _COMPONENT_ROLLING)),
    shape="sagemaker.WaitIntervalInSeconds",
)
TOTAL_WAITING = Limit(
    id="DEP-SUM",
    what="MaximumExecutionTimeoutInSeconds against all waiting",
    unit="s",
    allowed=Told("larger than TerminationWaitInSeconds and WaitIntervalInSeconds together"),
    source=f"{_API}: BlueGreenUpdatePolicy.MaximumExecutionTimeoutInSeconds",
    checked_on=_CHECKED,
)

# Sizes of the steps. AWS rounds shares of less than one instance: 5 % of 2 instances are accepted.
CANARY_SIZE = Limit(
    id="DEP-CANARY",
    what="CanarySize",
    unit="% of the variant's instances",
    allowed=Range(1, 50),
    source=f"{_API}: TrafficRoutingConfig.CanarySize",
    checked_on=_CHECKED,
)
LINEAR_STEP_SIZE = Limit(
    id="DEP-LINEAR",
    what="LinearStepSize",
    unit="% of the variant's instances",
    allowed=Range(10, 50),
    source=f"{_API}: TrafficRoutingConfig.LinearStepSize",
    checked_on=_CHECKED,
)
BATCH_SIZE = Limit(
    id="DEP-ROLL",
    what="MaximumBatchSize",
    unit="% of the variant's instances",
    allowed=Range(5, 50),
    source=f"{_API}: RollingUpdatePolicy.MaximumBatchSize",
    checked_on=_CHECKED,
)
COMPONENT_BATCH_SIZE = Limit(
    id="IC-ROLL",
    what="MaximumBatchSize",
    unit="% of the component's copies",
    allowed=Range(5, 50),
    source=f"{_API}: InferenceComponentRollingUpdatePolicy.MaximumBatchSize",
    checked_on=_CHECKED,
)
ROLLBACK_BATCH_SIZE = Limit(
    id="DEP-ROLLBACK",
    what="RollbackMaximumBatchSize",
    unit="% (100, or left out: all of the old fleet at once)",
    allowed=Range(1, 100),
    source=f"{_API}: CapacitySize",
    checked_on=_CHECKED,
    default=100,
    severity=Severity.INFO,
)
CAPACITY_SIZE = Limit(
    id="DEP-SIZE",
    what="Value of a capacity size",
    unit="instance, copy or percent",
    allowed=Range(1, None),
    source=f"{_API}: CapacitySizeValue",
    checked_on=_CHECKED,
    paths=tuple(f"{size}/Value" for size in (*_ENDPOINT_SIZES, *_COMPONENT_SIZES)),
    shape="sagemaker.CapacitySizeValue",
)
CAPACITY_TYPE = Limit(
    id="DEP-SIZE-TYPE",
    what="Type of a capacity size",
    unit="",
    allowed=Choice(("INSTANCE_COUNT", "CAPACITY_PERCENT")),
    source=f"{_API}: CapacitySizeType",
    checked_on=_CHECKED,
    paths=tuple(f"{size}/Type" for size in _ENDPOINT_SIZES),
    shape="sagemaker.CapacitySizeType",
)
COMPONENT_CAPACITY_TYPE = Limit(
    id="IC-ROLL-TYPE",
    what="Type of a capacity size of a component",
    unit="",
    allowed=Choice(("COPY_COUNT", "CAPACITY_PERCENT")),
    source=f"{_API}: InferenceComponentCapacitySizeType",
    checked_on=_CHECKED,
    paths=tuple(f"{size}/Type" for size in _COMPONENT_SIZES),
    shape="sagemaker.InferenceComponentCapacitySizeType",
)

# What guarded deployments exclude.
SAME_VARIANTS = Limit(
    id="DEP-SAMEVAR",
    what="variant names of the old and the new endpoint configuration",
    unit="",
    allowed=Told("the same, for a blue/green or a rolling deployment"),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
FALLBACK_FAMILIES = Limit(
    id="DEP-NO-MKT",
    what="guarded deployment of Inf1 instances or of Marketplace containers",
    unit="",
    allowed=Told("falls back to all at once, without a baking period at the end"),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
FALLBACK_FAMILY = "inf1"
NO_ROLLING = Limit(
    id="DEP-ROLL-NO",
    what="rolling deployment of a serverless endpoint or of several variants",
    unit="",
    allowed=Told("not possible; blue/green is"),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
)
NO_EFFECT_ON_CREATION = Limit(
    id="DEP-NOEFFECT",
    what="DeploymentConfig of a new endpoint",
    unit="",
    allowed=Told("does nothing until the endpoint is updated"),
    source=f"{_GUIDE}/deployment-guardrails-blue-green-canary.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
FLEETS_DURING_BLUE_GREEN = Limit(
    id="DEP-CAPACITY",
    what="fleets that run at once during a blue/green deployment, all of which count against quotas",
    unit="x",
    allowed=Range(None, 2),
    source=_ROLLING_GUIDE,
    checked_on=_CHECKED,
    default=2,
    severity=Severity.WARNING,
)
