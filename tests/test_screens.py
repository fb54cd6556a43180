"""The screens of the documentation are what the commands print."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from demo.session import WAYS
from scripts.screens import IMAGES, check_screen, demo_screen, svg

TEXT = "{http://www.w3.org/2000/svg}text"


def lines(picture: str) -> list[str]:
    return [row.text or "" for row in ElementTree.fromstring(picture).iter(TEXT)]


def report(ways: set[str], *, ok: bool = True) -> dict[str, object]:
    outcome = {"ok": ok, "checks": [{"what": "answered", "ok": ok, "found": ""}], "requests": 7}
    return {"ok": ok, "strategies": dict.fromkeys(ways, outcome)}


def test_the_screen_of_the_check_is_fresh() -> None:
    fresh = (IMAGES / "check.svg").read_text(encoding="utf-8") == check_screen()
    assert fresh, "renew it: python -m scripts.screens"


def test_the_screen_of_the_demo_has_a_line_for_each_way_of_serving() -> None:
    rows = lines((IMAGES / "demo.svg").read_text(encoding="utf-8"))
    assert {row.split()[0] for row in rows[3:]} == set(WAYS)
    assert all(row.endswith(" ok") for row in rows[3:])


def test_a_demo_that_left_something_out_or_failed_makes_no_screen() -> None:
    assert demo_screen(report(set(WAYS))) is not None
    assert demo_screen(report(set(WAYS) - {"hybrid"})) is None
    assert demo_screen(report(set(WAYS), ok=False)) is None


@pytest.mark.parametrize("text", ["a < b & c", "  indented", "x " * 200])
def test_a_screen_shows_the_text_whatever_it_holds(text: str) -> None:
    assert " ".join(" ".join(lines(svg("command", text))[1:]).split()) == " ".join(text.split())
