"""The prices: what is known, from whom, and what a file of newer ones changes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from constructs_lib.facts import instances
from constructs_lib.facts.prices import UNITS, Price, document_of, read, snapshot

TODAY = date(2026, 12, 1)


def test_every_price_says_what_it_is_of_and_who_says_so() -> None:
    for (region, name), price in snapshot().rows.items():
        assert (price.region, price.name) == (region, name)
        assert price.usd > 0
        assert price.source
        assert date(2023, 1, 1) <= price.on <= date(2026, 11, 21)
        assert price.unit == UNITS[name.partition(":")[0]]


def test_every_price_of_an_instance_is_of_a_type_that_there_is() -> None:
    priced = {name.partition(":")[2] for _, name in snapshot().rows if name.startswith(("endpoint:", "async:"))}
    assert priced - instances.types() == set()
    transformed = {name.partition(":")[2] for _, name in snapshot().rows if name.startswith("transform:")}
    assert transformed - instances.types("transform") == set()


def test_where_the_price_of_two_uses_is_known_they_agree() -> None:
    """The advisor takes the price of hosting for the other two where theirs is not known; this is why."""
    known = {name: price.usd for (_, name), price in snapshot().rows.items()}
    pairs = [
        (usd, known[f"endpoint:{name.partition(':')[2]}"])
        for name, usd in known.items()
        if name.startswith(("async:", "transform:")) and f"endpoint:{name.partition(':')[2]}" in known
    ]
    assert len(pairs) > 10
    assert all(usd == pytest.approx(hosting, rel=0.005) for usd, hosting in pairs)


def test_what_is_not_known_is_none() -> None:
    assert snapshot().of("endpoint:ml.p5.48xlarge", "us-east-1") is None
    assert snapshot().of("endpoint:ml.m5.large", "eu-central-1") is None


def test_a_file_is_read_back_as_it_was_written_and_comes_before_the_snapshot(tmp_path: Path) -> None:
    newer = Price(name="endpoint:ml.m5.large", region="us-east-1", usd=0.2, on=TODAY, source="a test")
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(document_of([newer], TODAY)), "utf-8")
    found = read(path)
    assert found.of("endpoint:ml.m5.large", "us-east-1") == newer
    assert found.of("endpoint:ml.m5.xlarge", "us-east-1") == snapshot().of("endpoint:ml.m5.xlarge", "us-east-1")


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        "{}",
        '{"checked_on": "2026-12-01", "sources": {}, "regions": {"us-east-1": {"bogus:x": [1, "2026-12-01", "s"]}}}',
        '{"checked_on": "2026-12-01", "sources": {"s": "x"}, "regions": {"r": {"bogus:x": [1, "2026-12-01", "s"]}}}',
    ],
)
def test_a_file_of_another_form_is_refused_with_the_command_that_makes_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="is no file of prices; make one with: prices refresh --output"):
        read(path)
