"""The few questions whose answers decide most, asked one after another; each answer may be left empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from constructs_lib.advisor.files import workload_of
from constructs_lib.advisor.workload import Traffic, Workload
from constructs_lib.errors import InvalidConfiguration

_TRUTHS = {"y": True, "yes": True, "n": False, "no": False}


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one field, asked only ``when`` what was answered before leaves it open."""

    field: str
    text: str
    when: Callable[[Workload], bool] = lambda _: True


def _online(known: Workload) -> bool:
    return known.traffic is not Traffic.SCHEDULED


QUESTIONS = (
    Question("traffic", f"How do requests come: {', '.join(Traffic)}?"),
    Question(
        "records_per_run",
        "How many records does a run work through?",
        lambda known: known.traffic is Traffic.SCHEDULED,
    ),
    Question("latency", "In which time does an answer have to be there, such as 100ms or 5m?", _online),
    Question("payload", "How large is the largest request, such as 20KB or 8MB?"),
    Question("processing_time", "How long does the model work on one request, such as 50ms or 20s?"),
    Question("gpu", "Does it need a GPU, yes or no?"),
    Question("vpc", "Does it have to be in a VPC, yes or no?"),
    Question("cold_start_ok", "May the first answer after a pause take seconds longer, yes or no?", _online),
    Question("requests_per_day", "How many requests come in a day?"),
    Question("models", "How many models are there?"),
    Question(
        "same_framework",
        "Do they share a framework, so that one container holds them, yes or no?",
        lambda known: known.models > 1,
    ),
)


def ask(answer: Callable[[str], str], say: Callable[[str], None]) -> Workload:
    """Ask what is needed; an answer that cannot be read is asked for again, an empty one is not known."""
    say("Leave an answer empty if it is not known.")
    answers: dict[str, bool | str] = {}
    for question in QUESTIONS:
        if question.when(workload_of(answers)):
            _ask(question, answers, answer, say)
    return workload_of(answers)


def _ask(
    question: Question, answers: dict[str, bool | str], answer: Callable[[str], str], say: Callable[[str], None]
) -> None:
    while True:
        given = answer(f"{question.text} ").strip().lower()
        if not given:
            return
        value = _TRUTHS.get(given, given)
        try:
            workload_of(answers | {question.field: value})
        except InvalidConfiguration as error:
            say("; ".join(error.problems))
            continue
        answers[question.field] = value
        return
