"""The scenarios that the advisor exists for: each comes out as those who serve models would have it."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.advisor import Form, Recommendation, Strategy, Workload, recommend
from constructs_lib.advisor.files import workload_of
from tests.advisor.scenarios import SCENARIOS


def advice(**given: Any) -> Recommendation:
    return recommend(workload_of(given))


def told(found: Recommendation) -> str:
    return " ".join(found.reasons)


def serves(found: Recommendation) -> tuple[Strategy, Form]:
    return found.strategy, found.form


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_comes_out_right_with_a_reason(name: str) -> None:
    given, strategy, form = SCENARIOS[name]
    found = advice(**given)
    assert serves(found) == (strategy, form)
    assert found.reasons
    assert found.strategy not in found.ruled_out


def test_a_plant_photo_is_too_large_for_serverless_and_says_by_how_much() -> None:
    found = advice(payload="8MB", latency="10s", traffic="spiky")
    (reason,) = found.ruled_out[Strategy.SERVERLESS]
    assert reason.startswith("payload 8 MB exceeds 4 MB (PAY-SLS: https://docs.aws.amazon.com/")
    assert any("first request waits minutes" in warning for warning in found.warnings)
    assert 'ScheduledAction.cron(name="Day"' in found.construct


def test_only_asynchronous_inference_takes_large_images_that_somebody_waits_for() -> None:
    found = advice(payload="50MB", processing_time="45s", notify=True)
    assert set(found.ruled_out) == {Strategy.SERVERLESS, Strategy.REALTIME}
    assert "a notification tells when the answer is there" in found.reasons


def test_coupons_for_all_subscribers_run_once_a_week() -> None:
    found = advice(traffic="scheduled", records_per_run=10_000_000, requests_per_day=10_000_000 / 7)
    assert found.strategy is Strategy.BATCH
    assert 'week_day="SUN"' in found.construct
    assert found.monthly_costs[Strategy.BATCH].usd == min(cost.usd or 1e9 for cost in found.monthly_costs.values())


def test_a_dashboard_is_batch_and_says_what_real_time_would_cost() -> None:
    found = advice(latency="100ms", traffic="scheduled", records_per_run=5000)
    realtime = found.monthly_costs[Strategy.REALTIME].usd
    assert found.strategy is Strategy.BATCH
    assert realtime is not None
    assert f"a real-time endpoint would cost {realtime:,.2f} USD a month" in told(found)


@pytest.mark.parametrize("given", [{"freshness": "1d"}, {"traffic": "scheduled", "requests_per_day": 1}])
def test_a_dashboard_read_once_a_day_is_batch_however_that_is_said(given: dict[str, Any]) -> None:
    assert advice(latency="100ms", **given).strategy is Strategy.BATCH
    assert advice(latency="1s", payload="1KB", processing_time="100ms", **given).strategy is Strategy.BATCH


def test_predictions_that_are_due_are_told_when_to_start() -> None:
    found = advice(traffic="scheduled", processing_time="6h", due="08:00")
    assert found.strategy is Strategy.BATCH
    assert "to be done by 08:00, start it at 00:38 at the latest" in told(found)
    assert 'ScheduleExpression.cron(hour="0", minute="38")' in found.construct


def test_a_long_run_says_how_long_before_it_has_to_start() -> None:
    found = advice(traffic="scheduled", processing_time="6h")
    assert "start it 7.4 h before its answers are due (--due): 6 h of work" in told(found)
    assert "before its answers are due" not in told(advice(traffic="scheduled", records_per_run=10))


def test_a_run_that_begins_on_the_day_before_says_so() -> None:
    found = advice(traffic="scheduled", processing_time="6h", due="02:00")
    assert "start it at 18:38, 1 day before, at the latest" in told(found)


def test_steady_traffic_with_a_strict_latency_gets_a_small_instance_and_no_serverless() -> None:
    found = advice(traffic="steady", latency="200ms")
    assert serves(found) == (Strategy.REALTIME, Form.SINGLE)
    assert 'instance_type="ml.m5.large"' in found.construct
    (serverless,) = [other for other in found.alternatives if other.strategy is Strategy.SERVERLESS]
    assert serverless.but[0].startswith("no answer may wait for a start")


def test_the_same_events_are_a_stream_when_nobody_waits_and_requests_when_a_caller_does() -> None:
    assert advice(traffic="stream", caller_waits=False).strategy is Strategy.STREAMING
    assert advice(traffic="stream", caller_waits=True).strategy is Strategy.REALTIME
    assert advice(traffic="stream", latency="50ms", caller_waits=False).strategy is Strategy.STREAMING
    assert advice(traffic="stream", latency="50ms").strategy is Strategy.REALTIME


def test_fifty_models_are_one_endpoint_and_not_fifty_serverless_ones() -> None:
    given = {"models": 50, "same_framework": True, "traffic": "intermittent", "latency": "200ms"}
    found = advice(**given, cold_start_ok=False)
    assert serves(found) == (Strategy.REALTIME, Form.MULTI_MODEL)
    assert found.ruled_out[Strategy.SERVERLESS][0].startswith("it holds one model, not 50 (SLS-NO-MME: ")


def test_a_candidate_that_takes_users_is_ab_and_one_that_takes_none_is_a_shadow() -> None:
    assert advice(compare="live").form is Form.AB
    assert advice(compare="mirror").form is Form.SHADOW


def test_a_field_of_application_alone_decides_nothing() -> None:
    with pytest.raises(TypeError, match="application"):
        Workload(application="fraud")  # type: ignore[call-arg] # there is no such field


def test_a_workload_of_which_nothing_is_known_is_answered_with_its_assumptions() -> None:
    found = advice()
    said = " ".join(found.assumptions)
    for option in ("--requests-per-day", "--processing-time", "--payload", "--traffic", "--region", "--instance-type"):
        assert option in said


def test_what_is_known_is_not_assumed() -> None:
    found = advice(requests_per_day=10, processing_time="1s", payload="1KB", traffic="steady", region="us-east-1")
    said = " ".join(found.assumptions)
    assert "--requests-per-day" not in said
    assert "--processing-time" not in said
    assert "--payload" not in said
    assert "--traffic" not in said
    assert "--region" not in said


def test_a_near_tie_says_so_and_what_tips_it() -> None:
    found = advice(notify=True)
    assert found.near_tie is Strategy.SERVERLESS
    assert any("serverless inference" in tip for tip in found.tipping)
    assert any(tip.startswith("if cold starts are acceptable (--cold-start-ok)") for tip in found.tipping)


def test_a_tip_is_true() -> None:
    tips = [tip for tip in advice(notify=True).tipping if "--cold-start-ok" in tip]
    assert [tip.rpartition(": ")[2] for tip in tips] == ["serverless inference"]
    assert advice(notify=True, cold_start_ok=True).strategy is Strategy.SERVERLESS


def test_a_clear_choice_has_no_tips() -> None:
    found = advice(traffic="steady", latency="50ms")
    assert found.near_tie is None
    assert found.tipping == ()


def test_where_everything_is_ruled_out_the_nearest_is_named_with_its_reasons() -> None:
    found = advice(payload="2GB", caller_waits=True, latency="1s")
    assert set(found.ruled_out) == {Strategy.SERVERLESS, Strategy.REALTIME, Strategy.ASYNC, Strategy.BATCH}
    assert found.strategy is Strategy.BATCH  # the only one that breaks no limit, but a demand
    assert "every way of serving is ruled out; this one breaks the fewest limits" in told(found)


def test_a_cheaper_endpoint_that_fits_less_is_told() -> None:
    busy = advice(traffic="spiky", latency="2s", requests_per_day=20_000_000)
    assert busy.strategy is Strategy.SERVERLESS
    assert any(warning.startswith("real-time inference would cost less, ") for warning in busy.warnings)
    assert not any("would cost less" in warning for warning in advice(traffic="spiky", latency="2s").warnings)


def test_a_large_body_waits_in_a_queue_unless_its_answer_is_wanted_at_once() -> None:
    assert advice(payload="10MB", traffic="steady").strategy is Strategy.ASYNC
    assert advice(payload="10MB", traffic="steady", latency="1s").strategy is Strategy.REALTIME
    assert advice(payload="5MB", traffic="steady").strategy is Strategy.REALTIME
