"""Which requests are a client's own, and when they are looked up. Pure, with the clock in the test's hand."""

from __future__ import annotations

from constructs_lib.client import pending
from constructs_lib.client.pending import Pending


def steady(first: float = 4.0, longest: float = 8.0) -> Pending:
    """Without spread: 0.5 drawn is the middle."""
    return Pending(first, longest, draw=lambda: 0.5)


def looked_up(found: Pending, until: int) -> list[int]:
    """The seconds at which something was due."""
    return [now for now in range(until) if found.take_due(now, 10)]


def test_a_request_is_own_from_its_addition_on_and_stays_so_when_it_is_settled() -> None:
    found = steady()
    assert not found.is_own("a")
    found.add("a")
    found.want(["a"], 0)
    found.settled("a")
    assert found.is_own("a")


def test_memory_of_own_requests_has_an_end() -> None:
    found = steady()
    for number in range(pending._REMEMBERED + 1):
        found.add(str(number))
    assert (found.is_own("0"), found.is_own("1")) == (False, True)


def test_what_is_waited_for_is_looked_up_less_and_less_often() -> None:
    found = steady(first=4, longest=8)
    found.want(["a"], 0)
    assert looked_up(found, 40) == [4, 10, 18, 26, 34]


def test_look_ups_of_many_are_spread() -> None:
    draws = iter([0.0, 1.0])
    found = Pending(4.0, 8.0, draw=lambda: next(draws, 0.5))
    found.want(["a", "b"], 0)
    assert (found.take_due(3, 10), found.take_due(5, 10)) == (["a"], ["b"])


def test_no_more_are_taken_than_wanted_at_once_and_the_rest_stays_due() -> None:
    found = steady()
    found.want(list("abc"), 0)
    taken = [found.take_due(4, 2), found.take_due(4, 2)]
    assert [len(each) for each in taken] == [2, 1]
    assert sorted(taken[0] + taken[1]) == list("abc")
    assert found.until_due(4) > 0


def test_nobody_looks_up_what_nobody_waits_for() -> None:
    found = steady()
    found.want(["a", "b"], 0)
    found.unwant(["a"], 0)
    assert found.take_due(100, 10) == ["b"]
    found.settled("b")
    assert found.is_idle
    assert found.take_due(200, 10) == []


def test_two_who_wait_for_one_are_counted() -> None:
    found = steady()
    first, second = found.want(["a"], 0), found.want(["a"], 1)
    found.unwant(["a"], first)
    assert not found.is_idle
    found.unwant(["a"], second)
    assert found.is_idle


def test_waiting_again_after_it_was_settled_and_left_leaves_nothing_behind() -> None:
    found = steady()
    generation = found.want(["a"], 0)
    found.settled("a")
    found.unwant(["a"], generation)
    assert found.is_idle
    found.want(["a"], 10)
    assert found.take_due(14, 10) == ["a"]


def test_the_time_until_the_next_look_up_is_known() -> None:
    found = steady(first=4)
    found.want(["a"], 10)
    assert (found.until_due(11), found.until_due(14), found.until_due(99)) == (3, 0, 0)


def test_other_intervals_hold_at_once_for_everything() -> None:
    found = steady(first=100, longest=100)
    found.want(["a"], 0)
    found.ask_every(1, 8)
    assert found.take_due(0, 10) == ["a"]
    assert found.take_due(2, 10) == ["a"]


def test_whoever_was_sent_away_does_not_count_off_those_who_came_later() -> None:
    found = steady()
    early = found.want(["a"], 0)
    assert found.take_all() == ["a"]
    assert found.is_idle
    found.want(["a"], 1)
    found.unwant(["a"], early)
    assert found.take_due(10, 10) == ["a"]
