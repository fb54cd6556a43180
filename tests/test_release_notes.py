"""The notes of a release come from the changelog, and the version stands in one place."""

from __future__ import annotations

import re

import pytest

from constructs_lib.version import VERSION
from scripts import release_notes

CHANGELOG = """# Changelog

## [1.1.0] - 2027-01-01

### Added

- a thing

## [1.0.0] - 2026-12-01

- the first
"""


def test_the_notes_of_a_version_are_what_stands_under_its_heading() -> None:
    assert release_notes.sections(CHANGELOG) == {"1.1.0": "### Added\n\n- a thing", "1.0.0": "- the first"}


def test_the_changelog_has_notes_for_the_version_of_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert release_notes.main([]) == 0
    assert capsys.readouterr().out.startswith("### ")


def test_a_version_that_nobody_wrote_down_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert release_notes.main(["9.9.9"]) == 1
    assert f"no section for '9.9.9'; it has {VERSION}" in capsys.readouterr().err


def test_the_version_is_semantic_and_the_newest_of_the_changelog() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert next(iter(release_notes.sections(release_notes.CHANGELOG.read_text(encoding="utf-8")))) == VERSION
