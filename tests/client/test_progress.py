"""The bar, and who is told of progress."""

from __future__ import annotations

import io
import sys

import pytest

from constructs_lib.client import Progress
from constructs_lib.client.progress import Bar, teller


class Terminal(io.StringIO):
    """Standard error as people see it."""

    def isatty(self) -> bool:
        return True


def test_the_bar_is_drawn_over_itself_and_ends_its_line_with_the_last_part() -> None:
    out = io.StringIO()
    bar = Bar(out)
    bar(Progress(what="results", done=1, total=3))
    bar(Progress(what="results", done=3, total=3, failed=1))
    assert out.getvalue() == (f"\rresults [{'#' * 10}{'.' * 20}] 1/3\rresults [{'#' * 30}] 3/3, 1 failed\n")


def test_a_bar_of_nothing_is_full() -> None:
    out = io.StringIO()
    Bar(out)(Progress(what="results", done=0, total=0))
    assert out.getvalue().endswith("0/0\n")


@pytest.mark.parametrize(("wanted", "err", "drawn"), [(True, Terminal, True), (True, io.StringIO, False)])
def test_a_bar_is_drawn_on_a_terminal_alone(
    wanted: bool, err: type[io.StringIO], drawn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = err()
    monkeypatch.setattr(sys, "stderr", out)
    teller(wanted)(Progress(what="results", done=1, total=2))
    assert bool(out.getvalue()) is drawn


def test_nothing_is_drawn_when_it_is_not_wanted_and_a_function_is_told_instead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, told = Terminal(), list[Progress]()
    monkeypatch.setattr(sys, "stderr", out)
    for progress in (False, told.append):
        teller(progress)(Progress(what="results", done=1, total=2))
    assert out.getvalue() == ""
    assert told == [Progress(what="results", done=1, total=2)]
