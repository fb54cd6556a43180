"""Puts keep the order of each key, and say for certain what was put."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_score.deadline import Deadline, HandBack
from stream_score.logic import Scored
from stream_score.puts import CannotPut, Entry, Put, Unsure, put_all
from stream_score.records import records_of
from stream_score.sinks import ResultStream
from tests.handlers.stream_events import SETTINGS, stream_record
from tests.handlers.streams import (
    Clock,
    Plan,
    Results,
)


def scored(keys: Sequence[str], line: bytes = b"{}") -> list[Scored]:
    records = records_of({"Records": [stream_record(number, "x", key) for number, key in enumerate(keys)]})
    return [Scored(record, line) for record in records]


def patient(seconds: float = 1e9) -> Deadline:
    left = [seconds]

    def sleep(waited: float) -> None:
        left[0] -= waited

    return Deadline(lambda: left[0], reserve=1, sleep=sleep, draw=lambda: 1.0)


def ids(put: Put) -> list[str]:
    return [record.id for record in put.done]


@given(
    keys=st.lists(st.sampled_from("abc"), min_size=1, max_size=30),
    refusals=st.lists(st.booleans(), max_size=40),
    largest=st.integers(8, 40),
    requests=st.integers(1, 3),
)
def test_partial_failures_let_no_later_result_of_a_key_overtake(
    keys: list[str], refusals: list[bool], largest: int, requests: int
) -> None:
    refused, taken = iter(refusals), list[Entry]()

    def send(entries: Sequence[Entry]) -> list[bool | None]:
        assert len(entries) <= requests
        assert all(entry.size <= largest for entry in entries)
        answers: list[bool | None] = [not next(refused, False) for _ in entries]
        taken.extend(entry for entry, answer in zip(entries, answers, strict=True) if answer)
        return answers

    settings = replace(SETTINGS, max_records_per_put=requests, max_bytes_per_result=largest)
    results = scored(keys)
    put = put_all(results, settings, send, patient())
    assert Counter(ids(put)) == Counter(result.record.id for result in results)
    assert (put.unsure, put.stopped) == ([], None)
    for key in keys:
        order = [result.record.id for entry in taken if entry.key == key for result in entry.results]
        assert order == [result.record.id for result in results if result.record.key == key]


def test_a_request_holds_no_more_bytes_than_it_may() -> None:
    sizes = []

    def send(entries: Sequence[Entry]) -> list[bool | None]:
        sizes.append(sum(entry.size for entry in entries))
        return [True] * len(entries)

    put_all(scored("abcdef", b"x" * 10), replace(SETTINGS, max_bytes_per_put=30), send, patient())
    assert sizes == [24, 24, 24]


def test_a_stream_that_stays_busy_stops_the_put_with_nothing_unsure() -> None:
    put = put_all(scored("ab"), SETTINGS, lambda entries: [entry.key == "a" for entry in entries], patient(20))
    assert len(put.done) == 1
    assert put.unsure == []
    assert isinstance(put.stopped, HandBack)


@pytest.mark.parametrize(("error", "unsure"), [(Unsure("?"), 1), (CannotPut("no"), 0)])
def test_what_an_earlier_request_put_is_known_though_the_next_one_fails(error: Exception, unsure: int) -> None:
    calls = []

    def send(entries: Sequence[Entry]) -> list[bool | None]:
        calls.append(entries)
        if len(calls) == 2:
            raise error
        return [True] * len(entries)

    put = put_all(scored("abc"), replace(SETTINGS, max_records_per_put=1), send, patient())
    assert (len(put.done), len(put.unsure), len(calls)) == (1, unsure, 2)
    assert put.stopped is not None


def test_of_records_that_failed_inside_kinesis_nobody_knows_and_of_throttled_ones_one_does() -> None:
    stream = Results(Plan(Clock()))
    codes = {1: "InternalFailure", 2: "ProvisionedThroughputExceededException"}
    stream.refuse = codes.get
    entries = [Entry(result.record.key, [result]) for result in scored("abc")]
    assert ResultStream(stream, stream, "prices").send(entries) == [True, None, False]
