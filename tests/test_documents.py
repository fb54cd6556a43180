"""What README and guides show is true: Python runs, commands and options exist, links have a form that can be right."""

from __future__ import annotations

import ast
import inspect
import io
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import pytest

from constructs_lib.__main__ import COMMANDS, main
from constructs_lib.client import InferenceClient

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("**/*.md"))]
TEXT = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
_FENCE = re.compile(r"^ *```(\w+)(.*)\n((?:.*\n)*?) *```$", re.MULTILINE)
_COMMAND = re.compile(r"python -m constructs_lib(?: +|$)([^`\n]*)")
# Where Python is run by another test, which knows what it needs.
_ELSEWHERE = {"README.md": "py", "docs/client.md": "py", "docs/start.md": "python title"}
_NOT_PYTHON = {"text", "yaml", "json", "bash", "dockerfile"}


def python_of(page: str) -> list[str]:
    """The Python blocks of a page, in their order."""
    return [code for kind, rest, code in _FENCE.findall(TEXT[page]) if (kind, rest) == ("python", "")]


@pytest.mark.parametrize("page", [page for page in TEXT if python_of(page)])
def test_the_python_of_a_page_runs_from_top_to_bottom(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for number, code in enumerate(python_of(page)):
        exec(compile(code, f"{page}, block {number + 1}", "exec"), names)


def test_no_block_of_python_is_left_out() -> None:
    """Neither by another name of the language, nor by indentation alone. A file that is shown is run where it lies."""
    for page, text in TEXT.items():
        for kind, rest, code in _FENCE.findall(text):
            shown = re.fullmatch(r'\s*--8<-- "(.+)"\s*', code)
            title = rest.partition("=")[0]
            known = kind in _NOT_PYTHON or f"{kind}{title}" in ("python", _ELSEWHERE.get(page))
            assert (ROOT / shown[1]).exists() if shown else known or _is_a_call_of_the_client(code), f"{page}: {code}"
        indented = r"^    (?:from [\w.]+ import|import \w+|\w+ = \w+[.(]).*$"
        assert re.findall(indented, _FENCE.sub("", text), re.MULTILINE) == [], page


def _is_a_call_of_the_client(code: str) -> bool:
    """A line that shows a call, with arguments that the client takes; docs/client.md has those that are run."""
    for line in ast.parse(code).body:
        if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)):
            return False
        called = line.value
        if not (isinstance(called.func, ast.Attribute) and ast.unparse(called.func.value) == "client"):
            return False
        names = {word.arg: None for word in called.keywords if word.arg}
        inspect.signature(getattr(InferenceClient, called.func.attr)).bind(None, *called.args, **names)
    return True


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command of ours that a page names, as words, and where it stands."""
    for page, text in TEXT.items():
        if page == "docs/changelog.md":
            continue  # what was, and need not be any more
        for line in _COMMAND.findall(text):
            words = _words(line)
            if words and words[0] != "COMMAND":
                yield page, words


def _words(line: str) -> list[str]:
    """The words of a command up to a pipe, a comment, or the end of the sentence that it stands in."""
    command = re.split(r"\s(?:#|>|<|\||&&|;|and )|\.\.\.", line)[0]
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


@cache
def help_of(*command: str) -> str:
    """What a command prints of its options."""
    with redirect_stdout(io.StringIO()) as printed, pytest.raises(SystemExit):
        main([*command, "--help"])
    return printed.getvalue()


@pytest.mark.parametrize("page", sorted({page for page, _ in commands()}))
def test_a_page_names_commands_and_options_that_exist(page: str) -> None:
    found = [words for where, words in commands() if where == page]
    assert found
    for words in found:
        options = [word.strip("[]").partition("=")[0] for word in words if word.strip("[").startswith("--")]
        for name in words[0].split("|"):
            assert name in COMMANDS, words
            parts = words[1].split("|") if name == "local" and len(words) > 1 else [""]
            for part in parts:
                shown = help_of(*filter(None, (name, part)))
                assert [option for option in options if option not in shown] == [], words


def test_a_page_names_make_targets_that_exist() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for text in TEXT.values() for name in re.findall(r"(?:`|^    )make ([a-z]+)", text, re.MULTILINE)}
    assert named
    assert named <= set(phony.split())


def test_a_page_names_examples_that_exist() -> None:
    named = {
        name for text in TEXT.values() for name in re.findall(r"\bexamples(?:\.|/(?=[a-z_]+\.py))([a-z_]+)\b", text)
    }
    assert [name for name in sorted(named) if not (ROOT / "examples" / f"{name}.py").exists()] == []


def test_a_table_of_examples_names_what_is_there() -> None:
    """The last column of the real-time guide, where a row is an app."""
    named = re.findall(r"^\|.*\| `(\w+)` \|$", TEXT["docs/realtime.md"], re.MULTILINE)
    assert len(named) > 5
    assert [name for name in named if not (ROOT / "examples" / f"{name}.py").exists()] == []


def test_a_link_to_elsewhere_has_the_form_of_one() -> None:
    """Whether there is something is not asked here: tests need no network."""
    links = {link for text in TEXT.values() for link in re.findall(r"(?:\]\(|<)(\w+:[^)>\s]+)[)>]", text)}
    assert len(links) > 50
    host = r"(?:[a-z0-9-]+\.)+[a-z]{2,}"
    assert [link for link in sorted(links) if not re.fullmatch(rf"https://{host}(?:/[^\s<>\"']*)?", link)] == []


def test_a_link_of_a_page_outside_of_the_site_leads_to_a_file() -> None:
    """Those inside are checked, with their anchors, when the site is built."""
    for page in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\((?!\w+:)([^)#\s]+)", TEXT[page]):
            assert (ROOT / link).exists(), f"{page}: {link}"
