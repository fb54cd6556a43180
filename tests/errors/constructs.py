"""Wrong constructs; those that need a scope share one stack."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_s3 as s3

from constructs_lib import (
    AsyncEndpoint,
    Autoscaling,
    BatchHooks,
    BatchTransformPipeline,
    CapacitySize,
    ComponentEndpoint,
    ComputeResourceRequirements,
    Container,
    ContainerImage,
    DataProcessing,
    DriftBaseline,
    DriftGate,
    DriftThresholds,
    DriftWatch,
    Fallback,
    HybridBatch,
    HybridInference,
    InferenceComponent,
    InferenceDashboard,
    InstancePool,
    Model,
    MultiContainerModel,
    MultiModel,
    PipelineModel,
    PrivateNetwork,
    RealtimeEndpoint,
    RealtimeMonitoring,
    ResultStream,
    Rollout,
    ServerlessEndpoint,
    Shadow,
    StreamBatching,
    StreamingInference,
    StreamSource,
    TargetTracking,
    TransformOptions,
    Variant,
    VariantProperty,
    VpcConfig,
)
from constructs_lib.endpoints.rollout_checks import check_serverless
from constructs_lib.options.tracking import Tracked
from constructs_lib.patterns import batch_checks, batch_hooks, drift_function
from tests.errors.options import Provocation, checked, wrong

IMAGE = ContainerImage.from_uri("123456789012.dkr.ecr.us-east-1.amazonaws.com/model:1")
SCALED = Autoscaling(max_capacity=2, invocations_per_instance=1)
M5, T2 = "ml.m5.large", "ml.t2.medium"
_NUMBERS = count()


@cache
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Errors")


def named() -> tuple[cdk.Stack, str]:
    """The scope and an id that is new in it."""
    return stack(), f"Any{next(_NUMBERS)}"


@cache
def model() -> Model:
    return Model(*named(), image=IMAGE)


@cache
def many() -> MultiModel:
    return MultiModel(*named(), image=IMAGE, bucket=bucket(), prefix="models/")


@cache
def bucket() -> s3.IBucket:
    return s3.Bucket.from_bucket_name(*named(), "mine")


@cache
def on_instances() -> RealtimeEndpoint:
    return RealtimeEndpoint(*named(), model=model(), instance_type=M5, monitoring=None)


@cache
def for_components() -> ComponentEndpoint:
    return ComponentEndpoint(*named(), instance_type=M5, monitoring=None)


@cache
def asynchronous() -> AsyncEndpoint:
    return AsyncEndpoint(*named(), model=model(), instance_type=M5, monitoring=None)


def network() -> VpcConfig:
    groups = [ec2.SecurityGroup.from_security_group_id(*named(), f"sg-{number}") for number in range(6)]
    return VpcConfig(vpc=cast(Any, None), security_groups=groups)


def realtime(**options: Any) -> RealtimeEndpoint:
    return RealtimeEndpoint(*named(), **options)


def variant(name: str = "A", **options: Any) -> Variant:
    return Variant(model=model(), name=name, **{"instance_type": M5} | options)


def component(**options: Any) -> InferenceComponent:
    usual: dict[str, Any] = {"compute": ComputeResourceRequirements(min_memory_required_in_mb=1024)}
    usual |= {"endpoint": for_components(), "model": model()}
    return InferenceComponent(*named(), **usual | options)


def hybrid(**options: Any) -> HybridInference:
    usual: dict[str, Any] = {"endpoint": on_instances(), "instance_type": M5}
    return HybridInference(*named(), **usual | options)


def pipeline(**options: Any) -> BatchTransformPipeline:
    usual: dict[str, Any] = {"model": model(), "instance_type": M5}
    return BatchTransformPipeline(*named(), **usual | options)


def scoring(**options: Any) -> StreamingInference:
    usual: dict[str, Any] = {"endpoint": on_instances()}
    return StreamingInference(*named(), **usual | options)


def one_stream() -> StreamingInference:
    stream = kinesis.Stream.from_stream_arn(*named(), "arn:aws:kinesis:us-east-1:123456789012:stream/one")
    return scoring(source=StreamSource(stream=stream), sink=ResultStream(stream=stream))


def baseline(records: int | None = 10) -> DriftBaseline:
    return DriftBaseline(lambda _: (bucket(), "baseline.json"), records)


MODELS: Mapping[str, Provocation] = {
    "environment": lambda: Model(
        *named(),
        image=IMAGE,
        environment=wrong(**{"1": "x", "a": 1, "b": "x" * 1100} | {f"v{n}": "x" * 1000 for n in range(101)}),
    ),
    "private registry without a network": lambda: Model(
        *named(), image=ContainerImage.from_private_registry("registry.local/model:1")
    ),
    "six security groups": lambda: Model(*named(), image=IMAGE, vpc_config=network()),
    "connections without a network": lambda: model().connections,
    "a dashboard of nothing": lambda: InferenceDashboard(*named(), constructs=[]),
    "a network in one zone": lambda: PrivateNetwork(*named(), max_azs=1),
    "one container in a row": lambda: PipelineModel(*named(), containers=[Container(image=IMAGE, hostname="-")]),
    "a row of which some have names": lambda: PipelineModel(
        *named(), containers=[Container(image=IMAGE, hostname="a"), Container(image=IMAGE)]
    ),
    "containers side by side without names": lambda: MultiContainerModel(
        *named(), containers=[Container(image=IMAGE, hostname="a")] * 2 + [Container(image=IMAGE)]
    ),
}
ENDPOINTS: Mapping[str, Provocation] = {
    "nothing to serve": lambda: realtime(),
    "variant": lambda: realtime(
        variants=[
            variant(
                "-",
                instance_type="m5",
                instance_pools=[InstancePool(instance_type="m5", priority=0)] * 6,
                initial_instance_count=0,
                weight=-1,
                volume_size_in_gb=0,
                model_data_download_timeout_in_seconds=1,
                container_startup_health_check_timeout_in_seconds=1,
                routing_strategy="ANY",
                inference_ami_version="latest",
            )
        ]
        * 11,
        endpoint_name="-",
    ),
    "variant on nothing, with no traffic": lambda: realtime(variants=[variant(instance_type=None, weight=0)]),
    "variants with a shadow, rolling, scaled": lambda: realtime(
        variants=[variant("A", autoscaling=SCALED), variant("B")],
        shadow=Shadow(variant=variant("A"), share=0),
        rollout=Rollout.rolling(CapacitySize.percent(10)),
        exclude_retained_variant_properties=[VariantProperty.DESIRED_INSTANCE_COUNT],
        replace_on_instance_type_change=True,
        endpoint_name="fixed",
    ),
    "replacement by a parameter": lambda: realtime(
        variants=[variant(instance_type=cdk.Fn.ref("Type"), autoscaling=SCALED)], replace_on_instance_type_change=True
    ),
    "scaling of a burstable type": lambda: realtime(model=model(), instance_type=T2, autoscaling=SCALED),
    "scaling by what cannot be reached, under one name": lambda: realtime(
        model=model(),
        instance_type=M5,
        autoscaling=Autoscaling(
            max_capacity=2,
            policies=[
                TargetTracking(metric=Tracked.CPU_UTILIZATION, target_value=10**4, name="a"),
                TargetTracking(metric=Tracked.CONCURRENT_REQUESTS, target_value=1, name="a"),
            ],
        ),
    ),
    "rollout with too many alarms": lambda: realtime(
        variants=[variant(f"v{n}") for n in range(10)], rollout=Rollout.canary(CapacitySize.percent(10))
    ),
    "rollout of a type that has none": lambda: realtime(
        model=model(), instance_type="ml.inf1.xlarge", rollout=Rollout.canary(CapacitySize.percent(10))
    ),
    "an alarm that there is not": lambda: realtime(
        model=model(), instance_type=M5, monitoring=RealtimeMonitoring(exclude=["NoSuchAlarm"])
    ),
    "an endpoint by a wrong name": lambda: RealtimeEndpoint.from_endpoint_name(*named(), "-"),
    "an endpoint by a wrong ARN": lambda: RealtimeEndpoint.from_endpoint_arn(*named(), "mine"),
    "serverless": lambda: ServerlessEndpoint(
        *named(), model=many(), memory_size_in_mb=2000, max_concurrency=0, provisioned_concurrency=0
    ),
    "serverless that provisions more than there is": lambda: ServerlessEndpoint(
        *named(), model=model(), max_concurrency=2, provisioned_concurrency=3
    ),
    "serverless on batches of instances": lambda: checked(
        lambda checks: check_serverless(checks, Rollout.rolling(CapacitySize.percent(10)))
    ),
    "serverless on canaries of instances": lambda: checked(
        lambda checks: check_serverless(checks, Rollout.canary(CapacitySize.instances(1)))
    ),
    "asynchronous": lambda: AsyncEndpoint(
        *named(), model=many(), instance_type=M5, max_concurrent_invocations_per_instance=0
    ),
    "for components": lambda: ComponentEndpoint(
        *named(),
        instance_type=M5,
        initial_instance_count=0,
        volume_size_in_gb=0,
        routing_strategy="ANY",
        inference_ami_version="latest",
        vpc_config=network(),
    ),
    "component": lambda: component(
        copies=-1,
        inference_component_name="-",
        model_data_download_timeout_in_seconds=1,
        container_startup_health_check_timeout_in_seconds=1,
    ),
    "component of another network": lambda: component(
        model=Model(*named(), image=IMAGE, execution_role=role(), network_isolation=True),
        endpoint=ComponentEndpoint(*named(), instance_type=M5, vpc_config=joined(), monitoring=None),
    ),
}


def role() -> iam.IRole:
    return iam.Role.from_role_arn(*named(), "arn:aws:iam::123456789012:role/mine")


def joined() -> VpcConfig:
    vpc = ec2.Vpc.from_vpc_attributes(
        *named(),
        vpc_id="vpc-1",
        availability_zones=["us-east-1a", "us-east-1b"],
        private_subnet_ids=["subnet-1", "subnet-2"],
    )
    return VpcConfig(vpc=vpc)


PATTERNS: Mapping[str, Provocation] = {
    "batch": lambda: pipeline(
        instance_type="m5",
        instance_count=0,
        input_prefix="/in",
        ready_suffix="",
        options=TransformOptions(content_type="image/png", split_type="Line"),
    ),
    "batch of no records": lambda: pipeline(options=TransformOptions(content_type="text/csv", split_type="RecordIO")),
    "batch at no time": lambda: checked(lambda checks: batch_checks.check_start(checks, "daily", "Berlin", None)),
    "hooks of one name": lambda: batch_hooks.check_names(
        {"States": {"Twice": {"Type": "Parallel", "Branches": [{"States": {"Twice": {"Type": "Succeed"}}}]}}}
    ),
    "hybrid of an asynchronous endpoint": lambda: hybrid(endpoint=asynchronous()),
    "hybrid of two models": lambda: hybrid(
        endpoint=realtime(
            variants=[variant("A"), Variant(model=Model(*named(), image=IMAGE), name="B", instance_type=M5)]
        )
    ),
    "hybrid of many models": lambda: hybrid(endpoint=realtime(model=many(), instance_type=M5)),
    "hybrid that asks more than the endpoint answers": lambda: hybrid(
        endpoint=ServerlessEndpoint(*named(), model=model(), max_concurrency=1), fallback=Fallback(max_concurrency=5)
    ),
    "hybrid with a gate behind": lambda: hybrid(
        batch=HybridBatch(hooks=BatchHooks(after=DriftGate(baseline=baseline(None))))
    ),
    "hybrid of images": lambda: hybrid(
        batch=HybridBatch(options=TransformOptions(content_type="image/png", split_type="None", assemble_with="None"))
    ),
    "hybrid without ids": lambda: hybrid(
        batch=HybridBatch(
            options=TransformOptions(
                accept="text/csv", data_processing=DataProcessing(join_source="Input", output_filter="$[0]")
            )
        )
    ),
    "stream to an asynchronous endpoint": lambda: scoring(endpoint=asynchronous()),
    "stream to components": lambda: scoring(endpoint=for_components()),
    "stream to many models": lambda: scoring(endpoint=realtime(model=many(), instance_type=M5)),
    "stream of large requests": lambda: scoring(batching=StreamBatching(max_bytes_per_request=10**9)),
    "stream into itself": one_stream,
    "baseline of no file": lambda: DriftBaseline.from_file("/no/such/baseline.json"),
    "baseline of another kind": lambda: DriftBaseline.from_file(Path(__file__)),
    "gate": lambda: DriftGate(baseline=baseline(), columns=[-1]),
    "watch": lambda: DriftWatch(
        *named(),
        endpoint=on_instances(),
        baseline=baseline(),
        thresholds=DriftThresholds(min_records=500),
        interval_in_hours=0,
        window_in_hours=0,
        variant_name="none",
    ),
    "a baseline that is too small": lambda: drift_function.refuse(
        "DriftGate", drift_function.check_baseline(baseline(), DriftThresholds())
    ),
}
KINDS: Mapping[str, Provocation] = {
    "a model that is a text": lambda: realtime(model="model", instance_type=M5, autoscaling=4),
    "a serverless model that is a text": lambda: ServerlessEndpoint(*named(), **wrong(model="model", rollout=True)),
    "submission that is only wanted": lambda: AsyncEndpoint(
        *named(), **wrong(model=model(), instance_type=M5, submission=True)
    ),
    "a schedule that is a text": lambda: pipeline(schedule="cron(0 1 * * ? *)"),
    "a hybrid schedule that is a text": lambda: hybrid(schedule="cron(0 1 * * ? *)"),
    "a stream that is a text": lambda: scoring(source="arn:aws:kinesis:us-east-1:123456789012:stream/one"),
    "an image that is a text": lambda: Model(*named(), **wrong(image="model:1")),
}
