"""Where results go: what is put for certain, and how it is found again; requests as boto3 sends them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.stub import Stubber

from stream_score.deadline import Deadline, HandBack
from stream_score.puts import CannotPut, Entry, Unsure
from stream_score.records import Record, records_of
from stream_score.sinks import DeliveryStream, ResultStream
from tests.handlers.stream_events import stream_record
from tests.handlers.test_stream_puts import patient, scored

HALF = 2**127
# By its MD5 "a" is in the lower half, "b" in the upper one.
LOW, HIGH = "a", "b"


@pytest.fixture
def kinesis() -> Iterator[Stubber]:
    client = boto3.client("kinesis", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def entries() -> list[Entry]:
    return [Entry(LOW, scored([LOW, LOW], b"{}")), Entry(HIGH, scored([HIGH], b"{}"))]


def records() -> list[Record]:
    return records_of({"Records": [stream_record(number, "x", LOW) for number in range(3)]})


def shard(name: str, first: int, last: int) -> dict[str, Any]:
    span = {"StartingHashKey": str(first), "EndingHashKey": str(last)}
    return {"ShardId": name, "HashKeyRange": span, "SequenceNumberRange": {"StartingSequenceNumber": "0"}}


def read(data: bytes, at: float, behind: int, place: str | None = "next") -> dict[str, Any]:
    found = {
        "SequenceNumber": "1",
        "Data": data,
        "PartitionKey": LOW,
        "ApproximateArrivalTimestamp": datetime.fromtimestamp(at, UTC),
    }
    answer: dict[str, Any] = {"Records": [found], "MillisBehindLatest": behind}
    return answer | ({"NextShardIterator": place} if place else {})


def test_the_keys_of_these_tests_are_in_the_halves_that_they_should_be() -> None:
    assert [int(hashlib.md5(key.encode()).hexdigest(), 16) >= HALF for key in (LOW, HIGH)] == [False, True]


def test_a_key_has_one_record_of_lines(kinesis: Stubber) -> None:
    put = [{"Data": b"{}\n{}\n", "PartitionKey": LOW}, {"Data": b"{}\n", "PartitionKey": HIGH}]
    answer = {"Records": [{"SequenceNumber": "1", "ShardId": "s"}, {"ErrorCode": "InternalFailure"}]}
    kinesis.add_response("put_records", answer, {"StreamName": "prices", "Records": put})
    assert ResultStream(kinesis.client, kinesis.client, "prices").send(entries()) == [True, None]


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "KMSThrottlingException"])
def test_a_stream_that_is_busy_took_nothing(kinesis: Stubber, code: str) -> None:
    kinesis.add_client_error("put_records", code, http_status_code=400)
    assert ResultStream(kinesis.client, kinesis.client, "prices").send(entries()) == [False, False]


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("AccessDeniedException", 400, CannotPut),
        ("ResourceNotFoundException", 400, CannotPut),
        ("InternalFailureException", 500, Unsure),
        ("ServiceUnavailable", 503, Unsure),
    ],
)
def test_an_error_of_the_caller_s_is_certain_and_one_of_the_service_s_is_not(
    kinesis: Stubber, code: str, status: int, expected: type[Exception]
) -> None:
    kinesis.add_client_error("put_records", code, http_status_code=status)
    with pytest.raises(expected):
        ResultStream(kinesis.client, kinesis.client, "prices").send(entries())


class Failing:
    """Kinesis behind a connection that fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def put_records(self, **_: Any) -> None:
        raise self._error


def test_what_was_never_sent_was_not_put_and_what_was_not_answered_may_have_been() -> None:
    unsent, unanswered = ConnectTimeoutError(endpoint_url="x"), ReadTimeoutError(endpoint_url="x")
    assert ResultStream(Failing(unsent), None, "prices").send(entries()) == [False, False]
    with pytest.raises(Unsure):
        ResultStream(Failing(unanswered), None, "prices").send(entries())


def test_results_are_looked_for_in_the_shards_of_their_keys_at_the_time_of_the_put(kinesis: Stubber) -> None:
    """A shard that was split since is asked too; of a shard no more is read than was put in that time."""
    first, second, third = records()
    asked = {"StreamName": "prices", "ShardFilter": {"Type": "FROM_TIMESTAMP", "Timestamp": 970.0}}
    kinesis.add_response("list_shards", {"Shards": [shard("high", HALF, 2 * HALF - 1)], "NextToken": "more"}, asked)
    split = [shard("whole", 0, 2 * HALF - 1), shard("low", 0, HALF - 1)]
    kinesis.add_response("list_shards", {"Shards": split}, {"NextToken": "more"})

    def start(name: str) -> None:
        place = {"StreamName": "prices", "ShardId": name, "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 970.0}
        kinesis.add_response("get_shard_iterator", {"ShardIterator": name}, place)

    start("whole")
    lines = f'not json\n["{first.id}"]\n{{"id": "{first.id}"}}\n'.encode()
    kinesis.add_response("get_records", read(lines, 1001, 5000), {"ShardIterator": "whole"})
    kinesis.add_response("get_records", read(b"", 1002, 0, None), {"ShardIterator": "next"})
    start("low")
    kinesis.add_response("get_records", read(f'{{"id": "{second.id}"}}'.encode(), 1003, 9000), {"ShardIterator": "low"})
    kinesis.add_response("get_records", read(f'{{"id": "{third.id}"}}'.encode(), 1060, 9000), {"ShardIterator": "next"})
    stream = ResultStream(kinesis.client, kinesis.client, "prices")
    assert stream.found(records(), 1000, 1020, patient()) == {first.id, second.id}


def test_looking_ends_with_the_time(kinesis: Stubber) -> None:
    kinesis.add_response("list_shards", {"Shards": [shard("whole", 0, 2 * HALF - 1)]})
    kinesis.add_response("get_shard_iterator", {"ShardIterator": "whole"})
    stream = ResultStream(kinesis.client, kinesis.client, "prices")
    with pytest.raises(HandBack):
        stream.found(records(), 1000, 1020, Deadline(lambda: -1, reserve=1))


def test_firehose_gets_the_same_lines_and_finds_nothing_again() -> None:
    client = boto3.client("firehose", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as stubber:
        put = {"DeliveryStreamName": "out", "Records": [{"Data": b"{}\n{}\n"}, {"Data": b"{}\n"}]}
        answers = [{"RecordId": "1"}, {"ErrorCode": "ServiceUnavailableException"}]
        stubber.add_response("put_record_batch", {"FailedPutCount": 1, "RequestResponses": answers}, put)
        stubber.add_client_error("put_record_batch", "ServiceUnavailableException", http_status_code=503)
        sink = DeliveryStream(client, "out")
        assert sink.send(entries()) == [True, False]
        assert sink.send(entries()) == [False, False]
        assert sink.found(records(), 0, 1, patient()) == set()
