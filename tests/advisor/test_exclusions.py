"""What rules a way of serving out, on both sides of each boundary, with the source of the limit."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.advisor import Strategy, Traffic, Workload, recommend
from constructs_lib.advisor.exclusions import exclusions
from constructs_lib.facts import asynchronous, realtime, serverless
from constructs_lib.facts.limit import Limit

MB = 1024 * 1024
SERVERLESS, REALTIME, ASYNC = Strategy.SERVERLESS, Strategy.REALTIME, Strategy.ASYNC
BATCH, HYBRID, STREAMING = Strategy.BATCH, Strategy.HYBRID, Strategy.STREAMING


def ruled_out(**given: Any) -> dict[Strategy, tuple[str, ...]]:
    return exclusions(Workload(**given))


@pytest.mark.parametrize(
    ("strategy", "allowed", "refused", "row"),
    [
        (SERVERLESS, {"payload": 4 * MB}, {"payload": 4 * MB + 1}, serverless.PAYLOAD),
        (SERVERLESS, {"response": 4 * MB}, {"response": 4 * MB + 1}, serverless.PAYLOAD),
        (SERVERLESS, {"processing_time": 60}, {"processing_time": 60.1}, serverless.INVOCATION_TIMEOUT),
        (SERVERLESS, {"gpu": False}, {"gpu": True}, serverless.NO_GPU),
        (SERVERLESS, {"instance_type": "ml.m5.large"}, {"instance_type": "ml.g5.xlarge"}, serverless.NO_GPU),
        (SERVERLESS, {"vpc": False}, {"vpc": True}, serverless.NO_VPC),
        (SERVERLESS, {"image": 10 * 1024 * MB}, {"image": 10 * 1024 * MB + 1}, serverless.IMAGE_SIZE),
        (SERVERLESS, {"memory": 6144 * MB}, {"memory": 6144 * MB + 1}, serverless.MEMORY_SIZE_IN_MB),
        (SERVERLESS, {"models": 1}, {"models": 2}, serverless.NO_MULTI_MODEL),
        (SERVERLESS, {"chained_steps": False}, {"chained_steps": True}, serverless.NO_PIPELINE),
        (SERVERLESS, {}, {"compare": "live"}, serverless.ONE_VARIANT),
        (SERVERLESS, {}, {"compare": "mirror"}, serverless.NO_SHADOW),
        (
            SERVERLESS,
            {"peak_rps": 200, "processing_time": 1},
            {"peak_rps": 201, "processing_time": 1},
            serverless.MAX_CONCURRENCY,
        ),
        (REALTIME, {"payload": 25 * MB}, {"payload": 25 * MB + 1}, realtime.PAYLOAD),
        (REALTIME, {"processing_time": 60}, {"processing_time": 61}, realtime.INVOCATION_TIMEOUT),
        (ASYNC, {"payload": 1024 * MB}, {"payload": 1024 * MB + 1}, asynchronous.PAYLOAD),
        (ASYNC, {"processing_time": 3600}, {"processing_time": 3601}, asynchronous.INVOCATION_TIMEOUT),
        (ASYNC, {"instance_type": "ml.inf2.xlarge"}, {"instance_type": "ml.inf1.xlarge"}, asynchronous.NO_INF1),
        (ASYNC, {"region": "eu-west-1"}, {"region": "eu-south-1"}, asynchronous.NOT_IN_REGION),
        (ASYNC, {}, {"compare": "live"}, asynchronous.ONE_VARIANT),
        (ASYNC, {}, {"compare": "mirror"}, asynchronous.NO_SHADOW),
    ],
    ids=lambda value: value.id if isinstance(value, Limit) else None,
)
def test_a_limit_rules_out_from_its_boundary_on_and_is_cited(
    strategy: Strategy, allowed: dict[str, Any], refused: dict[str, Any], row: Limit
) -> None:
    assert strategy not in ruled_out(**allowed)
    (reason,) = ruled_out(**refused)[strategy]
    assert reason.endswith(f"({row.id}: {row.source})")


@pytest.mark.parametrize(
    ("strategy", "allowed", "refused"),
    [
        (BATCH, {"latency": 61}, {"latency": 60}),
        (BATCH, {"latency": 1, "records_per_run": 100}, {"latency": 1}),
        (BATCH, {"latency": 1, "freshness": 86_400}, {"latency": 1, "freshness": 60}),
        (BATCH, {"caller_waits": False}, {"caller_waits": True}),
        (BATCH, {}, {"traffic": "stream"}),
        (BATCH, {}, {"compare": "mirror"}),
        (STREAMING, {"traffic": "stream", "latency": 1}, {"traffic": "stream", "latency": 0.9}),
        (STREAMING, {"traffic": "stream", "caller_waits": False}, {"traffic": "stream", "caller_waits": True}),
        (HYBRID, {"precomputable": 0.95}, {"precomputable": 1}),
        (HYBRID, {"precomputable": 0.95}, {"precomputable": 0}),
    ],
)
def test_a_demand_that_cannot_be_met_rules_out(
    strategy: Strategy, allowed: dict[str, Any], refused: dict[str, Any]
) -> None:
    assert strategy not in ruled_out(**allowed)
    assert len(ruled_out(**refused)[strategy]) == 1


def test_every_reason_is_told_and_not_only_the_first() -> None:
    assert len(ruled_out(payload=5 * MB, gpu=True, vpc=True, processing_time=90)[SERVERLESS]) == 4


def test_a_pattern_that_nobody_asked_for_is_not_in_question() -> None:
    found = recommend(Workload(payload=2000 * MB))
    assert not {HYBRID, STREAMING} & {*found.ruled_out, *found.monthly_costs}


def test_a_region_without_serverless_inference_rules_it_out() -> None:
    assert SERVERLESS in ruled_out(region="eu-central-2")
    assert SERVERLESS not in ruled_out(region="eu-central-1")


@pytest.mark.parametrize(("size", "warned"), [(6 * MB, False), (6 * MB + 1, True), (25 * MB, True)])
def test_between_6_and_25_mb_real_time_is_allowed_with_a_warning(size: int, warned: bool) -> None:
    found = recommend(Workload(payload=size, latency=0.1, traffic=Traffic.STEADY))
    said = [warning for warning in found.warnings if "AWS's documents disagree" in warning]
    assert found.strategy is REALTIME
    assert bool(said) is warned
    assert all("25 MB" in warning and "6 MB" in warning for warning in said)


def test_a_long_run_of_a_schedule_is_no_long_request() -> None:
    assert BATCH not in ruled_out(traffic="scheduled", processing_time=6 * 3600)
    assert recommend(Workload(traffic=Traffic.SCHEDULED, processing_time=6 * 3600)).strategy is BATCH


@pytest.mark.parametrize("records", [None, 1_000_000])
def test_hours_of_work_are_those_of_a_run_however_many_records_it_has(records: int | None) -> None:
    found = recommend(Workload(traffic=Traffic.SCHEDULED, processing_time=6 * 3600, records_per_run=records))
    assert found.strategy is Strategy.BATCH
    assert "6 h is taken for the time of a whole run: no single request takes that long" in found.assumptions
    hours = found.monthly_costs[Strategy.BATCH].parts[0].quantity
    assert hours == pytest.approx((6 + 5 / 60) * 365 / 12)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"latency": 1, "processing_time": 20}, "cannot be had from a model that takes 20 s"),
        ({"processing_time": 50, "traffic": "steady", "caller_waits": True}, "close to the 1 min of a request (TMO-RT"),
        ({"processing_time": 35, "traffic": "steady", "caller_waits": True}, "API Gateway in front waits 29 s"),
        ({"traffic": "intermittent", "memory": 4096 * MB}, "whose quota was never raised has 3 GB (SLS-ACC-MEM"),
        ({"traffic": "spiky", "peak_rps": 20, "processing_time": 1}, "more than the 10 of a new account"),
        ({"payload": 5 * MB, "latency": 0.1, "traffic": "steady"}, "a Lambda function in front takes 6 MB"),
        ({"records_per_run": 9, "payload": 101 * MB}, "over the 100 MB of one request (PAY-BATCH"),
        ({"models": 2, "independent_scaling": True, "region": "eu-south-1"}, "does not list inference components"),
        (
            {"latency": 0.1, "instance_type": "ml.t2.medium", "region": "eu-south-1"},
            "has no price in eu-south-1 (CFN-REG",
        ),
        ({"compare": "mirror", "instance_type": "ml.inf1.xlarge"}, "ml.inf1.xlarge cannot be in a shadow test"),
        ({"models": 9, "same_framework": True, "gpu": True}, "on GPUs the image has to be"),
        ({"compare": "mirror", "models": 2}, "a multi-model container cannot be in a shadow test"),
        (
            {"records_per_run": 9, "instance_type": "ml.c7g.xlarge"},
            "ml.c7g.xlarge is not for transform jobs, ml.m5.large",
        ),
        ({"payload": 50 * MB, "instance_type": "ml.t2.medium"}, "instances of ml.t2.medium cannot be scaled"),
        ({"latency": 0.1, "instance_type": "ml.m5.large", "memory": 9 * 1024 * MB}, "ml.m5.large has 8 GB of memory"),
        ({"scale_to_zero": True, "models": 2}, "at zero instances the first requests fail"),
        ({"scale_to_zero": True, "latency": 0.1}, "no wait after a pause cannot both be had"),
        ({"gpu": True, "instance_type": "ml.m5.large"}, "ml.m5.large has no GPU, and the model needs one"),
        ({"region": "eu-mars-1"}, "eu-mars-1 is no Region that is known here"),
        ({"traffic": "steady", "peak_rps": 1000, "processing_time": 0.1, "latency": 1}, "have the quota raised first"),
    ],
)
def test_what_works_with_care_is_warned_of(given: dict[str, Any], said: str) -> None:
    assert said in " ".join(recommend(Workload(**given)).warnings)
