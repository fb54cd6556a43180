"""The page of costs, made by `python -m scripts.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Template

from constructs_lib.advisor import Strategy, Traffic, Workload
from constructs_lib.advisor.costs import monthly_costs
from constructs_lib.advisor.quantities import size_text, time_text
from constructs_lib.advisor.sums import Cost, Part
from constructs_lib.facts.prices import SNAPSHOT_REGION, snapshot

_TEMPLATE = Path(__file__).with_name("costs.template.md")
_HOURS = 730
_VOLUME_GB = 5
_SHARDS = 2  # one of records, one of results
_LOAD = Workload(
    requests_per_day=20_000,
    processing_time=0.1,
    payload=10 * 1024,
    traffic=Traffic.INTERMITTENT,
    precomputable=0.9,
)
# What a reader knows each way by, and what of it grows with what.
_WAYS = {
    Strategy.REALTIME: (
        "RealtimeEndpoint",
        "Instance hours, with scaling as many as the load wants. Requests themselves cost nothing but their bytes.",
    ),
    Strategy.SERVERLESS: (
        "ServerlessEndpoint",
        "Seconds of work by memory, and bytes. Twice the memory costs twice a second, and often takes less of them.",
    ),
    Strategy.ASYNC: (
        "AsyncEndpoint",
        (
            "Instance hours while there is work, a quarter of an hour after it and some minutes before. Requests that "
            "come by chance all day keep an instance up all day. Each request is a few requests to S3, SNS and SQS."
        ),
    ),
    Strategy.BATCH: (
        "BatchTransformPipeline",
        "Instance hours of the jobs, their start included. The orchestration costs a few transitions a shard.",
    ),
    Strategy.HYBRID: (
        "HybridInference",
        (
            "An endpoint, a nightly batch, a row written for each answer, and a few reads and a function for each "
            "look-up. With a serverless endpoint in place of instances the first lines go."
        ),
    ),
    Strategy.STREAMING: (
        "StreamingInference",
        (
            "An endpoint and shards, all the time; functions and the journal by batches. Records that come singly are "
            "batches of one, so a longer window costs less."
        ),
    ),
}


def page() -> str:
    """The guide."""
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        prices=snapshot().origin,
        region=SNAPSHOT_REGION,
        hours=_HOURS,
        volume=_VOLUME_GB,
        idle="\n".join(_idle()),
        load=_load(),
        ways="\n\n".join(_ways()),
    )


def _load() -> str:
    size, time = size_text(_LOAD.payload or 0), time_text(_LOAD.processing_time or 0)
    return f"{_LOAD.requests_per_day:,.0f} requests a day of {size} and {time} each, that come now and then"


def _idle() -> Iterator[str]:
    instance = _HOURS * _usd("endpoint:ml.m5.large") + _VOLUME_GB * _usd("volume:endpoint")
    shards = _SHARDS * _HOURS * _usd("kinesis:shard-hour")
    for construct, what, usd in (
        ("`RealtimeEndpoint`", "an instance, the least that it can have", instance),
        ("`ComponentEndpoint`", "nothing, if its components and its instances scale to zero", 0),
        ("`ServerlessEndpoint`", "nothing", 0),
        ("`AsyncEndpoint`, `min_capacity=0`", "nothing", 0),
        ("`AsyncEndpoint`, `min_capacity=1`", "an instance", instance),
        ("`BatchTransformPipeline`", "nothing", 0),
        ("`HybridInference`", "an instance, or nothing with a `ServerlessEndpoint`; the rows", instance),
        ("`StreamingInference`, one shard each way", "an instance and two shards", instance + shards),
        ("the same with a `ServerlessEndpoint`", "two shards", shards),
    ):
        yield f"| {construct} | {what} | {usd:.2f} |"


def _ways() -> Iterator[str]:
    costs = monthly_costs(_LOAD, snapshot())
    for strategy, (construct, grows) in _WAYS.items():
        yield "\n".join([f"### {construct}", grows, "", *_table(costs[strategy])])


def _table(cost: Cost) -> Iterator[str]:
    yield "| Part | Amount | Price | As of | USD a month |"
    yield "|---|---:|---:|---|---:|"
    yield from map(_row, cost.parts)
    yield f"| **all** | | | | **{_amount(cost.usd)}** |"


def _row(part: Part) -> str:
    price = "unknown" if part.price is None else f"{part.price.usd:.10f}".rstrip("0")
    day = "" if part.price is None else part.price.on.isoformat()
    digits = 0 if part.quantity >= 100 else 1
    return f"| {part.what} | {part.quantity:,.{digits}f} {part.unit} | {price} | {day} | {_amount(part.usd)} |"


def _amount(usd: float | None) -> str:
    return "unknown" if usd is None else f"{usd:,.2f}"


def _usd(name: str) -> float:
    found = snapshot().of(name, SNAPSHOT_REGION)
    if found is None:
        raise LookupError(f"the snapshot has no price of {name}; add it, or leave its row out")
    return found.usd
