"""Hybrid: what to watch next, computed for thousands of users at once, and anew for who has watched something since."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from constructs_lib.client import BatchFailed, InferenceClient, TimedOut
from demo import batch
from demo.asynchronous import until
from demo.lookups import Answer, Lookups, invoke
from demo.outcome import Check, Outcome, expect_accuracy, expect_equal, percentile, share_right
from demo.scoring import CSV

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceHybrid"
TIMED = 20
"""Users that are looked up one by one, for the latency of a stored answer."""
WATCHED = 100
"""How many episodes of one genre somebody has seen this afternoon."""
STRANGER = "somebody-new"
WARM_UP = 20.0
"""Seconds until the endpoint has to answer within the time of a look-up for the first time."""


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

    lookups = Lookups(functions, lookup)
    stored, told = lookups.ask_all(users), labels_of(endpoint, data.lines)
    afternoon = after_watching(data.lines[0], told[0])
    before, *timed = (lookups.ask(id=user) for user in users[:TIMED])
    invoke(functions, override, {"override": users[:1]})
    after, again = (lookups.ask(id=users[0], payload=afternoon) for _ in range(2))
    new = lookups.ask(id=STRANGER, payload=data.lines[1])
    unknown = lookups.ask(id=f"{STRANGER}-who-says-nothing")
    figures = lookups.medians()
    steps.note("median of a look-up: " + ", ".join(f"{path} {median:g} ms" for path, median in figures.items()))

    answers = [number_of(each) for each in stored]
    accuracy = share_right(answers, data.labels)
    nothing = expect_equal("no answer for a stranger who says nothing", path_of(unknown), ("default", "missing"))
    asked = [*stored, before, *timed, after, again, new]
    return Outcome(
        requests=len(asked) + 1,
        succeeded=sum(number_of(each) is not None for each in asked),
        failed_as_expected=int(nothing.ok),
        accuracy=accuracy,
        median_ms=figures.get("stored"),
        p99_ms=percentile(lookups.latencies.get("stored", []), 99),
        figures={f"median_ms_{path}": median for path, median in figures.items()},
        checks=(
            Check("the answers were computed, loaded and switched to", not problem, problem),
            expect_equal("users answered from the table", sum(each["path"] == "stored" for each in stored), len(users)),
            Check("stored answers are the endpoint's own", answers == told, "they differ"),
            expect_accuracy(accuracy),
            *watched_more(before, after, again, labels_of(endpoint, [afternoon])[0]),
            answered("a user whom nobody knows", new, "computed", "missing", told[1]),
            nothing,
        ),
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
