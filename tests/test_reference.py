"""The generated pages of the documentation are fresh."""

from __future__ import annotations

import re

import pytest

from constructs_lib.facts.catalog import limits
from constructs_lib.rules import rules
from scripts.reference import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "renew it: python -m scripts.reference"


def ids(name: str) -> set[str]:
    return set(
        re.findall(
            r"^\| (?:<a id=\"[A-Z0-9-]+\"></a>)?`([A-Z0-9-]+)` \|",
            (DOCS / name).read_text(encoding="utf-8"),
            flags=re.MULTILINE,
        )
    )


def test_every_rule_and_every_limit_is_on_its_page() -> None:
    assert ids("rules.md") == set(rules())
    assert ids("limits.md") == {limit.id for limit in limits()}
