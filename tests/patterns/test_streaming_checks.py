"""What a stream cannot carry, and what does not go together, is said before anything is synthesized."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_s3 as s3

from constructs_lib import (
    AsyncEndpoint,
    ComponentEndpoint,
    InvalidConfiguration,
    MultiModel,
    RealtimeEndpoint,
    ResultStream,
    StreamBatching,
    StreamingInference,
    StreamMonitoring,
    StreamRecovery,
    StreamSource,
    Throughput,
)
from constructs_lib.checks import Checks
from tests.support import any_image, any_model

# 10 requests of 100 records a second, of which one function does as many.
LOAD = Throughput(records_per_second=1000, bytes_per_record=500, seconds_per_request=0.1)
BATCHING = StreamBatching()
MOST = 4 * 1024 * 1024


def problems(load: Throughput, *, shards: int | None = 1, out: int | None = None, **batching: Any) -> list[str]:
    """What is wrong with that load."""
    checks, options = Checks("Stream"), replace(BATCHING, **batching)
    StreamSource(shard_count=shards).check(checks, options, StreamRecovery(), load, MOST)
    ResultStream(shard_count=out).check(checks, load)
    load.check_endpoint(checks, options, MOST)
    try:
        checks.done()
    except InvalidConfiguration as error:
        return list(error.problems)
    return []


def refused(**options: Any) -> tuple[str, ...]:
    """The problems of a stream with an endpoint on instances; none is a failure."""
    stack = cdk.Stack(cdk.App(), "Stack")
    endpoint = RealtimeEndpoint.from_endpoint_name(stack, "Endpoint", "mine")
    with pytest.raises(InvalidConfiguration) as caught:
        StreamingInference(stack, "Scoring", endpoint=endpoint, **options)
    return tuple(caught.value.problems)


def test_a_load_on_the_boundary_is_carried() -> None:
    assert problems(LOAD) == []
    assert problems(replace(LOAD, bytes_per_record=1048)) == []
    assert problems(LOAD, out=1) == []


def test_shards_must_take_as_many_records() -> None:
    [problem] = problems(replace(LOAD, records_per_second=1001, seconds_per_request=0.09))
    assert "source.shard_count must be at least 2 for 1001 records/s of 500 bytes, got 1" in problem
    assert "KIN-SHARD" in problem


def test_shards_must_take_as_many_bytes() -> None:
    [problem] = problems(replace(LOAD, bytes_per_record=1049))
    assert "source.shard_count must be at least 2 for 1000 records/s of 1049 bytes, got 1" in problem


def test_the_shards_of_the_results_must_take_them_too() -> None:
    [problem] = problems(replace(LOAD, bytes_per_result=2000), out=1)
    assert "sink.shard_count must be at least 2 for 1000 records/s of 2000 bytes, got 1" in problem


def test_functions_must_keep_up_and_the_factor_that_does_is_named() -> None:
    [problem] = problems(replace(LOAD, seconds_per_request=0.25))
    assert "1000 records/s / 100 a request x 0.25 s needs 3 functions at once" in problem
    assert "1 shards x parallelization_factor 1 are 1; give parallelization_factor 3" in problem
    assert problems(replace(LOAD, seconds_per_request=0.25), parallelization_factor=3) == []


def test_where_no_factor_is_enough_the_shards_are_named() -> None:
    [problem] = problems(replace(LOAD, seconds_per_request=2.5), shards=2)
    assert "give more records a request, or at least 3 shards" in problem


def test_a_stream_on_demand_counts_as_the_shards_that_it_begins_with() -> None:
    assert problems(replace(LOAD, seconds_per_request=0.4), shards=None) == []
    [problem] = problems(replace(LOAD, seconds_per_request=0.5), shards=None)
    assert "4 shards x parallelization_factor 1 are 4; give parallelization_factor 2" in problem
    assert problems(replace(LOAD, records_per_second=20_000), shards=None) == []


def test_a_stream_that_is_handed_in_is_judged_by_the_shards_it_is_said_to_have() -> None:
    stream = kinesis.Stream.from_stream_arn(
        cdk.Stack(), "Stream", "arn:aws:kinesis:us-east-1:123456789012:stream/theirs"
    )
    slow = replace(LOAD, seconds_per_request=2)
    for count, expected in ((None, 0), (1, 1)):
        checks = Checks("Stream")
        source = StreamSource(stream=stream, shard_count=count)
        source.check(checks, BATCHING, StreamRecovery(), slow, MOST)
        if expected:
            with pytest.raises(InvalidConfiguration):
                checks.done()
        else:
            checks.done()


def test_functions_at_once_must_be_within_the_account() -> None:
    [problem] = problems(replace(LOAD, function_concurrency=19), shards=2, parallelization_factor=10)
    assert "2 shards x parallelization_factor 10 are 20 functions at once" in problem
    assert "throughput.function_concurrency is 19" in problem
    assert problems(replace(LOAD, function_concurrency=20), shards=2, parallelization_factor=10) == []


def test_the_endpoint_must_answer_as_many_at_once() -> None:
    [problem] = problems(replace(LOAD, seconds_per_request=0.25, endpoint_concurrency=2), parallelization_factor=5)
    assert "must be at most throughput.endpoint_concurrency 2, got 3" in problem
    assert problems(replace(LOAD, seconds_per_request=0.2, endpoint_concurrency=2), parallelization_factor=5) == []


def test_a_record_must_fit_into_a_request() -> None:
    checks = Checks("Stream")
    LOAD.check_endpoint(checks, BATCHING, 499)
    with pytest.raises(InvalidConfiguration, match=r"bytes_per_record must be at most the largest request, 499, got "):
        checks.done()


def test_a_record_must_fit_into_the_stream() -> None:
    load = replace(LOAD, records_per_second=0.1, bytes_per_record=2 * 1024 * 1024)
    [problem] = problems(load)
    assert "must be at most source.max_record_size_in_kib 1024 (1048576 bytes), got 2097152; raise it" in problem
    checks = Checks("Stream")
    StreamSource(max_record_size_in_kib=2048).check(checks, BATCHING, StreamRecovery(), load, MOST)
    checks.done()


def test_requests_hold_no_more_than_batch_and_payload_do() -> None:
    assert LOAD.records_per_request(BATCHING, MOST) == 100
    assert LOAD.records_per_request(replace(BATCHING, batch_size=60), MOST) == 60
    assert LOAD.records_per_request(BATCHING, 20_000) == 40
    large = replace(LOAD, bytes_per_record=1024 * 1024)
    # Lambda hands on 6 MB in base64, which are 4.5 of data.
    assert large.records_per_request(BATCHING, 100 * 1024 * 1024) == 4


def test_a_batch_must_be_done_in_the_time_of_a_function() -> None:
    [problem] = problems(replace(LOAD, records_per_second=1, seconds_per_request=61))
    assert "500 records / 100 a request x 61 s, must be at most batching.timeout_in_seconds 300, got 305" in problem


def test_what_is_known_only_at_deploy_time_is_not_judged() -> None:
    token: Any = cdk.Token.as_number({"Ref": "Shards"})
    slow = replace(LOAD, seconds_per_request=2)
    assert problems(slow, shards=token) == []
    assert problems(replace(slow, records_per_second=9), shards=1, max_records_per_request=token) == []
    StreamBatching(batch_size=token, parallelization_factor=token, timeout_in_seconds=token, content_type="${Token[x]}")
    StreamRecovery(max_record_age_in_seconds=token, max_retry_attempts=token)
    StreamSource(retention_in_hours=token)
    StreamMonitoring(poisoned=token)


def test_a_throughput_is_judged_with_numbers_only() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        Throughput(
            records_per_second=0, bytes_per_record=-1, seconds_per_request=cdk.Token.as_number({"Ref": "Seconds"})
        )
    assert [problem.partition(" ")[0] for problem in caught.value.problems] == [
        "records_per_second",
        "bytes_per_record",
        "seconds_per_request",
    ]


def test_all_problems_of_batching_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        StreamBatching(
            content_type="application/json",
            accept="image/png",
            batch_size=10_001,
            max_batching_window_in_seconds=301,
            parallelization_factor=11,
            max_records_per_request=0,
            max_bytes_per_request=0,
            timeout_in_seconds=901,
        )
    found = [problem.partition(" ")[0] for problem in caught.value.problems]
    assert found == [
        "content_type",
        "accept",
        "batch_size",
        "max_batching_window_in_seconds",
        "parallelization_factor",
        "max_records_per_request",
        "max_bytes_per_request",
        "timeout_in_seconds",
    ]


def test_a_function_has_time_for_one_request_at_least() -> None:
    with pytest.raises(InvalidConfiguration, match="timeout_in_seconds must be above 80, got 80"):
        StreamBatching(timeout_in_seconds=80)
    StreamBatching(timeout_in_seconds=81)


def test_all_problems_of_recovery_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        StreamRecovery(max_record_age_in_seconds=-1, max_retry_attempts=-2, failures_expire_in_days=0)
    age, attempts, days = caught.value.problems
    assert "max_record_age_in_seconds must be from 60 to 604800 s, or -1, got -1; an age without bound" in age
    assert "max_retry_attempts must be from -1 to 10000 attempts, got -2" in attempts
    assert "failures_expire_in_days must be at least 1, got 0" in days


def test_all_problems_of_a_source_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        StreamSource(
            shard_count=0, retention_in_hours=23, max_record_size_in_kib=4609, starting_position="AT_TIMESTAMP"
        )
    shards, retention, size, start = caught.value.problems
    assert "max_record_size_in_kib must be from 1024 to 4608 KiB, got 4609" in size
    assert "shard_count must be at least 1, got 0; leave it out for a stream on demand" in shards
    assert "retention_in_hours must be from 24 to 8760 hours, got 23" in retention
    assert "starting_position_timestamp goes with AT_TIMESTAMP" in start
    with pytest.raises(InvalidConfiguration, match="starting_position must be one of TRIM_HORIZON, LATEST, AT_TIMESTA"):
        StreamSource(starting_position="EARLIEST")
    with pytest.raises(InvalidConfiguration, match="goes with AT_TIMESTAMP, and only with it, got 1 with LATEST"):
        StreamSource(starting_position="LATEST", starting_position_timestamp=1)


def test_records_are_given_up_before_the_stream_forgets_them() -> None:
    [problem] = refused(recovery=StreamRecovery(max_record_age_in_seconds=24 * 3600))
    assert "recovery.max_record_age_in_seconds must be below source.retention_in_hours 24 (86400 s)" in problem
    source = StreamSource(retention_in_hours=25)
    checks = Checks("Stream")
    source.check(checks, BATCHING, StreamRecovery(max_record_age_in_seconds=24 * 3600), None, MOST)
    checks.done()


def test_all_problems_across_the_options_are_raised_together() -> None:
    stream = kinesis.Stream.from_stream_arn(cdk.Stack(), "S", "arn:aws:kinesis:us-east-1:123456789012:stream/theirs")
    found = refused(
        source=StreamSource(stream=stream, shard_count=1),
        sink=ResultStream(stream=stream, shard_count=1),
        batching=StreamBatching(max_bytes_per_request=MOST + 1, parallelization_factor=2),
        recovery=StreamRecovery(max_record_age_in_seconds=200_000),
        throughput=Throughput(
            records_per_second=3000, bytes_per_record=100, seconds_per_request=0.05, endpoint_concurrency=1
        ),
        monitoring=StreamMonitoring(oldest_record_in_seconds=300_000),
    )
    payload, age, shards, out, circle, busy, late = found
    assert f"batching.max_bytes_per_request must be from 0 to {MOST} bytes, got {MOST + 1}" in payload
    assert "recovery.max_record_age_in_seconds must be below source.retention_in_hours" in age
    assert "source.shard_count must be at least 3" in shards
    assert "sink.shard_count must be at least 3" in out
    assert "source.stream and sink.stream must differ" in circle
    assert "must be at most throughput.endpoint_concurrency 1, got" in busy
    assert "monitoring.oldest_record_in_seconds must be at most recovery.max_record_age_in_seconds 200000" in late


def test_the_endpoint_answers_at_once_and_with_one_model() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    bucket = s3.Bucket.from_bucket_name(stack, "Models", "models")
    several = MultiModel(stack, "Several", image=any_image(), bucket=bucket, prefix="models/")
    kinds: dict[str, Any] = {
        "an AsyncEndpoint does not": AsyncEndpoint(stack, "A", model=any_model(stack), instance_type="ml.m5.large"),
        "a ComponentEndpoint is asked for a component by name": ComponentEndpoint(
            stack, "C", instance_type="ml.m5.large"
        ),
        "that of a MultiModel is asked for one of them by name": RealtimeEndpoint(
            stack, "M", model=several, instance_type="ml.m5.large"
        ),
    }
    for number, (expected, endpoint) in enumerate(kinds.items()):
        with pytest.raises(InvalidConfiguration) as caught:
            StreamingInference(stack, f"Scoring{number}", endpoint=endpoint)
        [problem] = caught.value.problems
        assert expected in problem


def test_an_endpoint_on_instances_takes_larger_requests() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    endpoint = RealtimeEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large")
    most = 6 * 1024 * 1024
    with pytest.raises(InvalidConfiguration, match=f"from 0 to {most} bytes, got {most + 1}"):
        StreamingInference(stack, "Scoring", endpoint=endpoint, batching=StreamBatching(max_bytes_per_request=most + 1))
