"""Sums of a month with their parts, and the case that they are reckoned for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from constructs_lib.advisor.hardware import Kind, Market, choose_instance_type, choose_job_type, concurrency_of
from constructs_lib.advisor.load import DAYS_A_MONTH, Load, load_of
from constructs_lib.advisor.workload import Workload
from constructs_lib.facts.prices import Price, Prices

HEADROOM = 0.7  # of an instance's throughput are used, so that latency stays what it is
_USES: Mapping[Kind, str] = {"endpoint": "hosting", "async": "asynchronous inference", "transform": "batch transform"}


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a sum: so many units of something at a price, which may be unknown."""

    what: str
    quantity: float
    price: Price | None
    unit: str

    @property
    def usd(self) -> float | None:
        """What it costs; nothing used costs nothing, whatever its price."""
        if self.quantity == 0:
            return 0.0
        return None if self.price is None else self.quantity * self.price.usd


@dataclass(frozen=True, slots=True)
class Cost:
    """The sum of a month and its parts."""

    parts: tuple[Part, ...]

    @property
    def usd(self) -> float | None:
        """The sum; ``None`` where a part of it is unknown."""
        amounts = [part.usd for part in self.parts]
        return None if None in amounts else self.at_least

    @property
    def at_least(self) -> float:
        """The sum of what is known."""
        return sum(part.usd or 0.0 for part in self.parts)


@dataclass(frozen=True, slots=True)
class Case:
    """A workload as the sums see it: its load, its instances, and the prices."""

    workload: Workload
    load: Load
    market: Market
    instance_type: str
    job_type: str

    @property
    def concurrency(self) -> int:
        """Requests that an instance works on at once."""
        return concurrency_of(self.instance_type)

    @property
    def job_concurrency(self) -> int:
        """The same of an instance of a job."""
        return concurrency_of(self.job_type)

    def part(self, what: str, name: str, quantity: float, unit: str) -> Part:
        """A line at the price of ``name``."""
        return Part(what, quantity, self.market.price(name), unit)

    def instances(self, hours: float, kind: Kind) -> Part:
        """The hours of instances for one use."""
        name = self.job_type if kind == "transform" else self.instance_type
        return Part(f"{name} for {_USES[kind]}", hours, self.market.instance_hour(name, kind), "h")

    def data(self) -> list[Part]:
        """What SageMaker takes for the bytes of requests and answers."""
        return [
            self.part("data in", "data:in", self.load.gb_in, "GB"),
            self.part("data out", "data:out", self.load.gb_out, "GB"),
        ]

    def stored(self, gb: float, days: float) -> Part:
        """What a month brings, each GB kept for so many days."""
        return self.part("storage in S3", "s3:storage", gb * days / DAYS_A_MONTH, "GB-month")

    def at_peak(self) -> int:
        """Instances of an endpoint at the peak of its load."""
        return max(1, math.ceil(self.load.busy_instances(self.concurrency) / HEADROOM))

    def on_average(self) -> float:
        """Instances of an endpoint that follows its load and never goes below one."""
        busy = self.load.requests_per_day * self.load.processing_time / self.concurrency / 86_400
        return max(1.0, busy / HEADROOM)


def case_of(workload: Workload, prices: Prices) -> Case:
    """The case of a workload at these prices."""
    market = Market.of(prices, workload.region)
    types = choose_instance_type(workload, market), choose_job_type(workload, market)
    return Case(workload, load_of(workload), market, *types)
