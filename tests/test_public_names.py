"""What other people import: frozen in a list, listed in the documentation, typed, and cheap to import."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FROZEN = Path(__file__).with_name("public_names.txt")
PACKAGES = (
    "constructs_lib",
    "constructs_lib.advisor",
    "constructs_lib.client",
    "constructs_lib.local",
    "constructs_lib.testing",
)
TIMED = """
import sys, time
begin = time.perf_counter()
import {first}
middle = time.perf_counter()
import {second}
end = time.perf_counter()
print(middle - begin, end - middle, "aws_cdk" in sys.modules or "jsii" in sys.modules)
"""


def public_names() -> list[str]:
    names = ((package, importlib.import_module(package).__all__) for package in PACKAGES)
    return [f"{package}.{name}" for package, listed in names for name in sorted(listed)]


def documented_names() -> list[str]:
    pages = "".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs/api").glob("*.md")))
    return re.findall(r"^::: (\S+)$", pages, re.MULTILINE)


def test_the_public_names_are_those_of_the_frozen_list() -> None:
    frozen = FROZEN.read_text(encoding="utf-8").split()
    assert public_names() == frozen, "a new name goes into public_names.txt; one that goes breaks people: see CHANGELOG"


def test_every_public_name_can_be_imported() -> None:
    package = importlib.import_module("constructs_lib")
    homes = {name: getattr(package, name).__module__ for name in package.__all__ if name != "__version__"}
    assert [name for name, home in homes.items() if not home.startswith("constructs_lib.")] == []


def test_every_public_name_stands_in_the_documentation_of_the_api_once() -> None:
    # What two packages share is documented with the one that makes it.
    shared = {f"constructs_lib.client.{name}" for name in ("InferenceError", "InvalidConfiguration")}
    expected = {name for name in public_names() if not name.endswith(".__version__")} - shared
    assert sorted(documented_names()) == sorted(expected)


def test_every_page_of_the_api_stands_in_its_table() -> None:
    folder = ROOT / "docs/api"
    table = re.findall(
        r"^\| \[[^]]+\]\(([a-z]+)\.md\) \|", (folder / "index.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(table) == sorted({page.stem for page in folder.glob("*.md")} - {"index"})


def seconds(first: str, second: str) -> tuple[float, float, bool]:
    script = TIMED.format(first=first, second=second)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    before, after, starts_node = done.stdout.split()
    return float(before), float(after), starts_node == "True"


@pytest.mark.parametrize("package", ["constructs_lib", "constructs_lib.client", "constructs_lib.advisor"])
def test_what_is_imported_besides_boto3_takes_no_longer_than_boto3_and_starts_no_node(package: str) -> None:
    tries = [seconds("boto3", package) for _ in range(3)]  # the best of three: other work may disturb any of them
    assert min(own for _, own, _ in tries) <= max(boto3 for boto3, _, _ in tries)
    assert not any(starts_node for *_, starts_node in tries)
