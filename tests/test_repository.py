"""What must hold for the files of the repository as a whole."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
MADE = {
    ".git",
    ".venv",
    "node_modules",
    "cdk.out",
    "site",
    "dist",
    "__pycache__",
    ".audit",
    ".bench",
    ".demo",
    ".local",
}
CACHES = {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "data"}
TEXT = {".py", ".md", ".toml", ".txt", ".in", ".json", ".yml", ".yaml", ".sh", ".cfg", ""}
# Put together here, so that this file does not hold what it looks for.
REGISTRIES = re.compile(
    "|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(org|com)", "yarn" + r"pkg\.com"])
)
MACHINE_PATHS = re.compile(r"(?<![\w.}*/-])/(?:root|home|Users|work)/[\w.-]")
REQUIRED = [
    ".checkov.yaml",
    ".ci/run",
    ".editorconfig",
    ".gitattributes",
    ".github/workflows/audit.yml",
    ".github/workflows/ci.yml",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "app.py",
    "cdk.json",
    "constructs_lib/py.typed",
    "package-lock.json",
    "package.json",
    "pyproject.toml",
    "requirements-audit.in",
    "requirements-audit.txt",
    "requirements-checkov.in",
    "requirements-checkov.txt",
    "requirements-dev.in",
    "requirements-dev.txt",
    "requirements.txt",
]


def text_files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in MADE | CACHES]
        yield from (Path(folder, name) for name in names if Path(name).suffix in TEXT and name != ".setup.lock")


def lines_that_match(pattern: re.Pattern[str], paths: Iterator[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def requirements(name: str) -> list[Requirement]:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "")
    lines = (line.partition("#")[0].partition("--hash")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line]


def project() -> dict[str, object]:
    parsed: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return parsed


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_file_is_there(name: str) -> None:
    assert (ROOT / name).is_file()


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert lines_that_match(REGISTRIES, text_files()) == []


def test_no_file_holds_a_path_of_one_machine() -> None:
    assert lines_that_match(MACHINE_PATHS, text_files()) == []


@pytest.mark.parametrize("line", ["see /{}/ann/x", '"/{}/.cache"', "cd /{}/bob"])
@pytest.mark.parametrize("top", ["home", "root", "Users"])
def test_a_path_of_one_machine_is_recognised(line: str, top: str) -> None:
    assert MACHINE_PATHS.search(line.format(top))


@pytest.mark.parametrize("line", ["https://example.com/home/x", "./work/x", "{base}/root/x", "/opt/ml/model"])
def test_other_paths_are_not_taken_for_one(line: str) -> None:
    assert not MACHINE_PATHS.search(line)


def test_the_text_files_are_found() -> None:
    names = {str(path.relative_to(ROOT)) for path in text_files()}
    assert {"README.md", "Makefile", ".ci/run", "constructs_lib/errors.py", "tests/test_repository.py"} <= names


def test_every_rule_that_ruff_ignores_has_its_reason_beside_it() -> None:
    source = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lists = re.findall(r'^(?:ignore|"[^"]+") = \[\n(.*?)^\]', source, flags=re.MULTILINE | re.DOTALL)
    rows = [row for block in lists for row in block.splitlines()]
    assert rows
    assert [row for row in rows if not re.search(r'"[A-Z]+\d+",\s+# \S.{8,}', row)] == []


def test_every_noqa_in_the_code_names_its_rule_and_its_reason() -> None:
    bare = re.compile(r"# noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)*\s.*\w{3,})")
    code = (path for path in text_files() if path.suffix == ".py" and path != Path(__file__))
    assert lines_that_match(bare, code) == []


def test_ci_runs_check_and_demo_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    lines = script.read_text(encoding="utf-8").splitlines()
    assert os.access(script, os.X_OK)
    assert lines[:2] == ["#!/usr/bin/env bash", "set -euo pipefail"]
    commands = [line for line in lines[2:] if line.strip() and not line.startswith(("#", "cd "))]
    assert commands == ["make check", "make demo"]


def test_the_workflow_runs_the_ci_script_with_pinned_actions() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert re.findall(r"run: (.+)", workflow) == [".ci/run"]
    uses = re.findall(r"uses: (\S+)", workflow)
    assert uses
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in uses)


def test_requirements_txt_is_what_the_distribution_depends_on() -> None:
    dependencies = project()["dependencies"]
    assert isinstance(dependencies, list)
    assert {str(row) for row in requirements("requirements.txt")} == {str(Requirement(row)) for row in dependencies}


PINS = ["requirements-dev.txt", "requirements-audit.txt", "requirements-checkov.txt"]


@pytest.mark.parametrize("name", PINS)
def test_every_package_of_an_environment_is_pinned_exactly(name: str) -> None:
    rows = requirements(name)
    assert len(rows) > 40
    assert [str(row) for row in rows if [part.operator for part in row.specifier] != ["=="]] == []


@pytest.mark.parametrize("name", PINS)
def test_every_pin_has_the_hashes_of_its_files(name: str) -> None:
    pins = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    assert [pin for pin in pins if not pin.startswith("#") and "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("ranges", ["requirements.txt", "requirements-dev.in"])
def test_the_pins_are_within_the_ranges(ranges: str) -> None:
    pins = {row.name.lower(): next(iter(row.specifier)).version for row in requirements("requirements-dev.txt")}
    assert [str(row) for row in requirements(ranges) if not row.specifier.contains(pins[row.name.lower()])] == []


def test_the_local_extra_takes_the_ministack_that_is_tested() -> None:
    extras = project()["optional-dependencies"]
    assert isinstance(extras, dict)
    assert extras["local"] == [str(row) for row in requirements("requirements-dev.txt") if row.name == "ministack"]


def test_the_cdk_command_line_is_pinned_exactly_to_2_x_and_locked() -> None:
    version = json.loads((ROOT / "package.json").read_text())["devDependencies"]["aws-cdk"]
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert re.fullmatch(r"2\.\d+\.\d+", version)
    assert lock["node_modules/aws-cdk"]["version"] == version
