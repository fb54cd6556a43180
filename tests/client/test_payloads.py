"""Payloads by content type, and answers back. Pure; numpy's own types, and stand-ins for those of pandas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest

from constructs_lib.client import Prediction, UnsupportedPayload
from constructs_lib.client.payloads import encode, type_of_file


@pytest.mark.parametrize(
    ("payload", "content_type", "expected"),
    [
        (b"ab", None, (b"ab", "application/octet-stream")),
        (bytearray(b"ab"), "image/png", (b"ab", "image/png")),
        (memoryview(b"ab"), None, (b"ab", "application/octet-stream")),
        ("é", None, ("é".encode(), "text/plain")),
        ("1,2", "text/csv", (b"1,2", "text/csv")),
        ({"a": [1, None]}, None, (b'{"a":[1,null]}', "application/json")),
        ([[1, 2]], None, (b"[[1,2]]", "application/json")),
        (7, None, (b"7", "application/json")),
        ([[1, "a,b"], [2, 'c"d']], "text/csv", (b'1,"a,b"\n2,"c""d"\n', "text/csv")),
        ([1, 2.5], "text/csv; charset=utf-8", (b"1,2.5\n", "text/csv; charset=utf-8")),
        ([{"a": 1}, {"a": 2}], "application/jsonlines", (b'{"a":1}\n{"a":2}\n', "application/jsonlines")),
        ({"x": numpy.float64(0.5), "y": numpy.arange(2)}, None, (b'{"x":0.5,"y":[0,1]}', "application/json")),
    ],
)
def test_a_payload_is_written_in_its_usual_type_or_the_one_asked_for(
    payload: object, content_type: str | None, expected: tuple[bytes, str]
) -> None:
    encoded = encode(payload, content_type)
    assert (encoded.body, encoded.content_type) == expected
    assert encoded.size == len(expected[0])


@pytest.mark.parametrize("content_type", [None, "text/csv", "application/json", "application/jsonlines"])
def test_an_array_survives_the_way_there_and_back(content_type: str | None) -> None:
    array = numpy.array([[1.5, 2.0], [3.0, -4.25]])
    encoded = encode(array, content_type)
    answer = Prediction(body=encoded.read(), content_type=encoded.content_type)
    numpy.testing.assert_array_equal(answer.numpy(), array)


def test_an_array_goes_as_npy_unless_asked_otherwise() -> None:
    assert encode(numpy.zeros(3)).content_type == "application/x-npy"


def frame_type(library: str, name: str, **members: Any) -> Any:
    """An instance of a type that looks like the library's."""
    return type(name, (), {"__module__": f"{library}.core.frame", **members})()


def test_a_frame_goes_as_csv_without_header_and_index() -> None:
    asked: dict[str, Any] = {}

    def to_csv(_: object, **how: Any) -> str:
        asked.update(how)
        return "1,2\n"

    frame = frame_type("pandas", "DataFrame", to_csv=to_csv)
    encoded = encode(frame)
    assert (encoded.body, encoded.content_type) == (b"1,2\n", "text/csv")
    assert asked == {"header": False, "index": False}


def test_a_frame_goes_as_records_in_json_when_asked_to() -> None:
    frame = frame_type("pandas", "DataFrame", columns=["a"], to_json=lambda _, **how: json.dumps(how))
    assert json.loads(encode(frame, "application/json").read()) == {"orient": "records"}
    assert json.loads(encode(frame, "application/jsonlines").read()) == {"orient": "records", "lines": True}


def test_a_type_of_the_same_name_from_elsewhere_is_no_frame() -> None:
    with pytest.raises(UnsupportedPayload, match="a DataFrame cannot be written as application/json"):
        encode(frame_type("elsewhere", "DataFrame"))


@pytest.mark.parametrize(
    ("payload", "content_type", "complaint"),
    [
        ({1, 2}, None, "a set cannot be written as application/json"),
        ({"a": float("nan")}, None, "a dict cannot be written as application/json: Out of range"),
        ({"a": 1}, "text/csv", "a dict cannot be written as text/csv: give a row"),
        ({"a": 1}, "application/jsonlines", "give a list with an item for each line"),
        ([1], "image/png", "a list can be written as application/json, application/jsonlines, text/csv, not as image"),
        (numpy.zeros((2, 2, 2)), "text/csv", "an array of 3 dimensions is no table"),
        (numpy.array([object()]), None, "a ndarray cannot be written as application/x-npy"),
    ],
)
def test_what_cannot_be_written_says_what_could(payload: object, content_type: str | None, complaint: str) -> None:
    with pytest.raises(UnsupportedPayload, match=complaint):
        encode(payload, content_type)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.csv", "text/csv"),
        ("a.CSV", "text/csv"),
        ("a.jsonl", "application/jsonlines"),
        ("a.npy", "application/x-npy"),
        ("a.parquet", "application/x-parquet"),
        ("a.png", "image/png"),
        ("a.unheard-of", "application/octet-stream"),
    ],
)
def test_the_type_of_a_file_is_that_of_its_suffix(name: str, content_type: str) -> None:
    assert type_of_file(Path(name)) == content_type


def test_a_file_stays_a_file_until_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"1,2\n")
    encoded = encode(path)
    assert (encoded.body, encoded.size, encoded.suffix, encoded.read()) == (path, 4, ".csv", b"1,2\n")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no file .*absent"):
        encode(tmp_path / "absent")


def test_an_answer_is_read_by_its_type() -> None:
    assert Prediction(body=b'{"a":1}', content_type="application/json").json() == {"a": 1}
    assert Prediction(body=b'1\n\n"b"\n', content_type="application/jsonlines").json() == [1, "b"]
    assert Prediction(body=b'1,"a,b"\n\n2,c\n', content_type="text/csv").csv() == [["1", "a,b"], ["2", "c"]]
    assert Prediction(body="é".encode(), content_type="text/plain").text == "é"
    with pytest.raises(UnsupportedPayload, match="the answer is image/png"):
        Prediction(body=b"", content_type="image/png").numpy()
