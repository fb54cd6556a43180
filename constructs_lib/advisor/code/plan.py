"""What the code is written from, and the pieces that it is put together from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from constructs_lib.advisor.costs import peak_instances
from constructs_lib.advisor.hardware import Market, choose_instance_type, choose_job_type, concurrency_of
from constructs_lib.advisor.load import Load, load_of
from constructs_lib.advisor.runs import Run, run_of
from constructs_lib.advisor.strategies import Form, Strategy
from constructs_lib.advisor.workload import Traffic, Workload
from constructs_lib.facts import instances, scaling
from constructs_lib.facts.prices import Prices

COPIES = 2  # of a component, at most
_SHOWN = 3
_LEAST_MEMORY_IN_MIB = 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """What the code is written from."""

    workload: Workload
    strategy: Strategy
    form: Form
    instance_type: str
    job_type: str
    load: Load
    run: Run
    peak: int

    @property
    def components(self) -> int:
        """How many components the code shows; more are made in the same way."""
        return min(self.workload.models, _SHOWN)

    @property
    def most_instances(self) -> int:
        """The most instances that run at once."""
        if self.strategy is Strategy.BATCH:
            return self.run.instances
        if self.form is Form.COMPONENTS:
            return max(self.peak, math.ceil(self.components * COPIES / self._copies_of_an_instance))
        follows = self.strategy is Strategy.ASYNC or self.workload.traffic is Traffic.SPIKY
        return max(self.peak, 2 if follows or self.form is Form.MULTI_MODEL else 1)

    @property
    def _copies_of_an_instance(self) -> int:
        """How many copies of components find room on one instance, by devices and by memory."""
        has = instances.hardware(self.instance_type)
        by_memory = has.memory_mib // self.memory_in_mib if has else self.concurrency
        return max(1, min(self.concurrency, by_memory))

    @property
    def can_scale(self) -> bool:
        """Whether AWS scales instances of this type."""
        return self.instance_type not in scaling.BURSTABLE_INSTANCE_TYPES

    @property
    def memory_in_mib(self) -> int:
        """What the model needs, as far as the instance has it; at least what a component asks for."""
        has = instances.hardware(self.instance_type)
        needed = max(_LEAST_MEMORY_IN_MIB, (self.workload.memory or 0) // 1024**2)
        return needed if has is None else min(needed, has.memory_mib)

    @property
    def concurrency(self) -> int:
        """Requests that an instance works on at once."""
        return concurrency_of(self.instance_type)


@dataclass(frozen=True, slots=True)
class Snippet:
    """The lines of one construct, and what they import."""

    lines: tuple[str, ...]
    names: frozenset[str]
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """The lines of one argument of a construct, those that have to stand before it, and what it imports from us."""

    lines: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()


def plan_of(workload: Workload, strategy: Strategy, form: Form, prices: Prices) -> Plan:
    """Everything that the code depends on."""
    market = Market.of(prices, workload.region)
    return Plan(
        workload=workload,
        strategy=strategy,
        form=form,
        instance_type=choose_instance_type(workload, market),
        job_type=choose_job_type(workload, market),
        load=load_of(workload),
        run=run_of(workload, prices),
        peak=peak_instances(workload, prices),
    )
