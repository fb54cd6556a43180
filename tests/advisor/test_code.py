"""The suggested code is a complete app: it synthesizes as it stands, and the limit check finds nothing."""

from __future__ import annotations

import ast
from typing import Any

import pytest

import constructs_lib
from constructs_lib.advisor import Strategy, recommend
from constructs_lib.advisor.files import workload_of
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
    assert "backlog_per_instance=20" in construct(payload="50MB", latency="10s", processing_time="1s")
    assert "Backlog" not in construct(payload="50MB", instance_type="ml.t2.medium")
    assert "Autoscaling" not in construct(traffic="steady", peak_rps=500, latency="1s", instance_type="ml.t2.medium")
    assert "shard_count=3" in construct(traffic="stream", peak_rps=2500, payload="1KB")
