"""Every construct with all that it can make, each in a stack of its own, under the same arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler

from constructs_lib import (
    AsyncEndpoint,
    BatchHooks,
    BatchTransformPipeline,
    CapturedData,
    ComponentEndpoint,
    DataCapture,
    Deadline,
    DriftBaseline,
    DriftGate,
    DriftProcessing,
    DriftWatch,
    FirehoseSink,
    HybridInference,
    InputSubmission,
    LookupApi,
    QueueSource,
    RealtimeEndpoint,
    ResultsConsumer,
    ServerlessEndpoint,
    Sharding,
    StreamingInference,
    VpcConfig,
)
from tests.support import any_image, any_model

Template = Mapping[str, Any]
TYPE = "ml.m5.large"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/0b2b1c3e-5a6d-4f70-8f3f-d9c3f1b2a4e5"


def _realtime(stack: cdk.Stack, *, key: kms.IKey | None, removal_policy: cdk.RemovalPolicy, **_: Any) -> None:
    RealtimeEndpoint(
        stack,
        "Endpoint",
        model=any_model(stack),
        instance_type=TYPE,
        data_capture=DataCapture(),
        encryption_key=key,
        removal_policy=removal_policy,
    )


def _serverless(stack: cdk.Stack, *, key: kms.IKey | None, **_: Any) -> None:
    ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), encryption_key=key)


def _components(stack: cdk.Stack, *, key: kms.IKey | None, **_: Any) -> None:
    ComponentEndpoint(stack, "Endpoint", instance_type=TYPE, encryption_key=key)


def _asynchronous(
    stack: cdk.Stack, *, key: kms.IKey | None, removal_policy: cdk.RemovalPolicy, vpc_config: VpcConfig | None
) -> None:
    AsyncEndpoint(
        stack,
        "Endpoint",
        model=any_model(stack),
        instance_type=TYPE,
        submission=InputSubmission(),
        results_consumer=ResultsConsumer(request_status=True),
        encryption_key=key,
        vpc_config=vpc_config,
        removal_policy=removal_policy,
    )


def _batch(
    stack: cdk.Stack, *, key: kms.IKey | None, removal_policy: cdk.RemovalPolicy, vpc_config: VpcConfig | None
) -> None:
    BatchTransformPipeline(
        stack,
        "Pipeline",
        model=any_model(stack),
        instance_type=TYPE,
        sharding=Sharding(count=50),
        schedule=scheduler.ScheduleExpression.cron(hour="1", minute="0"),
        ready_suffix="_READY",
        deadline=Deadline(complete_by="08:00", expected_duration=timedelta(hours=2)),
        hooks=BatchHooks(before=DriftGate(baseline=_baseline(stack))),
        encryption_key=key,
        vpc_config=vpc_config,
        removal_policy=removal_policy,
    )


def _hybrid(
    stack: cdk.Stack, *, key: kms.IKey | None, removal_policy: cdk.RemovalPolicy, vpc_config: VpcConfig | None
) -> None:
    HybridInference(
        stack,
        "Hybrid",
        endpoint=ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), encryption_key=key),
        instance_type=TYPE,
        api=LookupApi.HTTP_API,
        encryption_key=key,
        vpc_config=vpc_config,
        removal_policy=removal_policy,
    )


def _streaming(
    stack: cdk.Stack, *, key: kms.IKey | None, removal_policy: cdk.RemovalPolicy, vpc_config: VpcConfig | None
) -> None:
    endpoint = ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), encryption_key=key)
    ways: Mapping[str, Mapping[str, Any]] = {
        "Streams": {},
        "Delivered": {"source": QueueSource(), "sink": FirehoseSink()},
    }
    for name, way in ways.items():
        StreamingInference(
            stack,
            name,
            endpoint=endpoint,
            encryption_key=key,
            vpc_config=vpc_config,
            removal_policy=removal_policy,
            **way,
        )


def _drift(
    stack: cdk.Stack, *, key: kms.IKey | None, removal_policy: cdk.RemovalPolicy, vpc_config: VpcConfig | None
) -> None:
    DriftWatch(
        stack,
        "Watch",
        endpoint=CapturedData(bucket=s3.Bucket.from_bucket_name(stack, "Captures", "captures"), endpoint_name="scores"),
        baseline=_baseline(stack),
        processing=DriftProcessing(image=any_image()),
        encryption_key=key,
        vpc_config=vpc_config,
        removal_policy=removal_policy,
    )


def _baseline(stack: cdk.Stack) -> DriftBaseline:
    return DriftBaseline.from_bucket(s3.Bucket.from_bucket_name(stack, "Baselines", "baselines"), "baseline.json")


BUILDERS: Mapping[str, Callable[..., None]] = {
    "RealtimeEndpoint": _realtime,
    "ServerlessEndpoint": _serverless,
    "ComponentEndpoint": _components,
    "AsyncEndpoint": _asynchronous,
    "BatchTransformPipeline": _batch,
    "HybridInference": _hybrid,
    "StreamingInference": _streaming,
    "DriftWatch": _drift,
}


def templates(
    make_key: Callable[[cdk.Stack], kms.IKey | None] = lambda _: None,
    *,
    removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    make_vpc_config: Callable[[cdk.Stack], VpcConfig | None] = lambda _: None,
) -> dict[str, Template]:
    """By construct."""
    app = cdk.App()
    for name, build in BUILDERS.items():
        stack = cdk.Stack(app, name)
        build(stack, key=make_key(stack), removal_policy=removal_policy, vpc_config=make_vpc_config(stack))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


@cache
def keyed_and_destroyed() -> dict[str, Template]:
    """Each construct with a key of somebody else, and nothing retained: two arguments, one synthesis."""
    return templates(lambda stack: kms.Key.from_key_arn(stack, "Key", KEY), removal_policy=cdk.RemovalPolicy.DESTROY)
