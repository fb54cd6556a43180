"""Every error that the library can raise, provoked: where it comes from is found by machine, its form is held."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from constructs_lib.client.errors import BatchFailed, InferenceFailed, LookupFailed, TimedOut
from constructs_lib.errors import InferenceError, InvalidConfiguration
from constructs_lib.facts.catalog import limits
from constructs_lib.preflight.account import Denied
from constructs_lib.templates.files import Unreadable
from tests.errors import constructs, options, tools
from tests.errors.sites import Reached, sites, watched

CATALOGUE: Mapping[str, options.Provocation] = {
    **options.OPTIONS,
    **options.PARTS,
    **constructs.MODELS,
    **constructs.ENDPOINTS,
    **constructs.PATTERNS,
    **constructs.KINDS,
    **tools.CLIENT,
    **tools.ADVISOR,
    **tools.TOOLS,
    **tools.LOCAL,
    **tools.SETTINGS,
}
# What a check notes ends with the row of the facts that it comes from.
_NOTED = re.compile(r"(?P<problem>.+) \((?P<id>[A-Z0-9]+(-[A-Z0-9]+)*): (?P<source>.+)\)")
# What to do stands behind a semicolon, or is the alternative that the sentence ends with.
_REMEDY = re.compile(r"; |, or |\bmust |\bis written like|\bgive |\bno attribute")
# These pass on what somebody else says: a model, a function, AWS, a parser. They say who it was.
_PASSED_ON = (BatchFailed, Denied, InferenceFailed, LookupFailed, TimedOut, Unreadable)


@cache
def provoked() -> tuple[Mapping[str, Exception], Reached]:
    """What each provocation raised, and the places that were reached."""
    found: dict[str, Exception] = {}
    reached = Reached()
    with watched(reached):
        for name, provoke in CATALOGUE.items():
            try:
                provoke()
            except Exception as error:  # noqa: BLE001 - which kinds there are is what is tested
                reached.note_raised(error)
                found[name] = error
    return found, reached


def texts_of(error: Exception) -> Iterator[str]:
    yield from error.problems if isinstance(error, InvalidConfiguration) else [str(error)]


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_error_is_in_lower_case_and_names_value_bound_remedy_and_source(name: str) -> None:
    error = provoked()[0].get(name)
    assert isinstance(error, (InferenceError, ValueError, TypeError, OSError, AttributeError)), error
    sources = {limit.id: limit.source for limit in limits()}
    for text in texts_of(error):
        assert "\n" not in text
        assert not text[0].isupper() or text.startswith("Errors/"), text  # which is what a construct is called
        noted = _NOTED.fullmatch(text)
        if noted:
            assert sources[noted["id"]] == noted["source"], text
            assert "; " in noted["problem"] or ", or " in noted["problem"], f"no remedy: {text}"
        elif not isinstance(error, _PASSED_ON):
            assert _REMEDY.search(text), f"no remedy: {text}"


def test_what_a_check_notes_has_its_row() -> None:
    problems = [text for error in provoked()[0].values() for text in texts_of(error)]
    assert sum(_NOTED.fullmatch(text) is not None for text in problems) > len(problems) / 2


def test_every_place_where_an_error_comes_from_is_provoked() -> None:
    _, reached = provoked()
    missing = [str(site) for site in sites() if not reached.at(site)]
    assert missing == [], "provoke them in the catalogue"
