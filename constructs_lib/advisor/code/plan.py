"""What the code is written from, and the pieces that it is put together from."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.advisor.costs import peak_instances
from constructs_lib.advisor.hardware import Market, choose_instance_type, concurrency_of
from constructs_lib.advisor.load import Load, load_of
from constructs_lib.advisor.runs import Run, run_of
from constructs_lib.advisor.strategies import Form
from constructs_lib.advisor.workload import Workload
from constructs_lib.facts.prices import Prices


@dataclass(frozen=True, slots=True)
class Plan:
    """What the code is written from."""

    workload: Workload
    form: Form
    instance_type: str
    load: Load
    run: Run
    peak: int

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


def plan_of(workload: Workload, form: Form, prices: Prices) -> Plan:
    """Everything that the code depends on."""
    return Plan(
        workload=workload,
        form=form,
        instance_type=choose_instance_type(workload, Market.of(prices, workload.region)),
        load=load_of(workload),
        run=run_of(workload, prices),
        peak=peak_instances(workload, prices),
    )
