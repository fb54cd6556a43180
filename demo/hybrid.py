"""Hybrid: what to watch next, computed for thousands of users at once, and anew for who has watched something since."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.client import BatchFailed, InferenceClient, TimedOut
from demo import batch
from demo.asynchronous import until
from demo.lookups import Answer, Lookups, invoke
from demo.outcome import Check, Outcome, expect_accuracy, expect_equal, median, percentile, share_right
from demo.scoring import CSV

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceHybrid"
TIMED = 20
"""Users that are looked up one by one, for the latency of a stored answer."""
WATCHED = 100
"""How many episodes of one genre somebody has seen this afternoon."""
WARM_UP = 20.0
"""Seconds until the endpoint has to answer within the time of a look-up for the first time."""


@dataclass(frozen=True)
class Asked:
    """The answers: for every user, for one who watched more before and after that, and for two strangers."""

    stored: list[Answer]
    before: Answer
    after: Answer
    again: Answer
    stranger: Answer
    silent: Answer


def serve(aws: LocalAws, outputs: Mapping[str, str], data: DataSet, steps: Steps) -> Outcome:
    """Compute all users' answers, look every one up, then ask for those of whom the batch did not know."""
    hybrid = InferenceClient.for_stack(STACK, session=aws.session())
    endpoint = InferenceClient.for_stack(STACK, prefix="Endpoint", session=aws.session())
    functions, lookup, override = aws.client("lambda"), outputs["LookupFunctionName"], outputs["OverrideFunctionName"]
    users = [f"user-{number}" for number in range(len(data))]
    with ThreadPoolExecutor() as pool:
        # A first call waits for a process to start, which is not what is measured here.
        pool.submit(warm_up, Lookups(functions, lookup), data.lines[0])
        pool.submit(invoke, functions, override, {"override": ["warm-up"]})
        took, problem = computed_in_batch(hybrid, users, data)
    steps.note(f"{len(data)} users: {problem or f'computed and loaded in {took:.1f} s'}")

    told = labels_of(endpoint, data.lines)
    afternoon = after_watching(data.lines[0], told[0])
    lookups = Lookups(functions, lookup)
    asked = ask(lookups, users, data, afternoon, lambda: invoke(functions, override, {"override": users[:1]}))
    steps.note("median of a look-up: " + ", ".join(f"{path} {ms:g} ms" for path, ms in lookups.medians().items()))
    checks = (
        Check("the answers were computed, loaded and switched to", not problem, problem),
        *all_stored(asked.stored, told),
        *watched_more(asked.before, asked.after, asked.again, labels_of(endpoint, [afternoon])[0]),
        answered("a user whom nobody knows", asked.stranger, "computed", "missing", told[1]),
    )
    return outcome_of(asked, lookups, data, checks)


def ask(lookups: Lookups, users: list[str], data: DataSet, afternoon: str, override: Callable[[], object]) -> Asked:
    """Look all users up, some of them alone; then the first one again, after it has watched more, and strangers."""
    stored = [*lookups.ask_all(users), *(lookups.ask(id=user) for user in users[1 : 1 + TIMED])]
    before = lookups.ask(id=users[0])
    override()
    after, again = (lookups.ask(id=users[0], payload=afternoon) for _ in range(2))
    stranger = lookups.ask(id="somebody-new", payload=data.lines[1])
    return Asked(stored, before, after, again, stranger, lookups.ask(id="somebody-new-who-says-nothing"))


def outcome_of(asked: Asked, lookups: Lookups, data: DataSet, checks: tuple[Check, ...]) -> Outcome:
    """The outcome of the checks, and that nothing is made up for a stranger who says nothing."""
    found = [*asked.stored, asked.before, asked.after, asked.again, asked.stranger]
    nothing = expect_equal("no answer for a stranger who says nothing", path_of(asked.silent), ("default", "missing"))
    accuracy = share_right([number_of(answer) for answer in asked.stored[: len(data)]], data.labels)
    return Outcome(
        requests=len(found) + 1,
        succeeded=sum(number_of(answer) is not None for answer in found),
        failed_as_expected=int(nothing.ok),
        accuracy=accuracy,
        median_ms=median(lookups.latencies.get("stored", [])),
        p99_ms=percentile(lookups.latencies.get("stored", []), 99),
        figures={f"median_ms_{path}": milliseconds for path, milliseconds in lookups.medians().items()},
        checks=(*checks, expect_accuracy(accuracy), nothing),
    )


def computed_in_batch(client: InferenceClient, users: list[str], data: DataSet) -> tuple[float, str]:
    """Seconds until the answers of all users are served, and what went wrong, if anything did."""
    rows = [f"{user},{line}\n" for user, line in zip(users, data.lines, strict=True)]
    began = time.monotonic()
    try:
        client.run_batch({"users.csv": "".join(rows)}, content_type=CSV, timeout=batch.TIMEOUT)
    except (BatchFailed, TimedOut) as failure:
        return time.monotonic() - began, str(failure)
    return time.monotonic() - began, ""


def labels_of(client: InferenceClient, lines: Sequence[str]) -> list[int]:
    """What the endpoint itself says of rows."""
    answer = client.predict("\n".join(lines), content_type=CSV, accept=CSV).body
    return [int(label) for label in answer.split()]


def after_watching(line: str, genre: int) -> str:
    """The row of a user who has since watched a lot of a genre."""
    counts = [int(count) for count in line.split(",")]
    counts[genre] += WATCHED
    return ",".join(map(str, counts))


def warm_up(lookups: Lookups, payload: str) -> None:
    """Wait until the function that asks the endpoint has started: its first answer may take longer than a look-up."""
    until(lambda: lookups.ask(id="warm-up", payload=payload)["path"] != "default", WARM_UP)


def all_stored(answers: Sequence[Answer], told: Sequence[int]) -> tuple[Check, Check]:
    """Checks that every answer is from the table, and the one that the endpoint itself gives."""
    elsewhere = [answer["id"] for answer in answers if path_of(answer) != ("stored", None)]
    differ = sum(number_of(answer) != label for answer, label in zip(answers, told, strict=False))
    return (
        expect_equal("users not answered from the table", elsewhere[:3], []),
        expect_equal("stored answers that are not the endpoint's", differ, 0),
    )


def number_of(answer: Answer) -> int | None:
    """The label in an answer; None where there is none."""
    return None if answer["answer"] is None else int(answer["answer"])


def path_of(answer: Answer) -> tuple[str, str | None]:
    """Where an answer came from, and why not from the table."""
    return answer["path"], answer["reason"]


def answered(who: str, answer: Answer, path: str, reason: str | None, expected: int) -> Check:
    """A check that the endpoint's answer came by the right path."""
    return expect_equal(f"{who}: {path}", (*path_of(answer), number_of(answer)), (path, reason, expected))


def watched_more(before: Answer, after: Answer, again: Answer, expected: int) -> tuple[Check, ...]:
    """Checks that a stored answer is served until its user is known to have watched more, and then a new one."""
    who = "a user who watched something new"
    return (
        expect_equal(f"{who}: stored before", path_of(before), ("stored", None)),
        answered(who, after, "computed", "overridden", expected),
        Check(f"{who}: another answer than before", after["answer"] != before["answer"], str(after["answer"])),
        answered(f"{who}, once more", again, "fresh", None, expected),
    )
