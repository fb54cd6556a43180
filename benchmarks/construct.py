"""What it costs to construct and synthesize endpoints, beside `aws-sagemaker-alpha`: time, and crossings into Node."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

from benchmarks.cases import run
from benchmarks.measure import Ratio, Row, Target, Value, progress

COUNTS = (1, 10, 100, 400)
RUNS = 3
SHARE_OF_THE_PEER = Target(0.8, is_least=False)
CROSSINGS = Target(1.2, is_least=False)
BUILDERS = ("fleet", "peer")
Measured = dict[str, Any]


def constructed(count: int, name: str) -> Measured:
    """The seconds, crossings and resources of one construction and synthesis, in a process of its own."""
    found: Measured = json.loads(run("-m", "benchmarks.constructed", str(count), name, CDK_VALIDATION="false"))
    return found


def rows(
    counts: Sequence[int] = COUNTS, runs: int = RUNS, once: Callable[[int, str], Measured] = constructed
) -> Iterator[Row]:
    """For each number of endpoints the time for a resource, as a share of the peer's, and our crossings."""
    grown: list[float] = []
    for count in counts:
        progress(f"{count} endpoints, {runs} times each")
        # They take turns, so that both meet the same machine.
        turns = [{name: once(count, name) for name in BUILDERS} for _ in range(runs)]
        whole = {name: median(turn[name]["seconds"] for turn in turns) for name in BUILDERS}
        times = {name: whole[name] / turns[0][name]["resources"] for name in BUILDERS}
        crossings = {name: turns[0][name]["crossings"] / turns[0][name]["resources"] for name in BUILDERS}
        of = f"{count} endpoint{'s' * (count > 1)}"
        yield Value(f"{of}: the whole", whole["fleet"], "s")
        yield Value(f"{of}: the whole, aws-sagemaker-alpha", whole["peer"], "s")
        yield Value(f"{of}: a resource", 1000 * times["fleet"], "ms")
        yield Value(f"{of}: a resource, aws-sagemaker-alpha", 1000 * times["peer"], "ms")
        yield Ratio(f"{of}: a resource, to the peer's", times["fleet"], times["peer"], SHARE_OF_THE_PEER)
        # An endpoint of ours has fewer resources, which a share for each resource holds against it.
        yield Ratio(f"{of}: the whole, to the peer's", whole["fleet"], whole["peer"])
        yield Value(f"{of}: crossings a resource", crossings["fleet"], "", CROSSINGS)
        yield Ratio(f"{of}: crossings a resource, to the peer's", crossings["fleet"], crossings["peer"])
        grown.append(times["fleet"])
    for count, time, before in zip(counts[1:], grown[1:], grown, strict=False):
        yield Ratio(f"{count} endpoints: a resource, to one of the fleet before", time, before)
