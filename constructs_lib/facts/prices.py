"""Prices: a dated snapshot of what was found in public sources, and files that hold newer ones.

There is no complete public list, so many prices are not here; those are unknown, not guessed. A price's name is its
kind and what it is of: ``endpoint:ml.m5.large`` for an hour of an instance, ``serverless:2048`` for a second at that
memory.
``python -m constructs_lib prices refresh`` writes a file of the same form from the AWS Price List API.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from constructs_lib.facts.limit import Limit, Range, Severity

SNAPSHOT_REGION = "us-east-1"
PUT_PAYLOAD_UNIT = Limit(
    id="KIN-PUT-UNIT",
    what="part of a record of a provisioned stream that is paid for as one PUT payload unit",
    unit="bytes",
    allowed=Range(0, 25_600),
    source="https://aws.amazon.com/kinesis/data-streams/pricing/ (quoted in github.com/EveryMundo/aws-kinesis-client)",
    checked_on=date(2026, 11, 21),
    severity=Severity.INFO,
)
WRITE_UNIT = Limit(
    id="DDB-WRITE-UNIT",
    what="part of an item of DynamoDB whose write is paid for as one unit",
    unit="bytes",
    allowed=Range(0, 1024),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html",
    checked_on=date(2026, 11, 21),
    severity=Severity.INFO,
)
# What one unit of each kind is; a request, a unit of DynamoDB or of Kinesis is one, not a thousand or a million.
UNITS = {
    "endpoint": "instance hour",
    "async": "instance hour",
    "transform": "instance hour",
    "serverless": "second",
    "provisioned": "second of one concurrent invocation kept warm",
    "provisioned-use": "second",
    "volume": "GB-month",
    "data": "GB",
    "cloudwatch": "month of a metric of an alarm, or of a dashboard",
    "s3": "GB-month or request",
    "sns": "request",
    "sqs": "request",
    "lambda": "request or GB-second",
    "states": "transition",
    "dynamodb": "unit or GB-month",
    "kinesis": "shard hour or unit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one unit costs in a Region, who says so, and on which day that was so."""

    name: str
    region: str
    usd: float
    on: date
    source: str

    @property
    def unit(self) -> str:
        """What is counted."""
        return UNITS[self.name.partition(":")[0]]


@dataclass(frozen=True, slots=True)
class Prices:
    """All prices that are known, by Region and name; ``origin`` says where they are from."""

    rows: Mapping[tuple[str, str], Price]
    origin: str

    def of(self, name: str, region: str) -> Price | None:
        """The price of ``name`` in ``region``; ``None`` where it is unknown."""
        return self.rows.get((region, name))

    @property
    def regions(self) -> frozenset[str]:
        """The Regions of which at least one price of an instance is known."""
        return frozenset(region for region, name in self.rows if name.startswith(("endpoint:", "transform:")))

    def over(self, older: Prices) -> Prices:
        """These prices, and those of ``older`` that are not among them."""
        return Prices({**older.rows, **self.rows}, f"{self.origin}, then {older.origin}")


@cache
def snapshot() -> Prices:
    """The prices that come with the library."""
    path = Path(__file__).with_name("prices.json")
    document = json.loads(path.read_text("utf-8"))
    return _parsed(document, f"the library's snapshot of {document['checked_on']}")


def read(path: Path) -> Prices:
    """The prices of a file that ``prices refresh`` wrote, before those of the snapshot.

    :raises ValueError: for a file of another form.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        newer = _parsed(document, f"{path} of {document['checked_on']}")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no file of prices; make one with: prices refresh --output {path}") from error
    return newer.over(snapshot())


def document_of(prices: Iterable[Price], checked_on: date) -> dict[str, Any]:
    """Prices in the form that ``read`` takes."""
    rows: dict[str, dict[str, list[object]]] = {}
    sources: dict[str, str] = {}
    for price in sorted(prices, key=lambda price: (price.region, price.name)):
        key = next((key for key, text in sources.items() if text == price.source), f"s{len(sources) + 1}")
        sources[key] = price.source
        rows.setdefault(price.region, {})[price.name] = [price.usd, price.on.isoformat(), key]
    return {"checked_on": checked_on.isoformat(), "sources": sources, "regions": rows}


def _parsed(document: Mapping[str, Any], origin: str) -> Prices:
    sources = document["sources"]
    rows = {
        (region, name): Price(
            name=name, region=region, usd=float(usd), on=date.fromisoformat(on), source=str(sources[source])
        )
        for region, columns in document["regions"].items()
        for name, (usd, on, source) in columns.items()
    }
    unknown = sorted({name for _, name in rows if name.partition(":")[0] not in UNITS})
    if unknown:
        raise ValueError(f"unknown kind of price: {', '.join(unknown)}")
    return Prices(rows, origin)
