"""A request has one submitter at a time, is not submitted again once it was, and is never left without one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from async_submit.claims import Claim, Claims, InProgress, Submitted
from tests.handlers.fakes import FakeS3

RECEIPT = {"InferenceId": "id-1"}
SECONDS = 40


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def s3() -> FakeS3:
    return FakeS3()


@pytest.fixture
def claims(s3: FakeS3, clock: Clock) -> Claims:
    return Claims(s3, bucket="outputs", prefix="submitted/", seconds=SECONDS, clock=clock)


def taken(claims: Claims) -> Claim:
    held = claims.take("id-1")
    assert isinstance(held, Claim)
    return held


def test_a_claim_is_an_object_of_its_own_below_the_prefix(claims: Claims, s3: FakeS3) -> None:
    taken(claims)
    assert list(s3.objects) == ["submitted/id-1.json"]


def test_a_claimed_request_is_not_claimed_again_until_the_claim_runs_out(claims: Claims, clock: Clock) -> None:
    taken(claims)
    clock.now += SECONDS - 1
    with pytest.raises(InProgress):
        claims.take("id-1")
    clock.now += 1
    assert isinstance(claims.take("id-1"), Claim)


def test_a_released_request_is_claimed_at_once(claims: Claims) -> None:
    claims.release(taken(claims))
    assert isinstance(claims.take("id-1"), Claim)


def test_a_submitted_request_keeps_its_receipt_for_ever(claims: Claims, clock: Clock) -> None:
    claims.confirm(taken(claims), RECEIPT)
    clock.now += 10 * SECONDS
    assert claims.take("id-1") == Submitted(RECEIPT)


def test_of_many_at_once_one_gets_it(claims: Claims) -> None:
    def attempt(_: int) -> bool:
        try:
            return isinstance(claims.take("id-1"), Claim)
        except InProgress:
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(64))) == 1


def test_of_many_that_take_over_a_dead_claim_one_gets_it(claims: Claims, clock: Clock) -> None:
    taken(claims)
    clock.now += SECONDS
    test_of_many_at_once_one_gets_it(claims)


@pytest.mark.parametrize("act", ["confirm", "release"])
def test_whose_claim_was_taken_over_changes_nothing(claims: Claims, clock: Clock, act: str) -> None:
    late = taken(claims)
    clock.now += SECONDS
    taken(claims)
    with pytest.raises(InProgress):
        claims.confirm(late, RECEIPT) if act == "confirm" else claims.release(late)
    with pytest.raises(InProgress):
        claims.take("id-1")


def test_a_write_at_the_same_moment_is_one_in_progress(claims: Claims, s3: FakeS3) -> None:
    held = taken(claims)
    s3.fail_next = "ConditionalRequestConflict"
    with pytest.raises(InProgress):
        claims.confirm(held, RECEIPT)


def test_what_else_s3_answers_is_not_swallowed(claims: Claims, s3: FakeS3) -> None:
    s3.fail_next = "AccessDenied"
    with pytest.raises(ClientError, match="AccessDenied"):
        claims.take("id-1")
