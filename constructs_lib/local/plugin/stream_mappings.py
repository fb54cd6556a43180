"""Plugs into ministack how Lambda reads Kinesis: ministack's own way knows neither retries, nor partial answers.

It also reads all shards one after the other, so that one that is stuck holds up the others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ministack.core import responses
from ministack.services import kinesis, lambda_svc

from constructs_lib.local.plugin.stream_lanes import Lane, Part

if TYPE_CHECKING:
    from constructs_lib.local.clock import Clock
    from constructs_lib.local.s3io import S3
    from constructs_lib.local.store import Payload

_logger = logging.getLogger("constructs_lib.local")


def install(clock: Clock, services: S3) -> None:
    """Teach ministack's functions; call it once, before serving."""
    mappings = _Mappings(clock, services)
    anchor = lambda_svc._init_stream_position

    def anchor_any(mapping_id: str, arn: str, starting: str) -> None:
        anchor(mapping_id, arn, starting)
        mappings.anchor(mapping_id, arn, starting)

    lambda_svc._init_stream_position = anchor_any
    # Ministack asks again when a record comes, and every second besides.
    lambda_svc._poll_kinesis = mappings.wake


class _Mappings:
    """The lanes of all event source mappings with a Kinesis stream."""

    def __init__(self, clock: Clock, services: S3) -> None:
        self._clock = clock
        self._services = services
        self._starts: dict[str, dict[str, str]] = {}
        self._lanes: dict[str, dict[tuple[str, int, int], Lane]] = {}

    def anchor(self, mapping_id: str, arn: str, starting: str) -> None:
        """Remember where a new mapping begins: behind what is there now, or with the first record."""
        stream = _stream(arn)
        if stream is None or starting == "TRIM_HORIZON":
            return
        if starting != "LATEST":
            _logger.warning("mapping %s begins with the first record: %s is not known locally", mapping_id, starting)
            return
        records = {name: shard["records"] for name, shard in stream["shards"].items()}
        self._starts[mapping_id] = {name: read[-1]["SequenceNumber"] for name, read in records.items() if read}

    def wake(self) -> bool:
        """Let each lane with records to read begin; False, for they read by themselves."""
        living = set()
        for account, region, mapping in lambda_svc._iter_all_esms():
            living.add(mapping["UUID"])
            with responses.request_scope(account, region):
                for lane in self._lanes_of(mapping):
                    lane.wake()
        for gone in self._lanes.keys() - living:
            for lane in self._lanes.pop(gone).values():
                lane.end()
        return False

    def _lanes_of(self, mapping: Payload) -> Iterator[Lane]:
        stream = _stream(mapping["EventSourceArn"])
        if stream is None:
            return
        known = self._lanes.setdefault(mapping["UUID"], {})
        starts = self._starts.get(mapping["UUID"], {})
        factor = int(mapping.get("ParallelizationFactor", 1))
        for name in list(stream["shards"]):
            for number in range(factor):
                key = (name, number, factor)
                if key not in known:
                    # Another factor deals the keys out anew: what the slowest lane has not read comes again.
                    before = [lane.position for (shard, _, _), lane in known.items() if shard == name]
                    begin = min(before, default=starts.get(name, ""))
                    part = Part(stream, name, number, factor)
                    known[key] = Lane(mapping, part, begin, self._clock, self._services)
                yield known[key]
        for key in [key for key in known if key[2] != factor]:
            known.pop(key).end()


def _stream(arn: str) -> Payload | None:
    found = next((each for _, each in kinesis._streams.all_items() if each["StreamARN"] == arn), None)
    return found if found is not None and found["StreamStatus"] == "ACTIVE" else None
