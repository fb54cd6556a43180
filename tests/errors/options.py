"""Wrong options, which need no stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import aws_cdk as cdk

from constructs_lib import (
    AsyncMonitoring,
    AsyncStorage,
    Autoscaling,
    Backlog,
    BatchMonitoring,
    BatchRecovery,
    BatchResults,
    CapacitySize,
    ColdStartBudget,
    Comparison,
    ComputeResourceRequirements,
    ContainerImage,
    CopyScaling,
    CustomMetric,
    DataCapture,
    DataProcessing,
    Deadline,
    DefaultAlarms,
    DriftProcessing,
    DriftThresholds,
    Expiration,
    Fallback,
    FirehoseSink,
    Freshness,
    HybridMonitoring,
    InputSelection,
    InputSubmission,
    LookupApi,
    ManagedInstanceScaling,
    ModelArtifact,
    PredictionLoad,
    PredictionTable,
    ProvisionedConcurrencyScaling,
    QueueSource,
    RealtimeMonitoring,
    ResultsConsumer,
    ResultStream,
    Rollout,
    ScheduledAction,
    Sharding,
    StreamBatching,
    StreamMonitoring,
    StreamRecovery,
    StreamSource,
    TargetTracking,
    Throughput,
    TransformOptions,
)
from constructs_lib.checks import Checks
from constructs_lib.options.tracking import Tracked

Provocation = Callable[[], object]
TOKEN: Any = cdk.Token.as_number(cdk.Fn.ref("Number"))


def checked(check: Callable[[Checks], object]) -> None:
    """What a check notes, raised as a constructor does."""
    checks = Checks("Construct")
    check(checks)
    checks.done()


def wrong(**options: Any) -> dict[str, Any]:
    """Options of a wrong type, as a caller without a type checker gives them."""
    return options


LOAD = Throughput(records_per_second=1000, bytes_per_record=500, seconds_per_request=0.1)
MOST = 4 * 1024 * 1024
HOURLY: dict[str, Any] = {"name": "a", "schedule": "rate(1 hour)"}
DEADLINE = Deadline(complete_by="08:00", expected_duration=timedelta(minutes=380))
SLOW = Throughput(
    records_per_second=1000, bytes_per_record=500, seconds_per_request=2, endpoint_concurrency=1, function_concurrency=2
)

OPTIONS: Mapping[str, Provocation] = {
    "expiration": lambda: Expiration(inputs_in_days=0, outputs_in_days=0),
    "drift thresholds": lambda: DriftThresholds(
        population_stability_index=0, distance=2, missing_share=2, significance=2, min_records=1, min_drifted_features=0
    ),
    "backlog": lambda: Backlog(
        max_capacity=0,
        min_capacity=-1,
        backlog_per_instance=0,
        idle_minutes=0,
        scale_in_cooldown_in_seconds=-1,
        scale_out_cooldown_in_seconds=-1,
    ),
    "backlog that looks back too far": lambda: Backlog(max_capacity=1, backlog_per_instance=1, idle_minutes=9999),
    "drain": lambda: Backlog.drain_within(
        seconds=1, processing_seconds_per_request=2, max_capacity=1, concurrent_invocations_per_instance=0
    ),
    "drain of nothing": lambda: Backlog.drain_within(seconds=0, processing_seconds_per_request=0, max_capacity=1),
    "drain of a token": lambda: Backlog.drain_within(seconds=TOKEN, processing_seconds_per_request=1, max_capacity=1),
    "selection": lambda: InputSelection(**wrong(suffixes=".csv", modified_within_hours=0)),
    "recovery": lambda: BatchRecovery(
        max_attempts=0, min_delay_in_seconds=90, max_delay_in_seconds=80, timeout_in_hours=0
    ),
    "recovery without end": lambda: BatchRecovery(
        max_attempts=TOKEN, min_delay_in_seconds=0, max_delay_in_seconds=0, timeout_in_hours=10**6
    ),
    "results": lambda: BatchResults(prefix="/results"),
    "results of no lines": lambda: checked(
        lambda checks: BatchResults(counts_records=True).check(checks, split_type="None", assemble_with="None")
    ),
    "data processing": lambda: DataProcessing(join_source="Output", input_filter="x", output_filter="y"),
    "data processing of other formats": lambda: checked(
        lambda checks: DataProcessing().check(
            checks, content_type="image/png", accept="text/csv", split="Line", assemble="None"
        )
    ),
    "deadline": lambda: Deadline(complete_by="8", expected_duration=timedelta(days=2)),
    "deadline of any schedule": lambda: checked(lambda checks: DEADLINE.check(checks, "rate(1 day)")),
    "deadline too soon": lambda: checked(lambda checks: DEADLINE.check(checks, "cron(0 7 * * ? *)")),
    "deadline on the next day": lambda: checked(lambda checks: DEADLINE.check(checks, "cron(0 23 ? * MON *)")),
    "deadline that the clock skips": lambda: checked(
        lambda checks: DEADLINE.check(checks, "cron(30 2 * * ? *)", "Europe/Berlin")
    ),
    "deadline on a short day": lambda: checked(
        lambda checks: DEADLINE.check(checks, "cron(30 1 * * ? *)", "Europe/Berlin")
    ),
    "prediction table": lambda: PredictionTable(read_capacity=0),
    "prediction load": lambda: PredictionLoad(max_concurrency=0, tolerated_failure_percentage=101),
    "prediction load too wide": lambda: PredictionLoad(max_concurrency=10**9),
    "freshness": lambda: Freshness(max_age_in_hours=0, write_back_in_hours=-1),
    "fallback": lambda: Fallback(timeout_in_seconds=0, max_concurrency=0),
    "fallback that a gateway does not wait for": lambda: checked(
        lambda checks: Fallback(timeout_in_seconds=60).check_within(checks, LookupApi.HTTP_API)
    ),
    "comparison": lambda: Comparison(share=2, tolerance=-1, max_disagreement_in_percent=200, min_comparisons=0),
    "provisioned concurrency": lambda: ProvisionedConcurrencyScaling(
        max_capacity=0, min_capacity=0, utilization=2, schedules=[ScheduledAction(**HOURLY, min_capacity=5)]
    ),
    "provisioned concurrency that nothing scales": lambda: ProvisionedConcurrencyScaling(
        max_capacity=1, min_capacity=2, utilization=None
    ),
    "provisioned concurrency beyond the endpoint's": lambda: checked(
        lambda checks: ProvisionedConcurrencyScaling(max_capacity=9).check_within(checks, 5)
    ),
    "schedules of one name": lambda: Autoscaling(
        max_capacity=2, schedules=[ScheduledAction(**HOURLY, min_capacity=0, max_capacity=0)] * 2
    ),
    "more schedules than there may be": lambda: Autoscaling(
        max_capacity=2,
        invocations_per_instance=1,
        schedules=[ScheduledAction(**HOURLY | {"name": f"a{n}"}, min_capacity=1) for n in range(300)],
    ),
    "autoscaling by nothing": lambda: Autoscaling(max_capacity=0, min_capacity=2),
    "autoscaling twice by one metric": lambda: Autoscaling(
        max_capacity=2,
        invocations_per_instance=0,
        policies=[TargetTracking(metric=Tracked.INVOCATIONS, target_value=1)] * 2,
    ),
    "copies": lambda: CopyScaling(max_capacity=0, min_capacity=-1, invocations_per_copy=0),
    "autoscaling from load": lambda: Autoscaling.from_load(
        requests_per_second_per_instance=0, peak_requests_per_second=1, max_capacity=1, safety_factor=2
    ),
    "autoscaling from a load that nobody knows": lambda: Autoscaling.from_load(
        requests_per_second_per_instance=TOKEN, max_capacity=1
    ),
    "scheduled action": lambda: ScheduledAction(
        name="a:b", schedule="daily", timezone=" ", min_capacity=-1, max_capacity=-2
    ),
    "scheduled action of nothing": lambda: ScheduledAction(name="a", schedule="cron(99 0 * * ? *)"),
    "cron": lambda: ScheduledAction.cron(name="a", hours="1", day_of_week="MON", day_of_month="1", min_capacity=1),
    "a time with a zone": lambda: ScheduledAction.at(datetime(2030, 1, 1, tzinfo=UTC), name="a", min_capacity=1),
    "sharding": lambda: Sharding(count=1, objects_per_shard=0, max_concurrency=-1),
    "sharding beyond a map": lambda: Sharding(count=10**6, max_concurrency=10**6),
    "sharding of a token": lambda: Sharding(count=TOKEN),
    "sharding beyond the account": lambda: checked(
        lambda checks: Sharding(count=50, max_concurrency=50, instance_quota=4).check(checks, 2)
    ),
    "stream batching": lambda: StreamBatching(
        content_type="image/png",
        batch_size=0,
        max_batching_window_in_seconds=-1,
        parallelization_factor=0,
        max_records_per_request=0,
        max_bytes_per_request=0,
        timeout_in_seconds=10,
    ),
    "stream batching without end": lambda: StreamBatching(timeout_in_seconds=10**4),
    "stream recovery": lambda: StreamRecovery(
        max_record_age_in_seconds=1, max_retry_attempts=-2, failures_expire_in_days=0
    ),
    "stream recovery of what is gone": lambda: checked(lambda checks: StreamRecovery().check_retention(checks, 1)),
    "throughput": lambda: Throughput(
        records_per_second=0,
        bytes_per_record=0,
        seconds_per_request=0,
        bytes_per_result=0,
        endpoint_concurrency=0,
        function_concurrency=0,
    ),
    "throughput beyond the shards": lambda: checked(
        lambda checks: LOAD.check_shards(checks, "shard_count", 1, 2, "500 bytes")
    ),
    "throughput beyond the functions": lambda: checked(
        lambda checks: SLOW.check_lanes(checks, StreamBatching(parallelization_factor=2), 2, MOST)
    ),
    "throughput beyond the readers": lambda: checked(
        lambda checks: SLOW.check_readers(checks, StreamBatching(), 2, MOST)
    ),
    "throughput beyond the endpoint": lambda: checked(
        lambda checks: SLOW.check_endpoint(
            checks, StreamBatching(batch_size=1000, max_records_per_request=1, timeout_in_seconds=100), 100
        )
    ),
    "target tracking": lambda: TargetTracking(
        metric=CustomMetric(namespace="Mine", metric_name="Load"), target_value=0, name=" "
    ),
    "target tracking of a share": lambda: TargetTracking(metric=Tracked.MEMORY_UTILIZATION, target_value=101, name="é"),
    "transform options": lambda: TransformOptions(
        content_type="x" * 300,
        split_type="Lines",
        batch_strategy="Many",
        assemble_with="Lines",
        compression_type="Zip",
        max_payload_in_mb=50,
        max_concurrent_transforms=50,
        environment={"1": "x", "A": "x" * 20000},
        invocations_timeout_in_seconds=0,
        invocations_max_retries=9,
        tags={"x" * 200: "x", "a": "x" * 300},
    ),
    "transform options for another type": lambda: checked(
        lambda checks: TransformOptions(
            volume_kms_key_id="alias/a", transform_ami_version="al2-ami-sagemaker-batch-gpu-470"
        ).check_instance_type(checks, "ml.m5d.large")
    ),
    "tuned transform options": lambda: TransformOptions().tuned(largest_record_in_bytes=0, concurrency=0),
    "tuned for records too large": lambda: TransformOptions().tuned(largest_record_in_bytes=10**9, concurrency=1),
}
PARTS: Mapping[str, Provocation] = {
    "artifact of no form": lambda: ModelArtifact.from_s3_uri("not a location"),
    "artifact of a prefix": lambda: ModelArtifact.from_s3_uri("s3://models/prefix/"),
    "artifact of no key": lambda: ModelArtifact.from_bucket(cast(Any, None), "models/"),
    "artifact of no prefix": lambda: ModelArtifact.from_prefix(cast(Any, None), "models"),
    "artifact of no file": lambda: ModelArtifact.from_file("/no/such/model.tar.gz"),
    "image elsewhere": lambda: ContainerImage.from_uri("docker.io/library/python:3"),
    "image of no form": lambda: ContainerImage.from_uri("not an image"),
    "private image of no form": lambda: ContainerImage.from_private_registry("not an image"),
    "image of no folder": lambda: ContainerImage.from_asset("/no/such/folder"),
    "capacity": lambda: CapacitySize(type="INSTANCES", value=0),
    "canary": lambda: Rollout.canary(
        CapacitySize.percent(60),
        wait_interval_in_seconds=-1,
        termination_wait_in_seconds=-1,
        maximum_execution_timeout_in_seconds=1,
        alarms=cast(Any, [None] * 11),
    ),
    "canary of nothing": lambda: Rollout(kind="CANARY"),
    "canary that nobody watches": lambda: Rollout.canary(CapacitySize.percent(10), default_alarms=None),
    "canary that ends too soon": lambda: Rollout.canary(
        CapacitySize.percent(10), wait_interval_in_seconds=3600, maximum_execution_timeout_in_seconds=600
    ),
    "capture": lambda: DataCapture(
        sampling_percentage=101,
        capture_mode="All",
        csv_content_types=["text"],
        json_content_types=[f"application/x{n}" for n in range(20)],
        expire_in_days=0,
    ),
    "cold starts": lambda: ColdStartBudget(
        share_in_percent=100, setup_time_p99_in_milliseconds=0, minimum_invocations=0, window_in_minutes=10**6
    ),
    "cold starts of nothing": lambda: ColdStartBudget(share_in_percent=None, window_in_minutes=TOKEN),
    "rollback alarms": lambda: DefaultAlarms(
        server_error_rate_in_percent=100, model_latency_p99_in_milliseconds=0, evaluation_periods=0
    ),
    "rollback alarms that look back too far": lambda: DefaultAlarms(evaluation_periods=9999),
    "storage": lambda: AsyncStorage(
        client_input_prefix="requests", success_prefix="same", failure_prefix="same", expiration=Expiration()
    ),
    "storage of no prefix": lambda: AsyncStorage(success_prefix="/success"),
    "storage beside submission": lambda: checked(lambda checks: AsyncStorage().check_apart(checks, "success")),
    "submission": lambda: InputSubmission(
        **wrong(
            input_prefix="/in",
            suffixes=[""],
            content_types={".csv": "x" * 2000, ".b": "é"},
            default_content_type="é",
            request_ttl_in_seconds=1,
            invocation_timeout_in_seconds=0,
        )
    ),
    "submission of everything": lambda: InputSubmission(input_prefix=""),
    "submission of its own notes": lambda: InputSubmission(input_prefix="submitted/"),
    "results consumer": lambda: ResultsConsumer(
        status_expires_in_days=0, batch_size=0, max_batching_window_in_seconds=-1, max_concurrency=1
    ),
    "results consumer without a window": lambda: ResultsConsumer(batch_size=100, max_batching_window_in_seconds=0),
    "managed scaling": lambda: ManagedInstanceScaling(
        max_instance_count=0,
        min_instance_count=-1,
        scale_in_strategy="NEVER",
        maximum_step_size=0,
        cooldown_in_minutes=1,
    ),
    "managed scaling the wrong way round": lambda: ManagedInstanceScaling(
        max_instance_count=1, min_instance_count=2, maximum_step_size=1
    ),
    "compute": lambda: ComputeResourceRequirements(
        min_memory_required_in_mb=100,
        max_memory_required_in_mb=50,
        number_of_cpu_cores_required=0,
        number_of_accelerator_devices_required=0,
    ),
    "compute that no instance has": lambda: checked(
        lambda checks: ComputeResourceRequirements(
            min_memory_required_in_mb=10**6, number_of_cpu_cores_required=99, number_of_accelerator_devices_required=9
        ).check_fit(checks, "ml.m5.large")
    ),
    "batch monitoring": lambda: BatchMonitoring(notify_of=["DONE"], prices_per_hour={"ml.m5.large": -1}),
    "batch monitoring without a price": lambda: checked(
        lambda checks: BatchMonitoring(prices_per_hour={"ml.m5.large": 1}).check(checks, ["ml.c5.large"])
    ),
    "drift processing": lambda: DriftProcessing(
        image=cast(Any, None), instance_type="m5", volume_size_in_gb=0, max_runtime_in_seconds=0
    ),
    "realtime monitoring": lambda: RealtimeMonitoring(
        evaluation_periods=1, datapoints_to_alarm=2, latency_p99_in_milliseconds=0
    ),
    "realtime monitoring of nothing": lambda: RealtimeMonitoring(evaluation_periods=0, datapoints_to_alarm=0),
    "realtime monitoring for ever": lambda: RealtimeMonitoring(evaluation_periods=10**5),
    "async monitoring": lambda: AsyncMonitoring(
        oldest_request_in_seconds=10**7, failed_requests=0, time_in_backlog_p99_in_seconds=0
    ),
    "async monitoring beyond the life of a request": lambda: checked(
        lambda checks: AsyncMonitoring(oldest_request_in_seconds=600).check_within(checks, 300)
    ),
    "hybrid monitoring": lambda: HybridMonitoring(default_answers_in_percent=100, latency_p99_in_milliseconds=0),
    "stream monitoring": lambda: StreamMonitoring(oldest_record_in_seconds=0, poisoned=0, throttled=0),
    "stream monitoring beyond the life of a record": lambda: checked(
        lambda checks: StreamMonitoring(oldest_record_in_seconds=10**6).check(checks, StreamRecovery())
    ),
    "result stream": lambda: ResultStream(shard_count=0, retention_in_hours=1),
    "firehose": lambda: FirehoseSink(prefix="/results", buffering_in_seconds=-1, buffering_in_mb=0, expire_in_days=0),
    "firehose among its errors": lambda: FirehoseSink(prefix="errors/"),
    "queue": lambda: QueueSource(max_concurrency=1, max_receive_count=0),
    "a queue of large batches without a window": lambda: checked(
        lambda checks: QueueSource().check(
            checks, StreamBatching(batch_size=100, max_batching_window_in_seconds=0), StreamRecovery(), None, MOST
        )
    ),
    "stream": lambda: StreamSource(max_record_size_in_kib=1, starting_position="NOW", starting_position_timestamp=1.0),
    "records beyond the stream's": lambda: checked(
        lambda checks: StreamSource().check(
            checks,
            StreamBatching(),
            StreamRecovery(),
            Throughput(records_per_second=1, bytes_per_record=2 * 1024 * 1024, seconds_per_request=0.1),
            MOST,
        )
    ),
}
