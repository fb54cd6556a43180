"""The tool that makes baselines and the function that compares take a text for the same thing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from constructs_lib.drift import values as made
from drift import columns
from drift import values as compared
from drift.values import INVALID, MISSING

TEXTS = st.text(max_size=60) | st.floats().map(repr) | st.sampled_from(["True", " nan", "1e999", "+01", "-NaN", "٣"])


@given(TEXTS)
@example("true")
@example("0x1")
@example("\x1c1")
def test_a_text_is_the_same_to_both(text: str) -> None:
    category, number = compared.category_of(text), compared.number_of(text)
    assert (category is MISSING) == made.is_missing(text)
    assert (number is MISSING) == made.is_missing(text)
    if category is not MISSING:
        assert category == made.category_of(text)
        assert number == (INVALID if made.number_of(text) is None else made.number_of(text))


def test_both_know_the_same_texts_for_no_value_and_the_same_format() -> None:
    from constructs_lib.drift.baseline import VERSION

    assert made.MISSING_TEXTS == compared.MISSING_TEXTS
    assert columns.VERSION == VERSION


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "1"),
        (1.0, "1"),
        ("01", "1"),
        (True, "true"),
        ("True", "true"),
        (" b ", "b"),
        (None, MISSING),
        ([1], INVALID),
    ],
)
def test_a_category_is_the_same_in_csv_and_json(value: object, expected: object) -> None:
    assert compared.category_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2.5", 2.5),
        (2, 2.0),
        (False, 0.0),
        ("", MISSING),
        (float("nan"), MISSING),
        ("abc", INVALID),
        (10**400, INVALID),
        ("1e999", INVALID),
        ("9" * 300, INVALID),
        ({}, INVALID),
    ],
)
def test_a_number_is_finite_or_it_is_none(value: object, expected: object) -> None:
    assert compared.number_of(value) == expected
