"""Alarms that roll a deployment back."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Count, Limit, Pattern, Severity, Told
from constructs_lib.facts.paths import COMPONENT, ENDPOINT

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_CONFIGURATION = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html"

_ENDPOINT = f"{ENDPOINT}/DeploymentConfig"
_COMPONENT = f"{COMPONENT}/DeploymentConfig"
_ALARMS = (
    f"{_ENDPOINT}/AutoRollbackConfiguration/Alarms",
    f"{_COMPONENT}/AutoRollbackConfiguration/Alarms",
)

ROLLBACK_ALARMS = Limit(
    id="DEP-ALARMS",
    what="Alarms of the AutoRollbackConfiguration",
    unit="alarms (the API takes 1 to 10, CloudFormation also none for an endpoint)",
    allowed=Count(None, 10),
    source=f"{_API}: AlarmList",
    checked_on=_CHECKED,
    paths=_ALARMS,
)
ROLLBACK_ALARM_NAME = Limit(
    id="DEP-ALARMS-NAME",
    what="AlarmName of a rollback alarm",
    unit="",
    allowed=Pattern(r"(?!\s*$).+", 255),
    source=f"{_API}: AlarmName",
    checked_on=_CHECKED,
    paths=tuple(f"{alarms}/*/AlarmName" for alarms in _ALARMS),
    shape="sagemaker.AlarmName",
)
NO_ROLLBACK = Limit(
    id="DEP-ALARMS-NONE",
    what="deployment in steps without an alarm",
    unit="",
    allowed=Told("rolls nothing back: the waiting between the steps watches alarms only"),
    source=_CONFIGURATION,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
ALARM_PERMISSION = Limit(
    id="DEP-ALARM-PERM",
    what="cloudwatch:DescribeAlarms on the rollback alarms",
    unit="",
    allowed=Told("allowed to the execution role"),
    source=_CONFIGURATION,
    checked_on=_CHECKED,
)
DESCRIBE_ALARMS = "cloudwatch:DescribeAlarms"
ALARM_DIMENSIONS = Limit(
    id="DEP-ALARM-DIMS",
    what="dimensions of an alarm that watches the new fleet alone",
    unit="",
    allowed=Told("EndpointName, VariantName and EndpointConfigName"),
    source=_CONFIGURATION,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
ALARM_CYCLE = Limit(
    id="DEP-ALARM-CYCLE",
    what="rollback alarm that refers to what it rolls back",
    unit="",
    allowed=Told("one of the two names the other by a text: CloudFormation refuses circular dependencies"),
    source="https://aws.amazon.com/blogs/infrastructure-and-automation/handling-circular-dependency-errors-in-aws-cloudformation/",
    checked_on=_CHECKED,
)
