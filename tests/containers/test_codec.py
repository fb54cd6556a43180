"""The codec: rows in, labels out, and a reason for everything that is neither."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .conftest import load_module

if TYPE_CHECKING:
    from types import ModuleType

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
ROWS = [[1.0, 2.5], [3.0, -4.0]]


@dataclass(frozen=True)
class Answer:
    label: int
    probabilities: list[float]


ANSWERS = [Answer(3, [0.25, 0.75]), Answer(0, [1.0, 0.0])]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (CSV, b"1,2.5\n3,-4"),
        (CSV, b"1,2.5\r\n3,-4\r\n"),
        (CSV, b"\xef\xbb\xbf1, 2.5\n 3,-4e0\n"),
        (JSON, b'{"instances": [{"features": [1, 2.5]}, {"features": [3, -4]}]}'),
        (JSON, b'{"instances": [[1, 2.5], [3, -4]]}'),
        (JSON, b"[[1, 2.5], [3, -4]]"),
        (JSON_LINES, b'{"features": [1, 2.5]}\n{"features": [3, -4]}\n'),
        (JSON_LINES, b"[1, 2.5]\r\n[3, -4]"),
    ],
)
def test_the_same_rows_are_read_from_every_form(codec: ModuleType, kind: str, body: bytes) -> None:
    assert codec.decode(body, kind, 2) == ROWS


@pytest.mark.parametrize("body", [b'{"features": [1, 2]}', b"[1, 2]", b'{"instances": [[1, 2]]}'])
def test_a_single_row_of_json_needs_no_wrapping(codec: ModuleType, body: bytes) -> None:
    assert codec.decode(body, JSON, 2) == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        (CSV, b"", "the body is empty: send at least one row"),
        (CSV, b" \n\n", "the body is empty: send at least one row"),
        (CSV, b"1,2\n3\n", "row 2: must have 2 columns, got 1"),
        (CSV, b"1,2\n\n3,4", "row 2: must have 2 columns, got 1"),
        (CSV, b"1,2,3", "row 1: must have 2 columns, got 3"),
        (CSV, b"1,2\n3,four", 'row 2, column 2: "four" is not a number'),
        (CSV, b"1,", 'row 1, column 2: "" is not a number'),
        (CSV, b"1,nan", "row 1, column 2: must be a finite number, got NaN"),
        (CSV, b"-inf,1", "row 1, column 1: must be a finite number, got -Infinity"),
        (CSV, b"1,1e999", "row 1, column 2: must be a finite number, got Infinity"),
        (CSV, b"1,1_000", 'row 1, column 2: "1_000" is not a number'),
        (CSV, b"1,\xff", "the body is not UTF-8 text: byte 2 cannot be read"),
        (JSON, b"{", "the body is not valid JSON"),
        (JSON, b"[[1, NaN]]", "NaN is not a number in JSON"),
        (JSON, b"[" * 100_000, "the body is not valid JSON"),
        (JSON, b'[[1, "2"]]', 'row 1, column 2: "2" is not a number'),
        (JSON, b"[[1, true]]", "row 1, column 2: true is not a number"),
        (JSON, b"[[1, null]]", "row 1, column 2: null is not a number"),
        (JSON, b"[[1, 1" + b"0" * 400 + b"]]", "row 1, column 2: must be a finite number"),
        (JSON, b"7", "the body must be"),
        (JSON, b"[]", "instances is empty: send at least one row"),
        (JSON, b'{"instances": 7}', "instances must be a list of rows, got int"),
        (JSON, b'{"rows": []}', "row 1: an object must have the key features"),
        (JSON, b"[[1, 2], 3]", "row 2: must be a list of numbers, got int"),
        (JSON_LINES, b"[1, 2]\n[3", "row 2 is not valid JSON"),
        (JSON_LINES, b"[1, 2]\n\n[3, 4]", "row 2 is not valid JSON"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_with_its_place(
    codec: ModuleType, kind: str, body: bytes, reason: str
) -> None:
    with pytest.raises(codec.BadRequest) as caught:
        codec.decode(body, kind, 2)
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 200


@given(body=st.binary(max_size=200), kind=st.sampled_from([CSV, JSON, JSON_LINES]))
def test_any_bytes_are_read_or_refused_and_never_crash(body: bytes, kind: str) -> None:
    codec = load_module("codec")
    with contextlib.suppress(codec.BadRequest):
        rows = codec.decode(body, kind, 1)
        assert rows
        assert all(len(row) == 1 for row in rows)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["instances", "features"]), inner),
    max_leaves=8,
)


@given(document=JSON_VALUES, kind=st.sampled_from([JSON, JSON_LINES]))
def test_any_json_is_read_or_refused_and_never_crashes(document: Any, kind: str) -> None:
    codec = load_module("codec")
    with contextlib.suppress(codec.BadRequest):
        rows = codec.decode(json.dumps(document).encode(), kind, 1)
        assert all(isinstance(value, float) for row in rows for value in row)


@given(rows=st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3), min_size=1))
def test_every_finite_float_survives_the_way_in(rows: list[list[float]]) -> None:
    codec = load_module("codec")
    table = "\n".join(",".join(map(repr, row)) for row in rows)
    assert codec.decode(table.encode(), CSV, 3) == rows
    assert codec.decode(json.dumps({"instances": rows}).encode(), JSON, 3) == rows


def test_csv_answers_are_one_label_a_line_without_a_last_line_break(codec: ModuleType) -> None:
    assert codec.encode(ANSWERS, CSV) == b"3\n0"


def test_json_answers_carry_labels_and_probabilities(codec: ModuleType) -> None:
    expected = [{"label": 3, "probabilities": [0.25, 0.75]}, {"label": 0, "probabilities": [1.0, 0.0]}]
    assert json.loads(codec.encode(ANSWERS, JSON)) == {"predictions": expected}
    assert [json.loads(line) for line in codec.encode(ANSWERS, JSON_LINES).splitlines()] == expected


@pytest.mark.parametrize(
    ("header", "kind"),
    [(None, CSV), ("text/csv; charset=utf-8", CSV), ("Application/JSON", JSON), ("application/jsonlines", JSON_LINES)],
)
def test_content_types_are_read_without_case_and_parameters(codec: ModuleType, header: str | None, kind: str) -> None:
    assert codec.media_type(header) == kind


def test_an_unknown_content_type_is_refused_by_name(codec: ModuleType) -> None:
    with pytest.raises(codec.UnsupportedMediaType, match="got image/png"):
        codec.media_type("image/png")


@pytest.mark.parametrize(
    ("accept", "request_type", "answer"),
    [
        (None, JSON, JSON),
        ("*/*", CSV, CSV),
        ("application/json", CSV, JSON),
        ("text/csv;q=0.2, application/json;q=0.9", CSV, JSON),
        ("image/png, text/csv", JSON, CSV),
        ("application/*", JSON_LINES, JSON_LINES),
        ("application/*", CSV, JSON),
        ("text/*", JSON, CSV),
    ],
)
def test_the_answer_comes_in_the_best_accepted_type(
    codec: ModuleType, accept: str | None, request_type: str, answer: str
) -> None:
    assert codec.answer_type(accept, request_type) == answer


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "application/json;q=x"])
def test_an_accept_header_that_leaves_nothing_is_refused(codec: ModuleType, accept: str) -> None:
    with pytest.raises(codec.NotAcceptable, match="accept must be one of"):
        codec.answer_type(accept, CSV)
