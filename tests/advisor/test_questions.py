"""The few questions of ``recommend --ask``."""

from __future__ import annotations

from collections.abc import Callable

from constructs_lib.advisor import Traffic, Workload
from constructs_lib.advisor.questions import QUESTIONS, ask


def answering(*answers: str) -> tuple[Callable[[str], str], list[str]]:
    """Someone who gives these answers, then none; and all that was asked."""
    given, asked = iter(answers), []

    def answer(question: str) -> str:
        asked.append(question)
        return next(given, "")

    return answer, asked


def quiet(_: str) -> None:
    """Nobody reads along."""


def test_answers_become_the_workload() -> None:
    answer, _ = answering("spiky", "10s", "8MB", "3s", "no", "no", "yes", "1,000", "1")
    assert ask(answer, quiet) == Workload(
        traffic=Traffic.SPIKY,
        latency=10,
        payload=8 * 1024 * 1024,
        processing_time=3,
        cold_start_ok=True,
        requests_per_day=1000,
    )


def test_nothing_has_to_be_answered() -> None:
    answer, asked = answering()
    assert ask(answer, quiet) == Workload()
    assert len(asked) <= 10


def test_a_schedule_is_asked_for_its_records_and_not_for_a_latency() -> None:
    answer, asked = answering("scheduled", "5000")
    assert ask(answer, quiet).records_per_run == 5000
    assert not any("have to be there" in question for question in asked)


def test_one_model_is_not_asked_for_a_framework() -> None:
    assert not any("framework" in question for question in answering_models("1"))
    assert any("framework" in question for question in answering_models("3"))


def answering_models(count: str) -> list[str]:
    before = sum(question.field != "records_per_run" for question in QUESTIONS) - 2
    answer, asked = answering(*[""] * before, count)
    ask(answer, quiet)
    return asked


def test_an_answer_that_cannot_be_read_is_asked_for_again() -> None:
    answer, asked = answering("wild", "steady")
    said: list[str] = []
    assert ask(answer, said.append).traffic is Traffic.STEADY
    assert asked[0] == asked[1]
    assert any("traffic must be one of" in text for text in said)
