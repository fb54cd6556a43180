"""What was captured is read in every form that SageMaker writes, and nothing in it can do harm."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.drift.column import summarize
from drift.columns import Baseline
from drift.payloads import Unreadable, parts_of, records_of
from drift.sample import Sample

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
)
ROWS = [summarize("age", ["1", "2"]), summarize("colour", ["red", "blue"])]
BASELINE = Baseline.read({"version": 1, "inputs": ROWS, "predictions": [summarize("label", ["0", "1"])]})


def part(data: Any, content_type: str = "text/csv", encoding: str = "CSV") -> dict[str, Any]:
    return {"observedContentType": content_type, "mode": "INPUT", "data": data, "encoding": encoding}


def line(request: Any, answer: Any = None) -> bytes:
    data = {"endpointInput": request} | ({} if answer is None else {"endpointOutput": answer})
    return json.dumps({"captureData": data, "eventMetadata": {"eventId": "1"}, "eventVersion": "0"}).encode()


def read(*lines: bytes) -> Sample:
    sample = Sample(BASELINE, 1000)
    for each in lines:
        sample.add_captured(each)
    return sample


@pytest.mark.parametrize(
    "request_",
    [
        part("1,red\n2,blue\n"),
        part("age,colour\r\n1,red\r\n2,blue"),
        part(base64.b64encode(b"1,red\n2,blue\n").decode(), encoding="BASE64"),
        part('{"instances": [[1, "red"], [2, "blue"]]}', "application/json", "JSON"),
        part('[{"age": 1, "colour": "red"}, {"colour": "blue", "age": 2}]', "application/json; charset=utf-8", "JSON"),
        part('{"instances": [{"features": [1, "red"]}, {"features": [2, "blue"]}]}', "application/json", "JSON"),
        part('{"age": 1, "colour": "red"}\n{"age": 2, "colour": "blue"}\n', "application/jsonlines", "JSON"),
    ],
    ids=["csv", "header", "base64", "rows", "objects", "features", "lines"],
)
def test_two_records_are_two_records_in_any_form(request_: dict[str, Any]) -> None:
    sample = read(line(request_))
    assert (sample.inputs.records, sample.unreadable, sample.misshapen) == (2, 0, 0)
    age, colour = sample.inputs.columns
    assert list(age.values) == [1, 2]  # type: ignore[attr-defined]  # the first column holds numbers
    assert list(colour.counts) == [1, 1, 0]


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ("0\n1\n1\n", "text/csv"),
        ("0,1,1", "text/csv"),
        ('{"predictions": [0, 1, 1]}', "application/json"),
        ('{"predictions": [{"label": 0}, {"label": 1, "score": 0.9}, {"label": 1}]}', "application/json"),
        ("[[0], [1], [1]]", "application/json"),
    ],
)
def test_answers_are_read_in_the_forms_of_the_usual_servers(data: str, content_type: str) -> None:
    sample = read(line(part("1,red"), part(data, content_type, "JSON")))
    assert sample.predictions.records == 3
    assert list(sample.predictions.columns[0].counts) == [1, 2, 0]


def test_a_member_that_is_absent_is_missing_and_one_that_nobody_knows_is_left() -> None:
    sample = read(line(part('{"age": 1, "other": 5}', "application/json", "JSON")))
    age, colour = sample.inputs.columns
    assert (age.usable, colour.missing, sample.misshapen) == (1, 1, 0)


@pytest.mark.parametrize("data", ["1,red,3", "1", '"a'])
def test_a_record_of_another_shape_is_counted_and_not_compared(data: str) -> None:
    sample = read(line(part(data)))
    assert (sample.inputs.records, sample.misshapen) == (0, 1)


@pytest.mark.parametrize(
    "captured",
    [
        b"",
        b"null",
        b"[]",
        b'{"captureData": 5}',
        b"\xff\xfe",
        b"[" * 100_000,
        line(part(5)),
        line("text"),
        line(part("not base64!", encoding="BASE64")),
        line(part(base64.b64encode(b"\xff\xfe").decode(), encoding="BASE64")),
        line(part("1,red", "application/x-image")),
        line(part("{", "application/json", "JSON")),
        line(part("[" * 100_000, "application/json", "JSON")),
        line(part("9" * 5000, "application/json", "JSON")),
        line(part(f"1,{'x' * 200_000}")),
    ],
)
def test_what_cannot_be_read_is_counted_and_stops_nothing(captured: bytes) -> None:
    sample = read(captured, line(part("1,red")))
    assert (sample.unreadable, sample.inputs.records) == (1, 1)


@given(JSON, st.sampled_from(["application/json", "text/csv", "application/jsonlines", "x"]), st.booleans())
def test_whatever_is_sent_is_read_or_counted(document: Any, content_type: str, is_base64: bool) -> None:
    text = json.dumps(document)
    data = base64.b64encode(text.encode()).decode() if is_base64 else text
    read(line(part(data, content_type, "BASE64" if is_base64 else "JSON")), line(document, document))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_counted(captured: bytes) -> None:
    assert read(captured).unreadable == 1


def test_one_body_of_very_many_records_fills_the_sample_and_no_more() -> None:
    sample = Sample(BASELINE, 10)
    sample.add_captured(line(part("1,red\n" * 1000)))
    assert sample.is_full
    assert sample.inputs.records == 10


def test_names_of_categories_that_nobody_knows_take_no_memory() -> None:
    sample = Sample(BASELINE, 10_000)
    sample.add_captured(line(part("".join(f"1,c{index}\n" for index in range(5000)))))
    assert len(sample.inputs.columns[1].counts) == 3
    assert sample.inputs.columns[1].counts[-1] == 5000


def test_a_part_that_was_not_captured_has_no_records() -> None:
    requests, answers = parts_of(line(part("1,red")))
    assert (list(requests), list(answers)) == ([["1", "red"]], [])


def test_a_content_type_that_is_not_read_is_said() -> None:
    with pytest.raises(Unreadable, match="CSV, JSON or JSON Lines"):
        list(records_of("x", "image/png"))


def test_a_baseline_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="kind must be one of number, category, text, got 'picture'"):
        Baseline.read({"version": 1, "inputs": [ROWS[0] | {"kind": "picture"}], "predictions": []})
