"""Streaming: the demand for rides in the zones of a city, priced as it comes, and a record that nobody can price."""

from __future__ import annotations

import base64
import json
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_lib.client import InferenceClient, StreamResult, TimedOut
from demo.outcome import Check, Outcome, expect_accuracy, expect_equal, median, percentile, share_right

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceStreaming"
ZONES = 40
PUT = 500
"""Records in a request to the stream."""
POISON = "not a number"
POISONED_ZONE = "zone-7"
TIMEOUT = 60.0
"""Seconds until every record has a result."""


def serve(aws: LocalAws, outputs: Mapping[str, str], data: DataSet, steps: Steps) -> Outcome:
    """Put the demand of all zones into the stream, a poisoned record amid it, and read what comes out."""
    client = InferenceClient.for_stack(STACK, session=aws.session())
    began = time.monotonic()
    records = put(aws.client("kinesis"), outputs["StreamName"], windows(data))
    labels = {record.number: record.label for record in records if record.label is not None}
    results, problem = read(client, len(labels))
    took = time.monotonic() - began
    steps.note(f"{len(records)} records of {ZONES} zones: {len(results)} results in {took:.1f} s")

    failures = failures_in(aws.client("s3"), outputs["FailureBucketName"])
    answers = {result.sequence_number: int(result.prediction) for result in results}
    latencies = [(result.put_at - result.arrived_at) * 1000 for result in results]
    accuracy = share_right([answers.get(number) for number in labels], list(labels.values()))
    poisoned = poison_kept(failures, records)
    return Outcome(
        requests=len(records),
        succeeded=len(answers),
        failed_as_expected=int(poisoned.ok),
        accuracy=accuracy,
        median_ms=median(latencies),
        p99_ms=percentile(latencies, 99),
        figures={"records_per_second": round(len(answers) / took, 1)},
        checks=(
            Check("a result for every record but the poisoned one", not problem, problem),
            expect_equal("zones whose results are in order", in_order(results), ZONES),
            expect_accuracy(accuracy),
            poisoned,
            expect_equal("records = results + failures", len(answers) + len(failures), len(records)),
        ),
    )


@dataclass(frozen=True)
class Record:
    """A record that was put: its sequence number, its zone, and its price step; the poisoned one has none."""

    number: str
    zone: str
    label: int | None


def windows(data: DataSet) -> Iterator[tuple[str, str, int | None]]:
    """Zone, demand and price step, one window of all zones after the other, and a poisoned record halfway."""
    for place, (line, label) in enumerate(zip(data.lines, data.labels, strict=True)):
        if place == len(data) // 2:
            yield POISONED_ZONE, POISON, None
        yield f"zone-{place % ZONES}", line, label


def put(kinesis: Any, stream: str, records: Iterator[tuple[str, str, int | None]]) -> list[Record]:
    """Put them in their order; raises RuntimeError when the stream does not take one."""
    waiting, taken = list(records), []
    for begin in range(0, len(waiting), PUT):
        part = waiting[begin : begin + PUT]
        entries = [{"PartitionKey": zone, "Data": line.encode()} for zone, line, _ in part]
        answer = kinesis.put_records(StreamName=stream, Records=entries)
        if answer["FailedRecordCount"]:
            raise RuntimeError(f"{stream} did not take {answer['FailedRecordCount']} of {len(part)} records")
        numbers = [each["SequenceNumber"] for each in answer["Records"]]
        taken += [Record(number, zone, label) for number, (zone, _, label) in zip(numbers, part, strict=True)]
    return taken


def read(client: InferenceClient, count: int) -> tuple[list[StreamResult], str]:
    """So many results, or those that came in time and why there are no more."""
    found: list[StreamResult] = []
    try:
        found.extend(client.read_results(count=count, timeout=TIMEOUT))
    except TimedOut as error:
        return found, f"{len(found)} of {count}: {error}"
    return found, ""


def in_order(results: Sequence[StreamResult]) -> int:
    """How many zones have their results in the order of the records."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for result in results:
        numbers[result.partition_key].append(int(result.sequence_number))
    return sum(found == sorted(found) for found in numbers.values())


def failures_in(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """Everything in the failure bucket."""
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return [json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]


def poison_kept(failures: Sequence[Mapping[str, Any]], records: Sequence[Record]) -> Check:
    """The failure bucket has to hold the poisoned record, as it was put, and nothing else."""
    what = "the poisoned record, and it alone, in the failure bucket"
    found = [(each.get("sequence_number"), base64.b64decode(each.get("data", "")).decode()) for each in failures]
    return expect_equal(what, found, [(record.number, POISON) for record in records if record.label is None])
