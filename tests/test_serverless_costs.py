"""What the guide to serverless inference says of costs follows from the prices that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from constructs_lib.facts.prices import SNAPSHOT_REGION, snapshot

GUIDE = (Path(__file__).resolve().parent.parent / "docs" / "serverless.md").read_text(encoding="utf-8")
HOURS_A_MONTH = 730
DAYS_A_MONTH = 365 / 12
SECONDS_AN_HOUR = 3600
SECONDS_OF_REQUESTS = 1_000_000 * 0.1


def cells(first: str) -> list[str]:
    """The cells of the table row that begins with a text, without this."""
    (row,) = [line for line in GUIDE.splitlines() if line.startswith(f"| {first}")]
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def price(name: str) -> float:
    """A price of the guide, in USD for what it is of."""
    return float(cells(f"{name} |")[0].split()[0])


ON_DEMAND, READY, IN_USE, INSTANCE = (price(name) for name in ("on demand", "kept ready", "in use", "instance"))
ALWAYS = HOURS_A_MONTH * SECONDS_AN_HOUR * READY
COSTS = {
    "a smaller image": 0,
    "more memory: 4096 MB": SECONDS_OF_REQUESTS * ON_DEMAND * 4096 / 2048,
    "`provisioned_concurrency=1`": ALWAYS,
    "the requests that it takes": SECONDS_OF_REQUESTS * IN_USE,
    "`provisioned_concurrency=8`": 8 * ALWAYS,
    "eight by schedule, 11:45 to 14:00": 8 * 2.25 * SECONDS_AN_HOUR * DAYS_A_MONTH * READY,
    "`autoscaling` at `utilization=0.5`": 1 / 0.5 * ALWAYS,
    "a ping every 5 minutes": 12 * HOURS_A_MONTH * 0.1 * ON_DEMAND,
    "`RealtimeEndpoint` on one `ml.m5.large`": HOURS_A_MONTH * INSTANCE,
}


@pytest.mark.parametrize("mitigation", COSTS)
def test_a_mitigation_costs_what_the_prices_say(mitigation: str) -> None:
    assert cells(mitigation)[-1] == f"{COSTS[mitigation]:.2f}"


@pytest.mark.parametrize(("name", "known"), [("on demand", "serverless:2048"), ("instance", "endpoint:ml.m5.large")])
def test_a_price_is_that_of_the_facts(name: str, known: str) -> None:
    found = snapshot().of(known, SNAPSHOT_REGION)
    assert found is not None
    assert (price(name), cells(f"{name} |")[1]) == (found.usd, found.on.isoformat())


def test_every_mitigation_of_the_table_is_computed() -> None:
    table = GUIDE.split("| Mitigation |")[1].split("\n\n")[0].splitlines()[2:]
    assert len(table) == len(COSTS)


def test_the_load_costs_on_demand_what_the_guide_says() -> None:
    (said,) = re.findall(r"(\d+\.\d\d) USD on demand", GUIDE)
    assert said == f"{SECONDS_OF_REQUESTS * ON_DEMAND:.2f}"


def test_an_instance_pays_where_the_guide_says() -> None:
    assert 3 < HOURS_A_MONTH * INSTANCE / ALWAYS < 4
    (hours,) = re.findall(r"(\d+) hours of computing", GUIDE)
    assert hours == f"{HOURS_A_MONTH * INSTANCE / ON_DEMAND / SECONDS_AN_HOUR:.0f}"
