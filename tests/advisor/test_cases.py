"""The advice agrees with published questions and worked examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from constructs_lib.advisor import recommend
from constructs_lib.advisor.files import workload_of

_CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text("utf-8"))
_SHARE = 0.95


def answer(case: dict[str, Any]) -> tuple[str, str | None]:
    """The way of serving, and the form where the case is about that too."""
    found = recommend(workload_of(case["workload"]))
    return found.strategy.value, found.form.value if "form" in case else None


def published(case: dict[str, Any]) -> tuple[str, str | None]:
    return case["answer"], case.get("form")


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["about"])
def test_a_published_answer_comes_out_or_it_is_said_why_not(case: dict[str, Any]) -> None:
    assert (answer(case) == published(case)) is not ("differs" in case), answer(case)


def test_at_least_95_percent_of_the_published_answers_come_out(capsys: pytest.CaptureFixture[str]) -> None:
    right = sum(answer(case) == published(case) for case in _CASES)
    with capsys.disabled():
        print(f"\npublished cases that come out as published: {right} of {len(_CASES)}, {right / len(_CASES):.1%}")
    assert len(_CASES) >= 40
    assert right / len(_CASES) >= _SHARE


def test_every_case_names_its_source() -> None:
    assert [case["about"] for case in _CASES if not case.get("source")] == []
