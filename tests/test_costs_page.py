"""The page of costs has every construct with parts that add up, and what each costs while nobody asks."""

from __future__ import annotations

import re

import pytest

from constructs_lib.advisor import Strategy
from constructs_lib.facts.prices import SNAPSHOT_REGION, snapshot
from scripts.costs import page

PAGE = page()
CONSTRUCTS = (
    "RealtimeEndpoint",
    "ServerlessEndpoint",
    "AsyncEndpoint",
    "BatchTransformPipeline",
    "HybridInference",
    "StreamingInference",
)
HOURS, VOLUME_GB = 730, 5


def idle(first: str) -> float:
    """The last cell of a row of the table of what is paid for while nobody asks."""
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| {first}")]
    return float(row.strip("| ").split("|")[-1])


def price(name: str) -> float:
    found = snapshot().of(name, SNAPSHOT_REGION)
    assert found is not None
    return found.usd


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_the_parts_of_a_construct_add_up_to_its_sum(construct: str) -> None:
    section = PAGE.split(f"\n### {construct}\n")[1].split("\n### ")[0].split("\n## ")[0]
    *parts, total = [float(usd) for usd in re.findall(r"\| \*{0,2}([\d.]+)\*{0,2} \|$", section, re.MULTILINE)]
    assert parts
    assert sum(parts) == pytest.approx(total, abs=0.005 * len(parts) + 0.005)


def test_every_way_of_serving_has_a_section() -> None:
    assert len(CONSTRUCTS) == len(Strategy)
    assert re.findall(r"^### (\w+)$", PAGE, re.MULTILINE) == list(CONSTRUCTS)


def test_what_is_idle_costs_its_instances_and_shards() -> None:
    instance = HOURS * price("endpoint:ml.m5.large") + VOLUME_GB * price("volume:endpoint")
    shards = 2 * HOURS * price("kinesis:shard-hour")
    assert idle("`RealtimeEndpoint`") == idle("`AsyncEndpoint`, `min_capacity=1`") == round(instance, 2)
    assert idle("`ServerlessEndpoint`") == idle("`AsyncEndpoint`, `min_capacity=0`") == 0
    assert idle("`BatchTransformPipeline`") == idle("`ComponentEndpoint`") == 0
    assert idle("`StreamingInference`") == pytest.approx(instance + shards, abs=0.01)
    assert idle("the same with a `ServerlessEndpoint`") == round(shards, 2)
