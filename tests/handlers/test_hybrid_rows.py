"""Records of answers, of which anything may be wrong: each is a row, or has a reason why it is none."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hybrid_load.lines import LONGEST, Line
from hybrid_load.logic import Load, Unusable, item_of, letter_of, size_of
from hybrid_load.settings import Settings
from tests.handlers.loads import EVENT
from tests.handlers.tables import LOAD_ENVIRONMENT, text

SETTINGS = Settings.from_environment(LOAD_ENVIRONMENT)
JSON = replace(SETTINGS, answer_type="application/jsonlines", id_member="id", answer_member="SageMakerOutput")
LOAD = Load.from_event(EVENT)


def row(content: bytes | str, settings: Settings = SETTINGS) -> tuple[str, str]:
    body = content if isinstance(content, bytes) else content.encode()
    item = item_of(Line(body, len(body)), LOAD, settings)
    return text(item, "pk").removeprefix("row/nightly-1/"), text(item, "answer")


def test_a_row_says_of_which_model_features_and_time_it_is() -> None:
    item = item_of(Line(b"user-1,0.5,0.3", 14), LOAD, SETTINGS)
    assert {name: text(item, name) for name in item} == {
        "pk": "row/nightly-1/user-1",
        "answer": "0.5,0.3",
        "model_version": "model-1",
        "feature_version": "2026-11-21",
        "computed_at": "5000",
        "expires_at": "6000",
    }


@pytest.mark.parametrize(
    ("id_member", "answer_member", "line", "expected"),
    [
        ("0", "1", "u,1,2\r", ("u", "1,2")),
        ("0", "-1", "u,feature,feature,0.9", ("u", "0.9")),
        ("-1", "0", "0.9,0.1,u", ("u", "0.9,0.1")),
        ("1", "0", "0.9,u,0.1", ("u", "0.9,0.1")),
        ("0", "1", '"u,v","a ""b"" c",d', ("u,v", '"a ""b"" c",d')),
        ("0", "1", 'u,"[1,2]"', ("u", '"[1,2]"')),
        ("0", "1", "tenant/user,1", ("tenant/user", "1")),
        ("0", "1", "../../pointer,1", ("../../pointer", "1")),
        ("0", "1", "zoë,1", ("zoë", "1")),
    ],
)
def test_csv_has_the_id_in_one_column_and_the_answer_from_another_one_on(
    id_member: str, answer_member: str, line: str, expected: tuple[str, str]
) -> None:
    assert row(line, replace(SETTINGS, id_member=id_member, answer_member=answer_member)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"id": "u", "SageMakerOutput": {"a": [1, 2]}}', ("u", '{"a":[1,2]}')),
        ('{"SageMakerOutput": 0.5, "id": 17, "more": null}', ("17", "0.5")),
        ('{"id": "u", "SageMakerOutput": "ä"}\r', ("u", '"ä"')),
    ],
)
def test_json_lines_have_both_by_name(line: str, expected: tuple[str, str]) -> None:
    assert row(line, JSON) == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"\xff\xfe,1", "UTF-8"),
        (b"u", "must have columns 0 and 1, got 1 columns"),
        (b",1", "an id must be a text that is not empty"),
        (b"u,", "must have an answer in column 1, got none"),
        (b"u,,", "must have an answer"),
        (b'u,"open', "must be CSV"),
        (b"u\x00v,1", "no control characters"),
        (b"u" * 65 + b",1", "at most 64 bytes, got 65"),
        ("ä".encode() * 33 + b",1", "at most 64 bytes, got 66"),
        (b"u," + b"x" * 2000, "a row must have at most 2000 bytes"),
        (b"u," + b"x" * LONGEST, f"a line must have at most {LONGEST} bytes"),
    ],
)
def test_a_line_of_csv_that_cannot_be_a_row_says_why(line: bytes, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        row(line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("u,1", "must be JSON"),
        ("[" * 100_000, "must be JSON"),
        ('{"id": ' + "9" * 5000 + "}", "must be JSON"),
        ('["u", 1]', "must be an object"),
        ('{"SageMakerOutput": 1}', "must have id"),
        ('{"id": null, "SageMakerOutput": null}', "must have id and SageMakerOutput"),
        ('{"id": true, "SageMakerOutput": 1}', "an id must be a text"),
        ('{"id": 1.5, "SageMakerOutput": 1}', "an id must be a text"),
        ('{"id": {"S": "u"}, "SageMakerOutput": 1}', "an id must be a text"),
        ('{"id": "\\ud800", "SageMakerOutput": 1}', "Unicode"),
        ('{"id": "u", "SageMakerOutput": "\\udfff"}', "UTF-8"),
        ('{"id": "a\\nb", "SageMakerOutput": 1}', "no control characters"),
    ],
)
def test_a_line_of_json_that_cannot_be_a_row_says_why(line: str, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        row(line, JSON)


def test_a_row_of_exactly_the_largest_size_is_one() -> None:
    longest = SETTINGS.item_bytes - size_of(item_of(Line(b"u,x", 3), LOAD, SETTINGS)) + 1
    assert row(b"u," + b"x" * longest)[1] == "x" * longest
    with pytest.raises(Unusable, match="got 2001"):
        row(b"u," + b"x" * (longest + 1))


@pytest.mark.parametrize("name", ["batch", "model_version"])
@pytest.mark.parametrize("value", ["", "a/b", "x" * 257, None, 3])
def test_a_batch_or_a_version_that_could_be_taken_for_another_key_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a text of 1 to 256 characters without a slash"):
        Load.from_event({**EVENT, name: value})


def test_a_dead_letter_holds_the_record_and_why_and_fits_the_queue() -> None:
    told = json.loads(letter_of(Line(b"u\x00v,1", 6), 7, "no id", LOAD, 1000))
    assert told == {
        "id": "nightly-1/3/7",
        "batch": "nightly-1",
        "object": "s3://answers/results/a.csv.out",
        "line": 7,
        "reason": "no id",
        "record": "u\x00v,1",
    }
    for hostile in (b"\x00" * 5000, b"\xff" * 5000, "😀".encode() * 2000, b'"' * 5000):
        letter = letter_of(Line(hostile, 0), 7, "no id", LOAD, 1000)
        assert letter.isascii()
        assert letter.isprintable()
        assert 300 < len(letter) <= 1000
        assert json.loads(letter)["line"] == 7


def test_a_csv_cell_may_be_as_large_as_an_item() -> None:
    large = replace(SETTINGS, item_bytes=400 * 1024)
    assert len(row(b"u," + b"x" * 300_000, large)[1]) == 300_000
