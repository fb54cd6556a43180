"""Every example synthesizes as it stands, passes the limit check, and is short enough to read."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from constructs_lib.testing import assert_least_privilege, assert_no_limit_findings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: str(path.stem))
def test_an_example_passes_the_limit_check_and_allows_no_more_than_it_needs(
    example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    app = runpy.run_path(str(example), run_name="__main__")["app"]
    assert_no_limit_findings(app)
    assert_least_privilege(app)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: str(path.stem))
def test_an_example_has_at_most_60_lines(example: Path) -> None:
    assert len(example.read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: str(path.stem))
def test_an_example_says_how_it_is_deployed(example: Path) -> None:
    assert f'cdk deploy --app "python3 -m examples.{example.stem}"' in example.read_text(encoding="utf-8")
