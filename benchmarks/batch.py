"""What the orchestration of a batch costs: state transitions, functions, and the copies of its publication."""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.cases import run
from benchmarks.measure import Row, Target, Value, progress
from constructs_lib.facts import prices

# Objects of a batch, and how many of them are one shard.
BATCHES = ((1, 1), (100, 20), (10_000, 100))
SMALL = Target(12, is_least=False)
_A_THOUSANDTH = 1000


def rows() -> Iterator[Row]:
    """For each batch, where nothing fails, what it costs in thousandths of a US dollar, without free tiers."""
    for objects, objects_per_shard in BATCHES:
        progress(f"a batch of {objects} objects")
        found = json.loads(
            run("-m", "benchmarks.batched", str(objects), str(objects_per_shard), CDK_VALIDATION="false")
        )
        name = f"{objects} objects in {found['shards']} shards"
        yield Value(f"{name}: state transitions", found["transitions"], "", SMALL if objects == 1 else None)
        yield Value(f"{name}: transitions and calls of functions", _orchestration(found), "USD/1000")
        yield Value(f"{name}: copies to their place", objects * (_usd("s3:put") + _usd("s3:get")), "USD/1000")


def _orchestration(found: dict[str, int]) -> float:
    """Without the time of the functions, which depends on the sizes of the objects."""
    return found["transitions"] * _usd("states:transition") + found["invocations"] * _usd("lambda:request")


def _usd(name: str) -> float:
    price = prices.snapshot().of(name, prices.SNAPSHOT_REGION)
    assert price is not None, name
    return price.usd * _A_THOUSANDTH
