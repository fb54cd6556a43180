"""What may become a line of a request, what counts as an answer, and what is logged of it: input is hostile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.facts import calls
from stream_score import endpoint
from stream_score.failures import content_of, name_of
from stream_score.figures import Figures
from stream_score.logic import (
    Failed,
    Line,
    Scored,
    Unfit,
    body_of,
    line_of,
    micro_batches,
    outcome_of,
    predictions_of,
)
from stream_score.records import Record, records_of, response_to
from stream_score.settings import Settings
from tests.handlers.stream_events import (
    BEGIN,
    ENVIRONMENT,
    SETTINGS,
    SHARD,
    message,
    stream_record,
)

JSON_LINES = replace(SETTINGS, content_type="application/jsonlines")
# What str.splitlines takes for the end of a line, and a model may too.
BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def record(data: bytes | str = "x", key: str = "a") -> Record:
    [made] = records_of({"Records": [stream_record(0, data, key)]})
    return made


def text_of(data: bytes | str, settings: Settings = SETTINGS) -> str:
    return line_of(record(data), settings).text.decode()


@pytest.mark.parametrize("data", ["1,2", "1,2\n", "1,2\r\n", "é", " x ", "[1]"])
def test_a_line_is_sent_as_it_came_without_its_end(data: str) -> None:
    assert text_of(data) == data.strip("\r\n")


@pytest.mark.parametrize(
    "data", [b"", b"\n", b" ", b"\t\r\n", b"\xff\xfe", b"\xed\xa0\x80", *(f"a{end}b" for end in BREAKS)]
)
def test_what_is_no_line_of_text_is_refused(data: bytes | str) -> None:
    with pytest.raises(Unfit):
        text_of(data)


@pytest.mark.parametrize(
    "data", ["{", "NaN", "[Infinity]", "1 2", '{"a": 1} {"b": 2}', "[" * 100_000, "1" * 5000, '"\n"', "[1e999,\n1]"]
)
def test_what_is_no_json_is_refused(data: str) -> None:
    with pytest.raises(Unfit, match="it is no JSON"):
        text_of(data, replace(JSON_LINES, max_bytes_per_request=10**6))


@given(
    value=st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists),
    indent=st.booleans(),
)
def test_any_json_becomes_one_line_of_the_same_value(value: Any, indent: bool) -> None:
    data = json.dumps(value, ensure_ascii=False, indent=1 if indent else None).encode("utf-8", "surrogatepass")
    try:
        data.decode()
    except UnicodeDecodeError:
        return
    text = text_of(data, replace(JSON_LINES, max_bytes_per_request=10**6))
    assert len(text.splitlines()) == 1
    assert json.loads(text) == value


def test_a_record_that_is_larger_than_a_request_is_refused() -> None:
    assert text_of("x" * 1000) == "x" * 1000
    with pytest.raises(Unfit, match="it has 1001 bytes, more than the 1000 of a request"):
        text_of("x" * 1001)


@given(sizes=st.lists(st.integers(1, 12), max_size=30), most=st.integers(1, 5), room=st.integers(12, 30))
def test_micro_batches_hold_all_lines_in_order_within_both_bounds(sizes: list[int], most: int, room: int) -> None:
    lines = [Line(record(), b"x" * size) for size in sizes]
    batches = list(micro_batches(lines, replace(SETTINGS, max_records_per_request=most, max_bytes_per_request=room)))
    assert [line for batch in batches for line in batch] == lines
    assert all(1 <= len(batch) <= most and len(body_of(batch)) <= room for batch in batches)
    # None could have held the line after it.
    for batch, after in pairwise(batches):
        assert len(batch) == most or len(body_of([*batch, after[0]])) > room


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"1\n2\n", "text/csv", ["1", "2"]),
        (b"1\r\n2\r\n", "text/csv", ["1", "2"]),
        (b'{"a": 1}\n2', "application/jsonlines", [{"a": 1}, 2]),
        (b"NaN\n[", "application/jsonlines", ["NaN", "["]),
        (b"1\n2", "", ["1", "2"]),
    ],
)
def test_a_line_of_the_answer_is_a_prediction(body: bytes, content_type: str, expected: Sequence[Any]) -> None:
    assert predictions_of(body, content_type, 2) == expected


@pytest.mark.parametrize("body", [b"", b"1", b"1\n2\n3", b"1,2", b"\xff\n\xff"])
def test_an_answer_of_another_number_of_lines_is_none(body: bytes) -> None:
    with pytest.raises(Unfit):
        predictions_of(body, "text/csv", 2)


def test_a_result_is_one_line_whatever_the_model_says() -> None:
    scored = outcome_of(record(key="k\n\u2028"), "a\nb\u2028\ud800", "c", SETTINGS)
    assert isinstance(scored, Scored)
    assert len(scored.line.decode().splitlines()) == 1
    assert json.loads(scored.line)["prediction"] == "a\nb\u2028\ud800"


@pytest.mark.parametrize("prediction", ["x" * 10_000, float("inf"), float("nan")])
def test_an_answer_that_cannot_be_a_result_is_a_failure(prediction: Any) -> None:
    assert isinstance(outcome_of(record(), prediction, "c", SETTINGS), Failed)


def test_a_response_names_the_first_record_of_a_shard_that_is_not_done() -> None:
    records = records_of({"Records": [stream_record(number, "x") for number in range(3)]})
    ids = [each.id for each in records]
    assert response_to(records, ids) == response_to([], []) == {"batchItemFailures": []}
    named = response_to(records, [ids[0], ids[2]])
    assert named == {"batchItemFailures": [{"itemIdentifier": records[1].sequence_number}]}


def test_records_of_a_shard_are_ordered_by_their_positions() -> None:
    numbers = ["9", "10", "49590338271490256608559692538361571095921575989136588898", "1" + "0" * 128]
    events = [stream_record(0, "x") for _ in numbers]
    for event, number in zip(events, numbers, strict=True):
        event["kinesis"]["sequenceNumber"] = number
    positions = [each.position for each in records_of({"Records": events})]
    assert positions == sorted(positions)


def test_a_message_without_a_group_is_its_own_key() -> None:
    alone, grouped = records_of({"Records": [message(1, "x"), message(2, "y", group="g")]})
    assert (alone.key, grouped.key) == (alone.id, "g")
    assert alone.arrived_at == pytest.approx(BEGIN + 0.001)


def test_a_failure_lies_at_the_same_place_whenever_it_is_kept() -> None:
    assert name_of(record()) == f"2026-09-21/{SHARD}/{record().sequence_number}.json"
    [odd] = records_of({"Records": [message(1, "x")]})
    assert name_of(replace(odd, sequence_number="../../x")) == "2026-09-21/queue/______x.json"


def test_a_failure_holds_the_record_itself_and_a_reason_of_bounded_length() -> None:
    kept = content_of(Failed(record(b"\xff"), "x" * 5000))
    assert (kept["data"], len(kept["reason"])) == ("/w==", 1000)


def test_a_line_of_figures_holds_a_hundred_values_of_many_the_greatest_among_them() -> None:
    figures = Figures()
    for number in range(5000):
        figures.was_put(number / 1000)
    line = figures.line("Streams", "score", 1.0)
    assert len(line["EndToEndLatency"]) == 100
    assert line["EndToEndLatency"][-1] == 4999
    assert line["EndToEndLatency"][49] == pytest.approx(2499)
    names = {metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert names <= line.keys()


def test_the_errors_that_pass_are_those_of_the_facts() -> None:
    assert all(calls.PASSING_ERRORS.allows(code) for code in endpoint._PASSING)
    assert len(endpoint._PASSING) == len(calls.PASSING_ERRORS.allowed.values)  # type: ignore[union-attr]


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_a_variable_that_is_missing_is_named(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        Settings.from_environment({name: value for name, value in ENVIRONMENT.items() if name != missing})


@pytest.mark.parametrize(("results", "delivery"), [("", ""), ("a", "b")])
def test_results_go_to_one_place(results: str, delivery: str) -> None:
    with pytest.raises(ValueError, match="one of RESULT_STREAM_NAME and DELIVERY_STREAM_NAME must be given"):
        Settings.from_environment(ENVIRONMENT | {"RESULT_STREAM_NAME": results, "DELIVERY_STREAM_NAME": delivery})
