"""What the guide to hybrid inference says of costs and limits follows from the facts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from constructs_lib.facts import gateways, lambdas, tables
from constructs_lib.facts.prices import SNAPSHOT_REGION, snapshot
from constructs_lib.options.hybrid import MOST_REQUESTS, Freshness
from constructs_lib.patterns import hybrid_functions
from tests.patterns.hybrids import after, plain

GUIDE = (Path(__file__).resolve().parent.parent / "docs" / "hybrid.md").read_text(encoding="utf-8")
MILLION = 1_000_000
KEYS = 3  # of an id: row, fresh, override; beside the pointer
SECONDS = 0.01
COSTS = {
    "rows of up to 1 KB": ("dynamodb:write", 1),
    "a look-up alone": ("dynamodb:read", KEYS + 1),
    "the same a hundred at a time": ("dynamodb:read", KEYS + 1 / MOST_REQUESTS),
    "calls of Lambda": ("lambda:request", 1),
    "10 ms of a function": ("lambda:gb-second", SECONDS * hybrid_functions.MEMORY_SIZE_IN_MB / 1024),
}


def cells(first: str) -> list[str]:
    (row,) = [line for line in GUIDE.splitlines() if line.startswith(f"| {first}")]
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def price(name: str) -> float:
    found = snapshot().of(name, SNAPSHOT_REGION)
    assert found is not None
    return found.usd


@pytest.mark.parametrize("what", COSTS)
def test_a_million_costs_what_the_prices_say(what: str) -> None:
    name, units = COSTS[what]
    said, _, usd = cells(what)
    assert (float(said), usd) == (price(name), f"{MILLION * units * price(name):.2f}")


def test_an_object_and_a_month_of_storage_cost_what_the_prices_say() -> None:
    transition, _, usd = cells("an object loaded, at 3 transitions")
    assert float(transition) == price("states:transition")
    states = after(plain())["Load answers"]["ItemProcessor"]["States"]
    assert float(usd) == pytest.approx(len(states) * float(transition))
    assert f"at {price('dynamodb:storage'):g} USD a GB and month" in GUIDE


def test_the_limits_of_the_guide_are_those_of_facts_and_options() -> None:
    def said(pattern: str) -> float:
        (found,) = re.findall(pattern, GUIDE)
        return float(found)

    assert said(r"`\{\"requests\": \[\.\.\.\]\}` of up to (\d+)") == MOST_REQUESTS
    assert said(r"A row holds up to (\d+) KB") * 1024 == tables.ITEM.maximum
    assert said(r"a URL (\d+) MB each way") * 1024**2 == lambdas.PAYLOAD.maximum
    assert said(r"together (\d+) MB, and 512 KB") * 2 * 1024**2 == lambdas.PAYLOAD.maximum
    assert said(r"and (\d+) KB with a `Comparison`") * 2 * 1024 == lambdas.ASYNCHRONOUS_PAYLOAD.maximum
    assert said(r"behind an HTTP API at most (\d+)\.") == gateways.HTTP_TIMEOUT.maximum / 1000 - 3
    assert (Freshness().max_age_in_hours + 24) / 24 == said(r"a day, (\d+) nights by default")
