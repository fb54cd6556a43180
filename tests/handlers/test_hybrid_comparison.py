"""Stored answers and fresh ones: whether they say the same."""

from __future__ import annotations

import pytest

from hybrid_compute.comparison import agree


@pytest.mark.parametrize(
    ("stored", "fresh", "tolerance", "expected"),
    [
        ("0.50", "0.5", 0.0, True),
        ("1000", "1009", 0.01, True),
        ("1000", "1011", 0.01, False),
        ("0.001", "0.009", 0.01, True),
        ("0.1,cat", "0.1, cat", 0.0, True),
        ("0.1,cat", "0.1,dog", 1.0, False),
        ("0.1,0.2", "0.1", 1.0, False),
        ("0.1,0.2,0.3", "0.1,0.2", 1.0, False),
        ('{"a":[1,2.0]}', '{"a": [1.001, 2]}', 0.01, True),
        ('{"a":1}', '{"b":1}', 1.0, False),
        ("[1]", '{"0":1}', 1.0, False),
        ("true", "1", 1.0, True),
        ("null", "0", 1.0, False),
        ("NaN", "nan", 0.0, True),
        ("[" * 90_000, "]" * 90_000, 0.0, False),
        ("[" * 400 + "1" + "]" * 400, "[" * 400 + "2" + "]" * 400, 0.0, False),
    ],
)
def test_answers_agree_where_their_numbers_do(stored: str, fresh: str, tolerance: float, expected: bool) -> None:
    assert agree(stored, fresh, tolerance) is expected
    assert agree(fresh, stored, tolerance) is expected
