"""The suggested code is a complete app: it synthesizes as it stands, and the limit check finds nothing."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

import constructs_lib
from constructs_lib.advisor import Strategy, recommend
from constructs_lib.advisor.files import workload_of
from constructs_lib.checks import Checks
from constructs_lib.rules import judge
from tests.advisor.scenarios import SCENARIOS

# Each code once, under the name of the first scenario that has it.
_FOUND = {name: recommend(workload_of(given)) for name, (given, _, _) in SCENARIOS.items()}
_CODES = {found.construct: name for name, found in reversed(_FOUND.items())}


def templates(code: str) -> list[Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "suggestion", "exec"), names)
    return [stack.template for stack in names["app"].synth().stacks]


@pytest.mark.parametrize("code", _CODES, ids=_CODES.values())
def test_the_code_of_a_scenario_synthesizes_and_passes_the_limit_check(code: str) -> None:
    """A large load may need a quota raised; then the advice has said so, and with the same quota."""
    warned = " ".join(_FOUND[_CODES[code]].warnings)
    found = [finding for template in templates(code) for finding in judge(template)]
    assert [f"{finding.rule} {finding.message}" for finding in found if f"({finding.rule}: " not in warned] == []


def test_the_codes_cover_every_way_of_serving() -> None:
    assert {strategy for _, strategy, _ in SCENARIOS.values()} == set(Strategy)


def test_the_code_names_only_what_there_is() -> None:
    imported = {
        alias.name
        for code in _CODES
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom) and node.module == "constructs_lib"
        for alias in node.names
    }
    assert imported <= set(constructs_lib.__all__)


@pytest.mark.parametrize("code", _CODES, ids=_CODES.values())
def test_no_line_of_the_code_is_too_long_to_read(code: str) -> None:
    assert [line for line in code.splitlines() if len(line) > 120] == []


def construct(**given: Any) -> str:
    return recommend(workload_of(given)).construct


def test_the_code_follows_the_workload() -> None:
    assert "memory_size_in_mb=4096" in construct(traffic="intermittent", memory="3.5GB", scale_to_zero=True)
    assert "provisioned_concurrency=1" in construct(traffic="scheduled", latency="500ms")
    assert "provisioned_concurrency" not in construct(traffic="intermittent")
    assert "max_payload_in_mb=80" in construct(traffic="scheduled", records_per_run=10, payload="80MB")
    assert "max_payload_in_mb=0" in construct(traffic="scheduled", records_per_run=10, payload="200MB")
    assert 'instance_type="ml.c5.2xlarge"' in construct(traffic="steady", instance_type="ml.c5.2xlarge")
    assert 'env=Environment(region="eu-west-1")' in construct(region="eu-west-1")
    assert "max_capacity=29" in construct(traffic="steady", peak_rps=400, processing_time="100ms", latency="1s")
    assert "max_capacity=2" in construct(traffic="spiky", latency="100ms", payload="1MB")
    assert "Backlog" not in construct(payload="50MB", instance_type="ml.t2.medium")
    assert "Autoscaling" not in construct(traffic="steady", peak_rps=500, latency="1s", instance_type="ml.t2.medium")
    assert "shard_count=3" in construct(traffic="stream", peak_rps=2500, payload="1KB")


@pytest.mark.parametrize("given", [{"peak_rps": 900, "processing_time": "2s", "payload": "1500KB"}, {"peak_rps": 0.01}])
def test_the_stream_of_the_code_carries_the_load_that_it_states(given: dict[str, Any]) -> None:
    code = construct(traffic="stream", **given)
    assert "throughput=Throughput(" in code
    assert templates(code) != []


def test_the_endpoint_of_a_stream_scales_by_requests_and_not_by_records() -> None:
    code = construct(traffic="stream", peak_rps=2500, processing_time="20ms", payload="1KB")
    assert "seconds_per_request=2.0," in code
    assert "requests_per_second_per_instance=1,  # measure it: here, 2 at once" in code


def test_a_stream_of_slow_answers_has_more_functions_and_smaller_requests() -> None:
    code = construct(traffic="stream", peak_rps=30, processing_time="500ms", payload="1KB")
    assert "source=StreamSource(shard_count=2)," in code
    assert "batching=StreamBatching(batch_size=450, parallelization_factor=8, max_records_per_request=60)," in code
    assert "seconds_per_request=30.0," in code


def test_the_fallback_of_the_code_has_the_time_that_was_asked_for_and_room_for_the_peak() -> None:
    code = construct(precomputable=0.95, latency="100ms", traffic="steady")
    assert "fallback=Fallback(timeout_in_seconds=0.1)," in code
    assert "hybrid.add_outputs()" in code
    assert "endpoint.add_outputs()" not in code, "two outputs of one name"
    busy = construct(precomputable=0.5, peak_rps=400, processing_time="100ms", latency="1s", traffic="steady")
    assert "fallback=Fallback(timeout_in_seconds=1, max_concurrency=20)," in busy


def test_the_backlog_of_the_code_is_what_is_done_in_the_time_there_is() -> None:
    code = construct(payload="50MB", latency="3m", processing_time="20s")
    assert "Backlog.drain_within(\n        seconds=180,\n        processing_seconds_per_request=20,\n" in code


def test_a_run_of_many_instances_is_cut_into_shards() -> None:
    assert "Sharding" not in construct(traffic="scheduled", records_per_run=1000)
    code = construct(traffic="scheduled", records_per_run=1_000_000, processing_time="1s")
    assert "sharding=Sharding(count=24, instance_quota=24)," in code


def test_a_run_that_is_due_has_a_deadline_that_its_schedule_meets() -> None:
    code = construct(traffic="scheduled", processing_time="6h", due="8:00")
    assert 'deadline=Deadline(complete_by="08:00", expected_duration=timedelta(minutes=370)),' in code
    assert 'ScheduleExpression.cron(hour="0", minute="38")' in code


@pytest.mark.parametrize("given", [{"records_per_run": 1}, {"processing_time": "2h"}, {"processing_time": "19h"}])
def test_the_deadline_of_a_run_of_any_length_is_met(given: dict[str, Any]) -> None:
    names: dict[str, Any] = {}
    code = construct(traffic="scheduled", due="06:30", **given)
    schedule = re.search(r'hour="(\d+)", minute="(\d+)"', code)
    deadline = re.search(r"deadline=(Deadline\(.*\)),$", code, re.MULTILINE)
    assert schedule
    assert deadline
    exec(f"from datetime import timedelta\nfrom constructs_lib import Deadline\nfound = {deadline[1]}", names)
    checks = Checks("Deadline")
    names["found"].check(checks, f"cron({int(schedule[2])} {int(schedule[1])} * * ? *)")
    checks.done()


@pytest.mark.parametrize(
    "given", [{"processing_time": "30h"}, {"records_per_run": 10**6, "requests_per_day": 10**6 / 7, "due": "01:00"}]
)
def test_a_run_of_days_or_a_weekly_one_that_starts_the_day_before_has_no_deadline(given: dict[str, Any]) -> None:
    code = construct(**{"traffic": "scheduled", "due": "06:00", **given})
    assert "BatchTransformPipeline" in code
    assert "Deadline" not in code


def test_concurrency_is_provisioned_in_the_hours_of_callers_and_taken_back_after_them() -> None:
    code = construct(traffic="scheduled", latency="500ms", requests_per_day=500_000)
    assert 'name="Begin", hours="8", min_capacity=6, max_capacity=6' in code
    assert 'name="End", hours="10", min_capacity=1, max_capacity=1' in code
    assert "autoscaling=provisioned," in code
