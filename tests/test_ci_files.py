"""The pipelines that people copy: they hold commands that exist, with options that exist, and pinned actions."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from constructs_lib.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
GITHUB = ROOT / ".github" / "workflows" / "stacks.yml"
GITLAB = ROOT / "docs" / "ci" / "gitlab-ci.yml"
STEPS = ("synth", "check", "local deploy", "diff", "pytest")


def lines_of(node: object) -> Iterator[str]:
    """Every line of every script, wherever it stands."""
    if isinstance(node, str):
        yield from node.splitlines()
    elif isinstance(node, dict):
        for value in node.values():
            yield from lines_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from lines_of(value)


def commands(path: Path) -> list[str]:
    lines = lines_of(yaml.safe_load(path.read_text(encoding="utf-8")))
    return [line.strip() for line in lines if re.match(r"\s*(python -m constructs_lib|npx cdk|pytest)\b", line)]


@cache
def help_of(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "constructs_lib", *command, "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", [GITHUB, GITLAB], ids=["github", "gitlab"])
def test_a_pipeline_takes_every_step(path: Path) -> None:
    found = "\n".join(commands(path))
    assert [step for step in STEPS if step not in found] == []


@pytest.mark.parametrize("path", [GITHUB, GITLAB], ids=["github", "gitlab"])
def test_a_pipeline_uses_commands_and_options_that_exist(path: Path) -> None:
    for line in commands(path):
        words = shlex.split(line.partition(" > ")[0])
        if words[:3] != ["python", "-m", "constructs_lib"]:
            continue
        command = words[3:5] if words[3] == "local" else words[3:4]
        assert words[3] in COMMANDS
        assert [word for word in words if word.startswith("--") and word not in help_of(*command)] == [], line


def test_the_workflows_pin_their_actions_by_commit_and_say_which_version_that_is() -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    uses = [line for path in workflows for line in re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))]
    assert uses
    assert [use for use in uses if not re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


def test_a_workflow_may_write_only_where_it_says_why() -> None:
    grants = re.findall(r"^ +([\w-]+): write(.*)$", GITHUB.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for name, _ in grants} == {"id-token", "security-events"}
    assert all(reason.startswith(" # to ") for _, reason in grants)


def test_the_page_shows_the_files_themselves() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    assert f'--8<-- "{GITHUB.relative_to(ROOT)}"' in page
    assert f'--8<-- "{GITLAB.relative_to(ROOT)}"' in page
