"""The accounts themselves: what they call lost, twice and strange."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.end_to_end.ledger import DEAD_LETTER, FAILURE, RESULT, Ledger

GOOD = [("a", RESULT), ("b", FAILURE), ("c", DEAD_LETTER)]


def test_a_request_with_one_end_each_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Ledger.of("any", "abc", GOOD, Counter("abc"))
    assert ledger.is_balanced
    assert ledger.figures == (1, 1, 1, 0, 0)
    assert "3 submitted:    1 results,   1 failures,   1 dead letters, 0 lost, 0 twice" in capsys.readouterr().out


def test_what_nobody_saw_end_is_lost() -> None:
    ledger = Ledger.of("any", "abcd", GOOD)
    assert (ledger.lost, ledger.is_balanced) == (frozenset("d"), False)


@pytest.mark.parametrize(
    ("ends", "counted"), [([*GOOD, ("a", DEAD_LETTER)], ""), ([*GOOD, ("a", RESULT)], ""), (GOOD, "aab")]
)
def test_what_ended_or_was_counted_more_than_once_is_twice(ends: list[tuple[str, str]], counted: str) -> None:
    ledger = Ledger.of("any", "abc", ends, Counter(counted))
    assert (ledger.twice, ledger.is_balanced) == (frozenset("a"), False)


def test_what_nobody_submitted_is_strange() -> None:
    ledger = Ledger.of("any", "ab", GOOD)
    assert (ledger.strange, ledger.is_balanced) == (frozenset("c"), False)
