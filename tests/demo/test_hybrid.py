"""The hybrid way against functions that misbehave: the demo has to see what is not as it should be."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from constructs_lib.client import BatchFailed, InferenceClient, TimedOut
from demo.dataset import DataSet
from demo.hybrid import Asked, after_watching, all_stored, answered, computed_in_batch, outcome_of, watched_more
from demo.lookups import MOST, LookupFailed, Lookups, invoke
from demo.outcome import Outcome


class Functions:
    """A Lambda client whose function answers every id from the table, unless told what else to answer."""

    def __init__(self, answer: object = None, **members: str) -> None:
        self.answer = answer
        self.members = members
        self.asked: list[Any] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        del FunctionName
        requests = json.loads(Payload)["requests"]
        self.asked.append(requests)
        answer = self.answer or {"answers": [{"id": each["id"], "path": "stored"} for each in requests]}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **self.members}


def test_many_users_are_asked_for_in_as_few_requests_as_allowed_and_answered_in_order() -> None:
    functions, users = Functions(), [f"user-{number}" for number in range(2 * MOST + 1)]
    answers = Lookups(functions, "f").ask_all(users)
    assert [answer["id"] for answer in answers] == users
    assert [len(asked) for asked in functions.asked] == [MOST, MOST, 1]


def test_the_latencies_of_single_look_ups_are_kept_by_path() -> None:
    lookups = Lookups(Functions(), "f")
    lookups.ask_all(["a"])
    assert lookups.medians() == {}
    lookups.ask(id="a")
    assert list(lookups.medians()) == ["stored"]


@pytest.mark.parametrize("functions", [Functions({"error": "no"}), Functions({"no": 1}, FunctionError="Unhandled")])
def test_a_function_that_fails_or_refuses_is_an_error_with_its_words(functions: Functions) -> None:
    with pytest.raises(LookupFailed, match="no"):
        invoke(functions, "f", {"requests": []})


def answer(path: str, reason: str | None, label: str | None) -> dict[str, Any]:
    return {"path": path, "reason": reason, "answer": label}


@pytest.mark.parametrize(
    ("found", "ok"),
    [
        (answer("computed", "missing", "3"), True),
        (answer("computed", "missing", "4"), False),
        (answer("stored", None, "3"), False),
        (answer("computed", "stale", "3"), False),
        (answer("computed", "missing", None), False),
    ],
)
def test_an_answer_counts_only_by_its_own_path_for_its_own_reason(found: dict[str, Any], ok: bool) -> None:
    assert answered("who", found, "computed", "missing", 3).ok is ok


def test_every_answer_must_come_from_the_table_and_be_the_endpoint_s() -> None:
    good = [{"id": "a", **answer("stored", None, "1")}, {"id": "b", **answer("stored", None, "2")}]
    assert all(check.ok for check in all_stored(good, [1, 2]))
    assert [check.ok for check in all_stored(good, [1, 3])] == [True, False]
    late = [good[0], {"id": "b", **answer("default", "missing", None)}]
    assert [check.ok for check in all_stored(late, [1, 2])] == [False, False]


def test_an_answer_made_up_for_a_stranger_who_says_nothing_is_seen() -> None:
    one = answer("stored", None, "1")
    lookups = Lookups(Functions(), "f")

    def found(silent: dict[str, Any]) -> Outcome:
        return outcome_of(Asked([one], one, one, one, one, silent), lookups, DataSet(("1",), (1,)), ())

    assert found(answer("default", "missing", None)).ok
    assert not found(answer("computed", "missing", "1")).ok
    assert (found(one).requests, found(one).succeeded, found(one).failed_as_expected) == (6, 5, 0)


def test_a_stored_answer_is_wrong_for_who_has_watched_since() -> None:
    before, after, again = (
        answer("stored", None, "1"),
        answer("computed", "overridden", "2"),
        answer("fresh", None, "2"),
    )
    assert all(check.ok for check in watched_more(before, after, again, 2))
    assert not all(check.ok for check in watched_more(before, before, again, 2))
    assert not all(check.ok for check in watched_more(before, after, before, 2))
    # The endpoint says the same as before: then nothing is shown.
    same = answer("computed", "overridden", "1"), answer("fresh", None, "1")
    assert not all(check.ok for check in watched_more(before, *same, 1))


def test_watching_adds_to_one_genre_alone() -> None:
    assert after_watching("1,0,7", 1) == "1,100,7"


def test_the_batch_gets_a_row_of_each_user_with_the_id_first() -> None:
    inputs: dict[str, str] = {}

    def run_batch(given: dict[str, str], **_: object) -> None:
        inputs.update(given)

    client = cast(InferenceClient, SimpleNamespace(run_batch=run_batch))
    assert computed_in_batch(client, ["a", "b"], DataSet(("1,2", "3,4"), (0, 1)))[1] == ""
    assert inputs == {"users.csv": "a,1,2\nb,3,4\n"}


@pytest.mark.parametrize("error", [BatchFailed("arn", "FAILED", "E", "no"), TimedOut("no")])
def test_a_batch_that_fails_is_told_with_its_reason(error: Exception) -> None:
    def run_batch(*_: object, **__: object) -> None:
        raise error

    client = cast(InferenceClient, SimpleNamespace(run_batch=run_batch))
    assert "no" in computed_in_batch(client, ["a"], DataSet(("1",), (0,)))[1]
