"""Every rule is held to its own examples."""

from __future__ import annotations

import pytest

from constructs_lib.rules import judge, rules
from constructs_lib.rules.examples import examples
from constructs_lib.rules.examples.example import Example

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule}-{index}")
    for rule, given in sorted(examples().items())
    for index, example in enumerate(given)
]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_the_passing_example_of_a_rule_is_clean_of_all_rules(rule: str, example: Example) -> None:
    assert judge(example.passes, region=example.region, quotas=example.quotas) == []


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_the_failing_example_of_a_rule_breaks_that_rule_and_no_other(rule: str, example: Example) -> None:
    assert {finding.rule for finding in judge(example.fails, region=example.region, quotas=example.quotas)} == {
        rule,
        *example.also,
    }


def test_every_rule_has_an_example() -> None:
    assert sorted(set(rules()) - set(examples())) == []


def test_every_example_belongs_to_a_rule() -> None:
    assert sorted(set(examples()) - set(rules())) == []
