"""What a month costs: sums of parts at known prices, reckoned by hand here."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.advisor import Strategy, Traffic, Workload, recommend
from constructs_lib.advisor.costs import monthly_costs
from constructs_lib.advisor.files import workload_of
from constructs_lib.advisor.hardware import Market, choose_instance_type, choose_job_type
from constructs_lib.advisor.load import load_of
from constructs_lib.advisor.sums import Cost
from constructs_lib.facts.prices import SNAPSHOT_REGION, snapshot

DAYS = 365 / 12


def cost(strategy: Strategy, **given: Any) -> Cost:
    return monthly_costs(workload_of(given), snapshot())[strategy]


def part(found: Cost, begins: str) -> float:
    (usd,) = [row.usd for row in found.parts if row.what.startswith(begins)]
    assert usd is not None
    return usd


def price(name: str) -> float:
    found = snapshot().of(name, SNAPSHOT_REGION)
    assert found is not None
    return found.usd


def test_a_real_time_endpoint_costs_its_instances_all_day() -> None:
    found = cost(Strategy.REALTIME, traffic="steady", requests_per_day=1000, processing_time="50ms")
    assert part(found, "ml.m5.large for hosting") == pytest.approx(730 * price("endpoint:ml.m5.large"))


def test_a_second_fleet_is_paid_for_a_shadow() -> None:
    alone, shadowed = (cost(Strategy.REALTIME, **given) for given in ({}, {"compare": "mirror"}))
    assert part(shadowed, "ml.m5.large") == pytest.approx(2 * part(alone, "ml.m5.large"))


def test_an_endpoint_follows_its_load() -> None:
    # 40 requests a second of 100 ms keep 4 of them busy at once: 2 instances of two, at 70 % of what they can do.
    found = cost(Strategy.REALTIME, requests_per_day=40 * 86_400, processing_time="100ms")
    assert part(found, "ml.m5.large") == pytest.approx(2 / 0.7 * 730 * price("endpoint:ml.m5.large"))


def test_serverless_inference_costs_its_seconds() -> None:
    found = cost(Strategy.SERVERLESS, requests_per_day=10_000, processing_time="200ms", payload="10KB")
    assert part(found, "seconds at 2048 MB") == pytest.approx(10_000 * DAYS * 0.2 * price("serverless:2048"))
    assert part(found, "data in") == pytest.approx(10_000 * DAYS * 10 / 1024**2 * price("data:in"))
    assert found.usd == pytest.approx(sum(row.usd or 0 for row in found.parts))


def test_a_price_that_is_not_known_leaves_the_sum_unknown() -> None:
    found = cost(Strategy.SERVERLESS, memory="5GB", traffic="intermittent")
    assert snapshot().of("serverless:5120", SNAPSHOT_REGION) is None
    assert found.usd is None
    assert found.at_least >= 0


def test_an_asynchronous_endpoint_costs_nothing_while_nobody_asks() -> None:
    rare = cost(Strategy.ASYNC, traffic="intermittent", requests_per_day=1, processing_time="1s")
    often = cost(Strategy.ASYNC, traffic="intermittent", requests_per_day=1000, processing_time="1s")
    assert part(rare, "ml.m5.large") < 730 * price("endpoint:ml.m5.large") / 50
    assert part(often, "ml.m5.large") == pytest.approx(DAYS * 24 * price("endpoint:ml.m5.large"), rel=0.01)


def test_a_job_costs_its_work_and_the_start_of_its_instances() -> None:
    found = cost(Strategy.BATCH, traffic="scheduled", records_per_run=72_000, processing_time="100ms")
    # An hour of work for two at once, and five minutes for the start, every day.
    assert part(found, "ml.m5.large") == pytest.approx((1 + 5 / 60) * DAYS * price("endpoint:ml.m5.large"))
    assert part(found, "transitions") == pytest.approx(10 * DAYS * price("states:transition"))


def test_a_weekly_job_costs_a_seventh_of_a_daily_one() -> None:
    daily = cost(Strategy.BATCH, records_per_run=70_000, processing_time="1s")
    weekly = cost(Strategy.BATCH, records_per_run=70_000, requests_per_day=10_000, processing_time="1s")
    assert part(weekly, "ml.m5.large") == pytest.approx(part(daily, "ml.m5.large") / 7)


def test_fewer_requests_than_a_run_a_month_are_taken_for_runs() -> None:
    once = cost(Strategy.BATCH, records_per_run=70_000, processing_time="1s")
    same = cost(Strategy.BATCH, records_per_run=70_000, requests_per_day=1, processing_time="1s")
    assert part(same, "ml.m5.large") == pytest.approx(part(once, "ml.m5.large"))


def test_hybrid_is_an_endpoint_with_a_job_and_a_table() -> None:
    found = cost(Strategy.HYBRID, precomputable=0.9, requests_per_day=100_000)
    assert part(found, "answers written to DynamoDB") == pytest.approx(90_000 * DAYS * price("dynamodb:write"))
    assert part(found, "look-ups in DynamoDB") == pytest.approx(100_000 * DAYS * price("dynamodb:read"))
    assert part(found, "ml.m5.large for hosting") > 0
    assert part(found, "ml.m5.large for batch transform") > 0


def test_a_stream_has_the_shards_that_its_peak_needs_and_those_of_its_results() -> None:
    found = cost(Strategy.STREAMING, traffic="stream", peak_rps=2500, payload="1KB")
    assert part(found, "shards of Kinesis") == pytest.approx((3 + 3) * 730 * price("kinesis:shard-hour"))
    wide = cost(Strategy.STREAMING, traffic="stream", peak_rps=100, payload="100KB")
    assert part(wide, "writes to Kinesis") == pytest.approx(
        (4 + 1) * load_of(workload_of({"traffic": "stream", "peak_rps": 100})).requests_per_month * price("kinesis:put")
    )
    assert part(wide, "shards of Kinesis") == pytest.approx((10 + 1) * 730 * price("kinesis:shard-hour"))


def test_a_stream_is_scored_in_batches_of_a_second_or_of_500_records() -> None:
    second = DAYS * 86_400
    # An entry of the journal is of 1 KB up to 68 records: one write before the put, and one after.
    slow = cost(Strategy.STREAMING, traffic="stream", requests_per_day=864_000, peak_rps=20, payload="1KB")
    assert part(slow, "calls of Lambda") == pytest.approx(second * price("lambda:request"))
    assert part(slow, "writes of the journal") == pytest.approx(2 * second * price("dynamodb:write"))
    fast = cost(Strategy.STREAMING, traffic="stream", requests_per_day=86_400_000, peak_rps=1000, payload="100B")
    assert part(fast, "calls of Lambda") == pytest.approx(2 * second * price("lambda:request"))
    assert part(fast, "writes of the journal") == pytest.approx(2 * 2 * 7 * second * price("dynamodb:write"))
    seldom = cost(Strategy.STREAMING, traffic="stream", requests_per_day=10, peak_rps=1)
    assert part(seldom, "calls of Lambda") == pytest.approx(10 * DAYS * price("lambda:request"))


def test_several_models_share_one_real_time_endpoint_but_no_asynchronous_one() -> None:
    one, ten = (cost(Strategy.ASYNC, models=models) for models in (1, 10))
    assert part(ten, "ml.m5.large") == pytest.approx(10 * part(one, "ml.m5.large"))
    assert part(cost(Strategy.REALTIME, models=10), "ml.m5.large") == part(cost(Strategy.REALTIME), "ml.m5.large")


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ({}, "ml.m5.large"),
        ({"memory": 12 * 1024**3}, "ml.m5.xlarge"),
        ({"gpu": True}, "ml.g5.xlarge"),
        ({"gpu": True, "memory": 40 * 1024**3}, "ml.g6e.xlarge"),
        ({"memory": 100 * 1024**3}, "ml.r5.4xlarge"),
        ({"instance_type": "ml.c5.2xlarge"}, "ml.c5.2xlarge"),
    ],
)
def test_the_cheapest_type_of_known_price_that_holds_the_model_is_taken(given: dict[str, Any], chosen: str) -> None:
    assert choose_instance_type(Workload(**given), Market.of(snapshot(), None)) == chosen


def test_a_model_that_no_type_of_known_price_holds_has_an_unknown_cost() -> None:
    found = recommend(Workload(memory=100 * 1024**3))
    assert found.monthly_costs[Strategy.REALTIME].usd is None
    assert any("ml.r5.4xlarge is assumed, the smallest, of unknown price" in text for text in found.assumptions)


def test_a_job_takes_another_type_where_jobs_do_not_take_the_one_that_was_asked_for() -> None:
    assert choose_job_type(Workload(instance_type="ml.c5.2xlarge"), Market.of(snapshot(), None)) == "ml.c5.2xlarge"
    found = recommend(Workload(records_per_run=1000, instance_type="ml.c7g.xlarge"))
    assert 'instance_type="ml.m5.large"' in found.construct
    assert any(row.what.startswith("ml.m5.large for batch") for row in found.monthly_costs[Strategy.BATCH].parts)


def test_prices_of_another_region_stand_in_and_that_is_said() -> None:
    found = recommend(Workload(region="eu-central-1", traffic=Traffic.STEADY))
    assert found.monthly_costs[Strategy.REALTIME].usd is not None
    assert any("no price of an instance in eu-central-1 is known" in text for text in found.assumptions)


def test_the_chosen_way_says_that_it_costs_least_where_it_does() -> None:
    found = recommend(Workload(traffic=Traffic.INTERMITTENT, requests_per_day=5))
    assert any(reason.startswith("it costs least of what remains: ") for reason in found.reasons)
    dear = recommend(Workload(traffic=Traffic.STEADY, latency=0.1))
    assert not any("costs least" in reason for reason in dear.reasons)
