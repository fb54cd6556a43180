"""From a training file to a baseline, in Python and from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib import InvalidConfiguration, make_baseline
from constructs_lib.__main__ import main
from constructs_lib.drift.column import KNOTS, MOST_CATEGORIES, summarize
from drift.columns import Baseline

ROWS = "".join(f"{age},{'red' if age % 3 else 'blue'},{'' if age % 10 else 5},{age % 2}\n" for age in range(1000))


@pytest.fixture
def training(tmp_path: Path) -> Path:
    path = tmp_path / "training.csv"
    path.write_text(f"age,colour,gaps,label\n{ROWS}", encoding="utf-8")
    return path


def by_name(document: dict[str, Any]) -> dict[str, Any]:
    return {row["name"]: row for row in document["inputs"]}


def test_columns_keep_their_order_and_predictions_stand_apart(training: Path) -> None:
    document = make_baseline(training, predictions=["label"])
    assert [row["name"] for row in document["inputs"]] == ["age", "colour", "gaps"]
    assert [(row["name"], row["kind"]) for row in document["predictions"]] == [("label", "number")]


def test_numbers_have_ten_bins_of_about_as_many(training: Path) -> None:
    age = by_name(make_baseline(training))["age"]
    assert age["kind"] == "number"
    assert age["counts"] == [100] * 10
    assert age["edges"][0] == 99
    assert age["knots"][0] == [0, 0, 1]
    assert age["knots"][-1] == [999, 999, 1000]
    assert len(age["knots"]) <= KNOTS


def test_categories_are_counted_and_gaps_are_not_values(training: Path) -> None:
    found = by_name(make_baseline(training, categories=["label"]))
    assert (found["colour"]["names"], found["colour"]["counts"]) == (["blue", "red"], [334, 666, 0])
    assert (found["gaps"]["missing"], found["gaps"]["records"], found["gaps"]["edges"]) == (900, 1000, [5])
    assert (found["label"]["kind"], found["label"]["names"]) == ("category", ["0", "1"])


def test_a_constant_has_one_bin_for_itself_and_one_for_what_lies_above() -> None:
    row = summarize("x", ["7"] * 50)
    assert (row["edges"], row["counts"], row["knots"]) == ([7], [50, 0], [[7, 0, 50]])


def test_the_rarest_of_many_categories_are_counted_together() -> None:
    texts = [f"name{index % 150}" for index in range(900)]
    row = summarize("x", texts)
    assert len(row["names"]) == MOST_CATEGORIES
    assert row["counts"][-1] == 900 - sum(row["counts"][:-1]) == 300


def test_texts_that_all_differ_are_no_categories() -> None:
    assert summarize("x", [f"id-{index}" for index in range(500)])["kind"] == "text"


def test_a_column_without_any_value_is_an_empty_category() -> None:
    row = summarize("x", ["", "NA"])
    assert (row["kind"], row["missing"], row["counts"]) == ("category", 2, [0])


def test_what_was_made_is_what_the_function_reads(training: Path) -> None:
    read = Baseline.read(json.loads(json.dumps(make_baseline(training, predictions=["label"]))))
    assert [feature.name for feature in read.inputs] == ["age", "colour", "gaps"]
    assert read.inputs[2].usable == 100


def test_all_unknown_and_contradicting_columns_are_named_at_once(training: Path) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        make_baseline(training, predictions=["nobody", "label"], ignore=["label"], numbers=["age"], categories=["age"])
    assert len(caught.value.problems) == 3
    assert "column 'nobody' is not in the file; give one of age, colour" in caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must hold records, got none"),
        ("a,b\n", "must hold records, got none"),
        ("a,b\n1,2\n3\n", "every record must have 2 fields, 1 have not, such as 2"),
        ("a,a\n1,2\n", "column 'a' is there twice"),
        ("a\n\xff", "must be CSV in UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "training.csv"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InvalidConfiguration, match=problem):
        make_baseline(path)


def test_a_text_among_numbers_is_named_where_numbers_were_promised(training: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="colour must hold numbers, got 'blue'; leave it out of numbers"):
        make_baseline(training, numbers=["colour"])


def test_the_command_writes_a_line_for_each_column(training: Path, tmp_path: Path, capsys: Any) -> None:
    output = tmp_path / "baseline.json"
    assert main(["baseline", str(training), "-o", str(output), "--prediction", "label", "--ignore", "gaps"]) == 0
    text = output.read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(make_baseline(training, predictions=["label"], ignore=["gaps"])))
    assert len([line for line in text.splitlines() if '"name"' in line]) == 3
    assert "1000 records; inputs: 1 category, 1 number; predictions: 1" in capsys.readouterr().out


def test_a_file_without_a_header_has_columns_by_number(training: Path, tmp_path: Path) -> None:
    training.write_text("1,2\n3,4\n", encoding="utf-8")
    assert main(["baseline", str(training), "-o", str(tmp_path / "b.json"), "--no-header"]) == 0
    assert list(by_name(json.loads((tmp_path / "b.json").read_text()))) == ["0", "1"]


def test_what_cannot_be_made_is_said_on_the_error_stream(tmp_path: Path, capsys: Any) -> None:
    assert main(["baseline", str(tmp_path / "none.csv"), "-o", str(tmp_path / "b.json")]) == 2
    assert "none.csv" in capsys.readouterr().err
    assert not (tmp_path / "b.json").exists()
