"""Kinesis streams and the functions that read them."""

from __future__ import annotations

from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed, get, resource, template
from constructs_lib.rules.examples.lambdas import function, mapping


def stream(**properties: object) -> Document:
    """Function, Stream, Mapping: a function that reads a provisioned stream."""
    given = {"ShardCount": 2, "StreamModeDetails": {"StreamMode": "PROVISIONED"}, **properties}
    return template(
        Function=function(),
        Stream=resource("AWS::Kinesis::Stream", **given),
        Mapping=mapping(get("Stream", "Arn"), StartingPosition="LATEST"),
    )


def consumed(count: int, mode: str = "PROVISIONED") -> Document:
    """A stream with ``count`` consumers."""
    document = stream()
    if mode != "PROVISIONED":
        document = changed(document, {"Stream.ShardCount": ABSENT, "Stream.StreamModeDetails.StreamMode": mode})
    for index in range(count):
        document["Resources"][f"Consumer{index}"] = resource(
            "AWS::Kinesis::StreamConsumer", ConsumerName=f"reader-{index}", StreamARN=get("Stream", "Arn")
        )
    return document


def polled(count: int) -> Document:
    """A stream that ``count`` functions poll."""
    document = stream()
    for index in range(1, count):
        document["Resources"][f"Mapping{index}"] = mapping(get("Stream", "Arn"), StartingPosition="LATEST")
    return document


_ON_DEMAND = changed(stream(), {"Stream.ShardCount": ABSENT, "Stream.StreamModeDetails.StreamMode": "ON_DEMAND"})

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "KIN-RECORD-MAX": boundary(stream(), "Stream.MaxRecordSizeInKiB", passes=1024, fails=1023),
    "KIN-RECORD-LAMBDA": boundary(stream(), "Stream.MaxRecordSizeInKiB", passes=4608, fails=4609),
    "KIN-SHARD-READS": Example(polled(5), polled(6)),
    "KIN-CONSUMERS": (
        Example(consumed(20), consumed(21)),
        Example(consumed(20, "ON_DEMAND"), consumed(51, "ON_DEMAND")),
    ),
    "KIN-RETENTION": (
        boundary(stream(), "Stream.RetentionPeriodHours", passes=24, fails=23),
        boundary(stream(), "Stream.RetentionPeriodHours", passes=8760, fails=8761),
    ),
    "KIN-SHARDS-ON-DEMAND": boundary(_ON_DEMAND, "Stream.ShardCount", passes=ABSENT, fails=1),
    "KIN-SHARDS-PROVISIONED": boundary(stream(), "Stream.ShardCount", passes=1, fails=ABSENT),
    "KIN-WARM-PROVISIONED": boundary(stream(), "Stream.WarmThroughputMiBps", passes=ABSENT, fails=10),
    "LAMBDA-ESM-PARALLEL": boundary(stream(), "Mapping.ParallelizationFactor", passes=10, fails=11),
    "LAMBDA-ESM-RETRIES": boundary(stream(), "Mapping.MaximumRetryAttempts", passes=-1, fails=-2),
    "LAMBDA-ESM-AGE": (
        boundary(stream(), "Mapping.MaximumRecordAgeInSeconds", passes=60, fails=59),
        boundary(stream(), "Mapping.MaximumRecordAgeInSeconds", passes=-1, fails=0),
    ),
    "LAMBDA-ESM-TUMBLING": boundary(stream(), "Mapping.TumblingWindowInSeconds", passes=900, fails=901),
    "LAMBDA-ESM-START": (
        boundary(stream(), "Mapping.StartingPosition", passes="TRIM_HORIZON", fails=ABSENT),
        boundary(stream(), "Mapping.StartingPosition", passes="LATEST", fails="EARLIEST"),
    ),
    "LAMBDA-ESM-TIMESTAMP": boundary(
        changed(stream(), {"Mapping.StartingPosition": "AT_TIMESTAMP"}),
        "Mapping.StartingPositionTimestamp",
        passes=1_790_000_000,
        fails=ABSENT,
    ),
}
