"""Kinesis streams and the functions that read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from constructs_lib.facts import streams
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import STREAM, STREAM_CONSUMER
from constructs_lib.rules.rows import judged
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.event_sources import KINESIS, STREAMS, EventSourceMapping, mappings
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import Reference, Value

ON_DEMAND = "ON_DEMAND"
PROVISIONED = "PROVISIONED"


@rule(streams.SHARDS_ON_DEMAND)
def no_shards_on_demand(template: Template) -> Iterator[Problem]:
    """An on-demand stream has no ShardCount."""
    for stream in _streams(template, ON_DEMAND):
        yield from judged(streams.SHARDS_ON_DEMAND, stream.at("ShardCount"))


@rule(streams.SHARDS_PROVISIONED)
def shards_if_provisioned(template: Template) -> Iterator[Problem]:
    """A provisioned stream has a ShardCount."""
    for stream in _streams(template, PROVISIONED):
        shards = stream.at("ShardCount")
        if shards.missing:
            yield Problem(
                shards, "ShardCount is required for a provisioned stream", "give ShardCount, or StreamMode ON_DEMAND"
            )


@rule(streams.WARM_PROVISIONED)
def warm_throughput_on_demand(template: Template) -> Iterator[Problem]:
    """A provisioned stream has no WarmThroughputMiBps."""
    for stream in _streams(template, PROVISIONED):
        yield from judged(streams.WARM_PROVISIONED, stream.at("WarmThroughputMiBps"))


def _streams(template: Template, mode: str) -> list[Node]:
    return [stream for stream in template.of(STREAM) if stream.at("StreamModeDetails", "StreamMode").text == mode]


@rule(streams.CONSUMERS)
def consumers_of_a_stream(template: Template) -> Iterator[Problem]:
    """A stream has at most 20 enhanced fan-out consumers, in On-demand Advantage mode 50."""
    for places in _by_stream(template, [consumer.at("StreamARN") for consumer in template.of(STREAM_CONSUMER)]):
        count, most = len(places), streams.CONSUMERS.maximum
        if count > most:
            stream = template.follow(places[0], STREAM)
            provisioned = stream is not None and stream.at("StreamModeDetails", "StreamMode").text == PROVISIONED
            refused = provisioned or count > streams.ADVANTAGE_CONSUMERS.maximum
            yield Problem(
                places[most],
                f"{streams.CONSUMERS.what} must be {streams.CONSUMERS}, in On-demand Advantage mode "
                f"{streams.ADVANTAGE_CONSUMERS}, got {count}",
                f"register {most} or fewer, and let the others read with GetRecords",
                None if refused else Severity.WARNING,
            )


@rule(streams.SHARD_READS)
def readers_of_a_shard(template: Template) -> Iterator[Problem]:
    """At most 5 functions read a stream without enhanced fan-out."""
    readers = [mapping.node.at("EventSourceArn") for mapping in mappings(template) if _polls(mapping)]
    for places in _by_stream(template, readers):
        count, most = len(places), streams.SHARD_READS.maximum
        if count > most:
            yield Problem(
                places[most],
                f"a shard answers {streams.SHARD_READS} of GetRecords, and {count} functions poll this stream",
                f"let {most} or fewer poll it, and give the others an AWS::Kinesis::StreamConsumer",
            )


def _polls(mapping: EventSourceMapping) -> bool:
    """Whether a function asks a Kinesis stream for records, unlike the consumers to which it pushes them."""
    if mapping.service != KINESIS or mapping.node.at("Enabled").flag is False:
        return False
    if mapping.source is not None:
        return mapping.source.resource.type == STREAM
    return "/consumer/" not in mapping.node.at("EventSourceArn").outline


def _by_stream(template: Template, places: list[Node]) -> Iterable[list[Node]]:
    """Places that name a stream, those that name the same together; one known only at deploy time is left out."""
    found: defaultdict[Value, list[Node]] = defaultdict(list)
    for place in places:
        stream = template.follow(place, STREAM)
        if stream is not None:
            found[stream.resource.logical_id].append(place)
        elif isinstance(place.value, (str, Reference)):
            found[place.value].append(place)
    return found.values()


@rule(streams.RECORD_FOR_FUNCTION)
def records_fit_into_a_function(template: Template) -> Iterator[Problem]:
    """A stream that a function reads has no records that are too large for it, or a place for those that fail."""
    for mapping in mappings(template):
        stream = _stream_of(template, mapping)
        if stream is None or mapping.node.at("DestinationConfig").given:
            continue
        size = stream.at("MaxRecordSizeInKiB")
        most = streams.RECORD_FOR_FUNCTION.maximum
        if size.number in streams.MAX_RECORD_SIZE.allowed and size.number not in streams.RECORD_FOR_FUNCTION.allowed:
            yield Problem(
                size,
                f"{streams.RECORD_FOR_FUNCTION.what} should be at most {most} KiB, got {size.number}",
                f"lower it to {most}, or set DestinationConfig so that larger records do not hold up the shard",
            )


def _stream_of(template: Template, mapping: EventSourceMapping) -> Node | None:
    source = mapping.source
    if source is not None and source.resource.type == STREAM_CONSUMER:
        return template.follow(source.at("StreamARN"), STREAM)
    return source if source is not None and source.resource.type == STREAM else None


@rule(streams.RECORD_AGE)
def age_of_a_record(template: Template) -> Iterator[Problem]:
    """The maximum age of a record is -1 or from 60 to 604800 seconds."""
    for mapping in mappings(template):
        age = mapping.node.at("MaximumRecordAgeInSeconds")
        if age.number != streams.RECORD_AGE.default:
            yield from judged(streams.RECORD_AGE, age)


@rule(streams.STARTING_POSITION)
def streams_have_a_starting_position(template: Template) -> Iterator[Problem]:
    """A stream is read from a starting position: TRIM_HORIZON, LATEST or AT_TIMESTAMP."""
    for mapping in mappings(template):
        position = mapping.node.at("StartingPosition")
        if mapping.service in STREAMS and position.missing:
            yield Problem(
                position, "StartingPosition is required for a stream", f"give {streams.STARTING_POSITION.allowed}"
            )


@rule(streams.STARTING_TIME)
def timestamp_to_start_at(template: Template) -> Iterator[Problem]:
    """StartingPosition AT_TIMESTAMP comes with StartingPositionTimestamp."""
    for mapping in mappings(template):
        time = mapping.node.at("StartingPositionTimestamp")
        if mapping.node.at("StartingPosition").text == "AT_TIMESTAMP" and time.missing:
            message = "StartingPositionTimestamp is required with StartingPosition AT_TIMESTAMP"
            yield Problem(time, message, "give the Unix time")
