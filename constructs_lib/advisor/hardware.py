"""Which instance type a workload gets: the one it names, or the cheapest that holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from constructs_lib.advisor.workload import Workload
from constructs_lib.facts import instances
from constructs_lib.facts.prices import SNAPSHOT_REGION, Price, Prices

Kind = Literal["endpoint", "async", "transform"]
_FALLBACKS: dict[Kind, tuple[Kind, ...]] = {
    "endpoint": ("endpoint",),
    "async": ("async", "endpoint"),
    "transform": ("transform", "endpoint"),
}
_USUAL_CPU, _USUAL_GPU = "ml.m5.large", "ml.g5.xlarge"


@dataclass(frozen=True, slots=True)
class Market:
    """Prices as one workload sees them: those of its Region, and those of another where its own are unknown."""

    prices: Prices
    region: str

    @classmethod
    def of(cls, prices: Prices, region: str | None) -> Market:
        """The Region's own prices if any instance has one there; else those of the snapshot's Region stand in."""
        wanted = region or SNAPSHOT_REGION
        has_instances = any(name.startswith("endpoint:") and place == wanted for place, name in prices.rows)
        return cls(prices, wanted if has_instances else SNAPSHOT_REGION)

    def price(self, name: str) -> Price | None:
        """The price of ``name``; ``None`` where it is unknown."""
        return self.prices.of(name, self.region)

    def instance_hour(self, instance_type: str, kind: Kind = "endpoint") -> Price | None:
        """What an hour costs. Where AWS's price for this use is unknown, that of hosting: they agree where both are."""
        found = (self.price(f"{each}:{instance_type}") for each in _FALLBACKS[kind])
        return next((price for price in found if price is not None), None)


def choose_instance_type(workload: Workload, market: Market) -> str:
    """The type that was asked for; else the cheapest of known price that holds the model, where it is to run.

    Where no type of known price does, it is the smallest that does, and the cost is unknown.
    """
    return workload.instance_type or _cheapest(workload, market, "endpoint")


def choose_job_type(workload: Workload, market: Market) -> str:
    """The same for transform jobs, which do not take every type that endpoints take."""
    asked = workload.instance_type
    taken = asked is not None and (asked in instances.types("transform") or instances.may_be_newer(asked))
    return asked if asked is not None and taken else _cheapest(workload, market, "transform")


def _cheapest(workload: Workload, market: Market, use: instances.Use) -> str:
    there = instances.types(use)
    if workload.region:
        there = instances.offered(workload.region, use) or there
    usual = _USUAL_GPU if workload.needs_gpu else _USUAL_CPU
    priced = [name for name in _priced(market) if name in there and _holds(name, workload)]
    if workload.memory is None and usual in (*priced, *([] if priced else there)):
        return usual
    return priced[0] if priced else _smallest(there, workload) or usual


def _priced(market: Market) -> list[str]:
    """Types with a price for hosting, the cheapest first."""
    prefix = "endpoint:"
    rows = [
        row for (region, name), row in market.prices.rows.items() if region == market.region and name.startswith(prefix)
    ]
    return [row.name.removeprefix(prefix) for row in sorted(rows, key=lambda row: (row.usd, row.name))]


def _smallest(names: Iterable[str], workload: Workload) -> str | None:
    """The type with the least memory that is enough, of a GPU or of its own; ``None`` where none has enough."""
    found = [(has.memory_mib, has.vcpus, name) for name in names if (has := instances.hardware(name))]
    return next((name for *_, name in sorted(found) if _holds(name, workload)), None)


def _holds(name: str, workload: Workload) -> bool:
    has = instances.hardware(name)
    if has is None or has.is_burstable:
        return False
    needed = (workload.memory or 0) / 1024**2
    if not workload.needs_gpu:
        return has.accelerators is None and has.architecture == "x86_64" and has.memory_mib >= needed
    gpus = has.accelerators
    if gpus is None or gpus.manufacturer != "NVIDIA" or gpus.memory_mib is None:
        return False
    return gpus.count * gpus.memory_mib >= needed


def concurrency_of(instance_type: str) -> int:
    """Requests that an instance is taken to work on at once: one a vCPU, or one a GPU."""
    has = instances.hardware(instance_type)
    if has is None:
        return 1
    return has.accelerators.count if has.accelerators else has.vcpus
