"""Alarms that roll a deployment back."""

from __future__ import annotations

from constructs_lib.rules.examples.deployment import ALARMS, canary, rolling_component
from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed, get, resource

_ROLLBACK = "Endpoint.DeploymentConfig.AutoRollbackConfiguration"
_NAME = f"{_ROLLBACK}.Alarms.0.AlarmName"


def _named(count: int) -> list[Document]:
    return [{"AlarmName": f"errors-{number}"} for number in range(count)]


def _error_alarm(endpoint_name: object, **properties: object) -> Document:
    dimensions = [{"Name": "EndpointName", "Value": endpoint_name}, {"Name": "VariantName", "Value": "AllTraffic"}]
    given = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocation5XXErrors",
        "Dimensions": dimensions,
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        **properties,
    }
    return resource("AWS::CloudWatch::Alarm", **given)


def watched() -> Document:
    """Model, Config, Endpoint, Alarm: a canary deployment that Alarm rolls back, which names the endpoint by a text."""
    document = changed(canary(), {"Endpoint.EndpointName": "classifier", _NAME: {"Ref": "Alarm"}})
    document["Resources"]["Alarm"] = _error_alarm("classifier")
    return document


def _circular() -> Document:
    document = watched()
    document["Resources"]["Alarm"] = _error_alarm(get("Endpoint", "EndpointName"))
    return document


def _role(*actions: str) -> Document:
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return resource(
        "AWS::IAM::Role",
        AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]},
        Policies=[
            {"PolicyName": "serve", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}},
        ],
    )


def with_role(*actions: str) -> Document:
    """Role besides Model, Config, Endpoint: a canary deployment under a role that may do these actions."""
    document = changed(canary(), {"Model.ExecutionRoleArn": get("Role", "Arn")})
    document["Resources"]["Role"] = _role(*actions)
    return document


_SERVING = ("s3:GetObject", "ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "DEP-ALARMS": (
        boundary(canary(), f"{_ROLLBACK}.Alarms", passes=_named(10), fails=_named(11)),
        boundary(
            rolling_component(),
            "Component.DeploymentConfig.AutoRollbackConfiguration.Alarms",
            passes=_named(10),
            fails=_named(11),
        ),
    ),
    "DEP-ALARMS-NAME": (
        boundary(canary(), _NAME, passes="a" * 255, fails="a" * 256),
        boundary(watched(), _NAME, passes={"Ref": "Alarm"}, fails=get("Alarm", "Arn")),
    ),
    "DEP-ALARMS-NONE": (
        boundary(canary(), _ROLLBACK, passes=ALARMS, fails=ABSENT),
        boundary(canary(), _ROLLBACK, passes=ALARMS, fails={"Alarms": []}),
        boundary(
            rolling_component(), "Component.DeploymentConfig.AutoRollbackConfiguration", passes=ALARMS, fails=ABSENT
        ),
    ),
    "DEP-ALARM-CYCLE": Example(passes=watched(), fails=_circular()),
    "DEP-ALARM-PERM": Example(passes=with_role(*_SERVING, "cloudwatch:DescribeAlarms"), fails=with_role(*_SERVING)),
}
