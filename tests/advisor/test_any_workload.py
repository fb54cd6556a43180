"""What holds for any workload, tried on many made by chance."""

from __future__ import annotations

import ast
import json
import random
from typing import Any

import pytest

from constructs_lib.advisor import recommend
from constructs_lib.advisor.files import workload_of
from constructs_lib.advisor.formats import FORMATS

_VALUES: dict[str, list[Any]] = {
    "latency": ["50ms", "2s", "10s", "5m", "1d"],
    "payload": ["1KB", "3MB", "20MB", "900MB", "2GB"],
    "processing_time": ["5ms", "3s", "30s", "20m", "2h"],
    "traffic": ["steady", "spiky", "intermittent", "scheduled", "stream"],
    "requests_per_day": [1, 5000, 10**8],
    "peak_rps": [0.1, 500],
    "records_per_run": [1, 10**7],
    "models": [2, 40, 3000],
    "same_framework": [True, False],
    "gpu": [True],
    "scale_to_zero": [True],
    "vpc": [True],
    "notify": [True],
    "chained_steps": [True],
    "memory": ["1GB", "14GB", "3000GB"],
    "cold_start_ok": [True, False],
    "caller_waits": [True, False],
    "precomputable": [0, 0.95, 1],
    "freshness": ["1d"],
    "compare": ["live", "mirror"],
    "due": ["06:30"],
    "region": ["us-east-1", "eu-south-1", "xx-north-9"],
    "instance_type": ["ml.m5.large", "ml.g5.12xlarge", "ml.inf1.xlarge", "ml.t2.medium"],
}


def by_chance(seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    return {name: chance.choice(values) for name, values in _VALUES.items() if chance.random() < 0.3}


@pytest.mark.parametrize("seed", range(150))
def test_any_workload_gets_an_answer_that_holds_together(seed: int) -> None:
    found = recommend(workload_of(by_chance(seed)))
    assert found.strategy not in found.ruled_out or len(found.monthly_costs) == 1
    assert not set(found.monthly_costs) - {found.strategy} & set(found.ruled_out)
    assert found.reasons
    assert [other.strategy for other in found.alternatives].count(found.strategy) == 0
    assert all(cost.at_least >= 0 for cost in found.monthly_costs.values())
    ast.parse(found.construct)


@pytest.mark.parametrize("seed", range(0, 150, 15))
def test_any_answer_can_be_printed(seed: int) -> None:
    found = recommend(workload_of(by_chance(seed)))
    printed = {name: write(found) for name, write in FORMATS.items()}
    assert json.loads(printed["json"])["strategy"] == found.strategy
    assert all(printed.values())
