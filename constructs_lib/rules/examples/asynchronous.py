"""Asynchronous endpoints."""

from __future__ import annotations

from typing import Any

from constructs_lib.rules.examples.bases import (
    asynchronous,
    endpoint,
    instance_variant,
    realtime,
    target,
    tracking_policy,
)
from constructs_lib.rules.examples.example import (
    ABSENT,
    Document,
    Example,
    boundary,
    changed,
    get,
    join,
    resource,
)
from constructs_lib.rules.examples.serverless import moved

_SETTINGS = "Config.AsyncInferenceConfig"
_OUTPUT = f"{_SETTINGS}.OutputConfig"
_NOTIFICATION = f"{_OUTPUT}.NotificationConfig"
_TOPIC = "arn:aws:sns:eu-west-1:123456789012:results"
_BUCKET = "s3://results-123456789012/"
_TRACKING = "Policy.TargetTrackingScalingPolicyConfiguration"
_BOTH = ["SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC"]


_MULTI_MODEL: dict[str, object] = {
    "Model.PrimaryContainer.Mode": "MultiModel",
    "Model.PrimaryContainer.ModelDataUrl": "s3://models-123456789012/classifiers/",
}


def _side_by_side(mode: str) -> dict[str, object]:
    """What makes a model of two containers."""
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/classifier:1"
    both = [{"Image": image, "ContainerHostname": name} for name in ("first", "second")]
    return {
        "Model.PrimaryContainer": ABSENT,
        "Model.Containers": both,
        "Model.InferenceExecutionConfig": {"Mode": mode},
    }


def metric_of_endpoint(name: str, *, variant: str | None = None) -> dict[str, Any]:
    """A metric of ``Endpoint``, and of one of its variants if that is named."""
    dimensions: list[dict[str, object]] = [{"Name": "EndpointName", "Value": get("Endpoint", "EndpointName")}]
    if variant is not None:
        dimensions.append({"Name": "VariantName", "Value": variant})
    return {"Namespace": "AWS/SageMaker", "MetricName": name, "Dimensions": dimensions}


def alarm(metric: dict[str, Any], **properties: object) -> Document:
    """An alarm on a metric of 1 or more in each of two minutes."""
    given = {
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        **metric,
        **properties,
    }
    return resource("AWS::CloudWatch::Alarm", **given)


def step_policy(**properties: object) -> Document:
    """A policy of ``Target`` that adds an instance when its alarm goes off."""
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "MetricAggregationType": "Average",
        "Cooldown": 300,
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    }
    given = {
        "PolicyName": "wake",
        "PolicyType": "StepScaling",
        "ScalingTargetId": {"Ref": "Target"},
        "StepScalingPolicyConfiguration": steps,
        **properties,
    }
    return resource("AWS::ApplicationAutoScaling::ScalingPolicy", **given)


def scaled_on_backlog() -> Document:
    """Model, Config, Endpoint, Target, Policy: an asynchronous endpoint of 1 to 4 instances."""
    backlog = {**metric_of_endpoint("ApproximateBacklogSizePerInstance"), "Statistic": "Average"}
    tracking = {"TargetValue": 5, "CustomizedMetricSpecification": backlog}
    document = asynchronous()
    document["Resources"].update(
        Endpoint=endpoint(RetainAllVariantProperties=True),
        Target=target(),
        Policy=tracking_policy(TargetTrackingScalingPolicyConfiguration=tracking),
    )
    return document


def scaled_to_zero() -> Document:
    """The same of 0 to 4 instances, with Wake and Backlog: what adds the first instance."""
    document = changed(scaled_on_backlog(), {"Target.MinCapacity": 0})
    document["Resources"].update(
        Wake=step_policy(),
        Backlog=alarm(metric_of_endpoint("HasBacklogWithoutCapacity"), AlarmActions=[{"Ref": "Wake"}]),
    )
    return document


def called_by_an_api(call: str) -> Document:
    """An asynchronous endpoint that a REST API calls at a path."""
    uri = join(
        "arn:aws:apigateway:eu-west-1:runtime.sagemaker:path/endpoints/", get("Endpoint", "EndpointName"), f"/{call}"
    )
    integration = {
        "Type": "AWS",
        "IntegrationHttpMethod": "POST",
        "Uri": uri,
        "Credentials": "arn:aws:iam::123456789012:role/Caller",
        "IntegrationResponses": [{"StatusCode": "200"}],
    }
    document = asynchronous()
    document["Resources"].update(
        Api=resource("AWS::ApiGateway::RestApi", Name="classifier"),
        Method=resource(
            "AWS::ApiGateway::Method",
            RestApiId={"Ref": "Api"},
            ResourceId=get("Api", "RootResourceId"),
            HttpMethod="POST",
            AuthorizationType="AWS_IAM",
            Integration=integration,
            MethodResponses=[{"StatusCode": "200"}],
        ),
    )
    return document


