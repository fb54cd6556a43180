"""Sound templates from which the examples start: one a way of serving. None of them has a finding."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.service_quotas import of_type
from constructs_lib.rules.examples.example import Document, get, join, resource, template
from constructs_lib.templates.known_quotas import KnownQuotas, Learned

IMAGE = {"Fn::Sub": "123456789012.dkr.ecr.${AWS::Region}.amazonaws.com/classifier:1"}
ARTIFACT = "s3://models-123456789012/classifier/model.tar.gz"
ROLE_ARN = "arn:aws:iam::123456789012:role/Execution"
# What the preflight learned of an account.
_ASKED_ON = date(2026, 11, 21)
QUOTAS = KnownQuotas(
    account="123456789012",
    region="eu-west-1",
    values={
        of_type("ml.m5.large").name: Learned(4, _ASKED_ON),
        of_type("ml.m5.large", "transform").name: Learned(2, _ASKED_ON),
    },
    today=_ASKED_ON,
)


def model(**properties: object) -> Document:
    """A model of one container."""
    container = {"Image": IMAGE, "ModelDataUrl": ARTIFACT}
    given = {"ExecutionRoleArn": ROLE_ARN, "PrimaryContainer": container, **properties}
    return resource("AWS::SageMaker::Model", **given)


def config(*variants: Document, **properties: object) -> Document:
    """An endpoint configuration."""
    return resource("AWS::SageMaker::EndpointConfig", ProductionVariants=list(variants), **properties)


def endpoint(**properties: object) -> Document:
    """An endpoint of the configuration ``Config``."""
    given = {"EndpointConfigName": get("Config", "EndpointConfigName"), **properties}
    return resource("AWS::SageMaker::Endpoint", **given)


def instance_variant(name: str = "AllTraffic", **properties: object) -> Document:
    """A variant on two instances that serves ``Model``."""
    return {
        "VariantName": name,
        "ModelName": get("Model", "ModelName"),
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
        "InitialVariantWeight": 1,
        **properties,
    }


def serverless_variant(name: str = "AllTraffic", **properties: object) -> Document:
    """A serverless variant that serves ``Model``; ``properties`` go into its ServerlessConfig."""
    return {
        "VariantName": name,
        "ModelName": get("Model", "ModelName"),
        "InitialVariantWeight": 1,
        "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5, **properties},
    }


def realtime() -> Document:
    """Model, Config, Endpoint: a real-time endpoint on two instances."""
    return template(Model=model(), Config=config(instance_variant()), Endpoint=endpoint())


def serverless() -> Document:
    """Model, Config, Endpoint: a serverless endpoint."""
    return template(Model=model(), Config=config(serverless_variant()), Endpoint=endpoint())


def asynchronous() -> Document:
    """Model, Config, Endpoint: an asynchronous endpoint that writes to a bucket."""
    output = {"S3OutputPath": "s3://results-123456789012/output/", "S3FailurePath": "s3://results-123456789012/failed/"}
    settings = {"OutputConfig": output, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4}}
    return template(
        Model=model(), Config=config(instance_variant(), AsyncInferenceConfig=settings), Endpoint=endpoint()
    )


def target(**properties: object) -> Document:
    """A scalable target for the instances of the variant AllTraffic of ``Endpoint``."""
    given = {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": join("endpoint/", get("Endpoint", "EndpointName"), "/variant/AllTraffic"),
        "MinCapacity": 1,
        "MaxCapacity": 4,
        **properties,
    }
    return resource("AWS::ApplicationAutoScaling::ScalableTarget", **given)


def tracking_policy(**properties: object) -> Document:
    """A target-tracking policy of ``Target`` on the invocations of each instance."""
    tracking = {
        "TargetValue": 600,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    }
    given = {
        "PolicyName": "invocations",
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": {"Ref": "Target"},
        "TargetTrackingScalingPolicyConfiguration": tracking,
        **properties,
    }
    return resource("AWS::ApplicationAutoScaling::ScalingPolicy", **given)


def scaled() -> Document:
    """Model, Config, Endpoint, Target, Policy: a real-time endpoint that scales with its invocations."""
    document = realtime()
    document["Resources"].update(
        Endpoint=endpoint(RetainAllVariantProperties=True), Target=target(), Policy=tracking_policy()
    )
    return document
