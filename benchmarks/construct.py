"""What it costs to construct and synthesize endpoints, beside `aws-sagemaker-alpha`: time, and crossings into Node."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from benchmarks.cases import run
from benchmarks.measure import Row, Target, Value, progress

COUNTS = (1, 10, 70)
RUNS = 3
SHARE_OF_THE_PEER = Target(0.8, is_least=False)
CROSSINGS = Target(1.2, is_least=False)
BUILDERS = ("fleet", "peer")


def rows(counts: Sequence[int] = COUNTS) -> Iterator[Row]:
    """For each number of endpoints the time for a resource, as a share of the peer's, and our crossings."""
    for count in counts:
        progress(f"{count} endpoints, {RUNS} times each")
        runs = {name: [_measured(count, name) for _ in range(RUNS)] for name in BUILDERS}
        times = {name: median(run["seconds"] / run["resources"] for run in done) for name, done in runs.items()}
        ours, peer = runs["fleet"][0], runs["peer"][0]
        yield Value(f"{count} endpoints: ms a resource", 1000 * times["fleet"], "ms")
        yield Value(f"{count} endpoints: ms a resource, aws-sagemaker-alpha", 1000 * times["peer"], "ms")
        share = times["fleet"] / times["peer"]
        yield Value(f"{count} endpoints: time as a share of the peer's", share, "", SHARE_OF_THE_PEER)
        # An endpoint of ours has fewer resources, which a share for each resource holds against it.
        whole = {name: median(run["seconds"] for run in done) for name, done in runs.items()}
        yield Value(f"{count} endpoints: whole time as a share of the peer's", whole["fleet"] / whole["peer"], "")
        crossings = ours["crossings"] / ours["resources"]
        yield Value(f"{count} endpoints: crossings a resource", crossings, "", CROSSINGS)
        yield Value(f"{count} endpoints: crossings a resource, peer", peer["crossings"] / peer["resources"], "")


def _measured(count: int, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("-m", "benchmarks.constructed", str(count), name, CDK_VALIDATION="false"))
    return found