EXAMPLES = {
    "ASYNC-CONC": boundary(
        asynchronous(), f"{_SETTINGS}.ClientConfig.MaxConcurrentInvocationsPerInstance", passes=1000, fails=1001
    ),
    "ASYNC-OUT": (
        boundary(asynchronous(), f"{_OUTPUT}.S3OutputPath", passes=f"{_BUCKET}output", fails="results/output"),
        boundary(
            asynchronous(),
            f"{_OUTPUT}.S3FailurePath",
            passes=_BUCKET + "f" * (512 - len(_BUCKET)),
            fails=_BUCKET + "f" * (513 - len(_BUCKET)),
        ),
        boundary(asynchronous(), _OUTPUT, passes={"S3OutputPath": _BUCKET}, fails=ABSENT),
    ),
    "ASYNC-SNS": boundary(
        asynchronous(), f"{_NOTIFICATION}.IncludeInferenceResponseIn", passes=_BOTH, fails=[*_BOTH, _BOTH[0]]
    ),
    "ASYNC-SNS-RESPONSE": boundary(
        asynchronous(), f"{_NOTIFICATION}.IncludeInferenceResponseIn", passes=_BOTH[:1], fails=["SUCCESS"]
    ),
    "ASYNC-SNS-TOPIC": (
        boundary(asynchronous(), f"{_NOTIFICATION}.SuccessTopic", passes=_TOPIC, fails="results"),
        boundary(asynchronous(), f"{_NOTIFICATION}.ErrorTopic", passes=_TOPIC, fails=_TOPIC.replace("sns", "sqs")),
    ),
    "ASYNC-NO-SLS": boundary(
        asynchronous(),
        "Config.ProductionVariants.0",
        passes=instance_variant(),
        fails={
            "VariantName": "AllTraffic",
            "ModelName": get("Model", "ModelName"),
            "InitialVariantWeight": 1,
            "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
        },
    ),
    "ASYNC-ONE-VAR": Example(
        asynchronous(), changed(asynchronous(), {"Config.ProductionVariants.1": instance_variant("Second")})
    ),
    "ASYNC-NO-INF1": boundary(
        asynchronous(), "Config.ProductionVariants.0.InstanceType", passes="ml.inf2.xlarge", fails="ml.inf1.xlarge"
    ),
    "ASYNC-NO-TARGET": (
        Example(asynchronous(), changed(asynchronous(), _MULTI_MODEL)),
        Example(changed(asynchronous(), _side_by_side("Serial")), changed(asynchronous(), _side_by_side("Direct"))),
    ),
    "ASYNC-ONLY": Example(called_by_an_api("async-invocations"), called_by_an_api("invocations")),
    "ASYNC-METRICS-NONE": (
        Example(
            scaled_on_backlog(),
            changed(
                scaled_on_backlog(),
                {
                    f"{_TRACKING}.CustomizedMetricSpecification": ABSENT,
                    f"{_TRACKING}.PredefinedMetricSpecification": {
                        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                    },
                },
            ),
        ),
        boundary(
            scaled_on_backlog(),
            f"{_TRACKING}.CustomizedMetricSpecification.MetricName",
            passes="ApproximateBacklogSizePerInstance",
            fails="InvocationsPerInstance",
        ),
    ),
    "ASYNC-METRICS-EP": Example(
        scaled_on_backlog(),
        changed(
            scaled_on_backlog(),
            {
                f"{_TRACKING}.CustomizedMetricSpecification.Dimensions.1": {
                    "Name": "VariantName",
                    "Value": "AllTraffic",
                }
            },
        ),
    ),
    "ASYNC-NOT-IN-REGION": Example(
        moved(realtime(), "eu-south-1"), moved(asynchronous(), "eu-south-1"), region="eu-south-1"
    ),
    "ASYNC-ZERO": Example(scaled_to_zero(), changed(scaled_on_backlog(), {"Target.MinCapacity": 0})),
}
