"""Imports go down only, and what lies below the CDK's floor never imports it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.floors import faults, files, imports, part_of

ROOT = Path(__file__).resolve().parent.parent
STANDARD = frozenset(sys.stdlib_module_names)


def house(root: Path, **sources: str) -> Path:
    """A made-up repository: `a__b="..."` becomes the file a/b.py."""
    for name, source in sources.items():
        path = root.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return root


def test_every_import_of_the_repository_goes_down() -> None:
    assert faults(ROOT, STANDARD) == []


def test_the_walk_finds_the_repository() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in files(ROOT)}
    assert {"constructs_lib", "stacks", "demo", "benchmarks", "containers", "app.py"} <= tops


def test_the_longest_name_decides_the_part() -> None:
    assert part_of("constructs_lib.local.api.runtime") == "constructs_lib.local"
    assert part_of("constructs_lib.Model") == "constructs_lib"
    assert part_of("constructs_library") is None


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("import a.b", "a.b"),
        ("def f():\n    import a.b", "a.b"),
        ("if TYPE_CHECKING:\n    from a import b", "a.b"),
        ("try:\n    pass\nexcept E:\n    from a import b as c", "a.b"),
        ("from . import b", "one.two.b"),
        ("from .b import c", "one.two.b.c"),
        ("from ..b import c", "one.b.c"),
        ("importlib.import_module('a.b')", "a.b"),
        ("__import__('a')", "a"),
    ],
)
def test_every_form_of_an_import_is_seen(source: str, target: str) -> None:
    assert [name for _, name in imports(source, "one.two.three", is_package=False)] == [target]


def test_a_relative_import_in_a_package_starts_at_the_package() -> None:
    assert list(imports("from .b import c", "one.two", is_package=True)) == [(1, "one.two.b.c")]


@pytest.mark.parametrize("low", ["facts", "rules", "options", "advisor", "client", "local"])
@pytest.mark.parametrize("library", ["aws_cdk", "constructs", "jsii"])
def test_the_cdk_below_its_floor_is_found(tmp_path: Path, low: str, library: str) -> None:
    root = house(tmp_path, **{f"constructs_lib__{low}__x": f"def f():\n    import {library}"})
    assert faults(root, STANDARD) == [f"constructs_lib/{low}/x.py:2: constructs_lib.{low}.x may not import {library}"]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("constructs_lib__facts__x", "from constructs_lib.options import Autoscaling"),
        ("constructs_lib__facts__x", "from ..options import Autoscaling"),
        ("constructs_lib__facts__x", "import boto3"),
        ("constructs_lib__rules__x", "import boto3"),
        ("constructs_lib__options", "from constructs_lib import Model"),
        ("constructs_lib__local__x", "from constructs_lib.endpoints import model"),
        ("constructs_lib__endpoints__x", "if TYPE_CHECKING:\n    from constructs_lib.patterns import batch_transform"),
        ("constructs_lib__patterns__x", "from stacks import realtime"),
        ("constructs_lib__endpoints__x", "import boto3"),
        ("constructs_lib__homeless", "import os"),
        ("stacks__x", "import boto3"),
        ("stacks__x", "import app"),
        ("stacks__x", "from tests import floors"),
        ("demo__x", "import aws_cdk"),
        ("lambda__x__handler", "from constructs_lib.facts import realtime"),
        ("lambda__x__handler", "from y.logic import answer"),
        ("lambda__x__handler", "import numpy"),
        ("containers__x__serve", "from stacks import settings"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, name: str, source: str) -> None:
    assert len(faults(house(tmp_path, **{name: source}), STANDARD)) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("constructs_lib__options", "from constructs_lib.facts import realtime"),
        ("constructs_lib__rules__x", "from constructs_lib.rules import y"),
        ("constructs_lib__client__x", "import boto3"),
        ("constructs_lib__local__x", "import ministack.app"),
        ("constructs_lib__endpoints__x", "import aws_cdk\nfrom .y import z\nfrom constructs_lib.facts import realtime"),
        ("stacks__x", "from constructs_lib import Model"),
        ("app", "from stacks.realtime import RealtimeStack"),
        ("containers__x__serve", "import numpy\nfrom codec import decode"),
        ("lambda__x__handler", "import boto3, dateutil.tz, json\nfrom x.logic import answer"),
    ],
)
def test_an_import_that_goes_down_is_fine(tmp_path: Path, name: str, source: str) -> None:
    assert faults(house(tmp_path, **{name: source}), STANDARD) == []


@pytest.mark.parametrize(
    "module", ["constructs_lib", "constructs_lib.facts", "constructs_lib.options", "constructs_lib.local"]
)
def test_what_lies_below_the_cdk_does_not_load_it_at_run_time_either(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{'aws_cdk', 'constructs', 'jsii'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
