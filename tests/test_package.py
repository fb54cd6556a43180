"""The wheel that people install."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("sagemaker_inference_constructs-*.whl")))


def test_it_holds_the_whole_package_with_its_types_and_handlers(wheel: zipfile.ZipFile) -> None:
    package = ROOT / "constructs_lib"
    modules = {str(path.relative_to(ROOT)) for path in package.rglob("*.py")}
    tables = {str(path.relative_to(ROOT)) for path in package.rglob("*.json")}
    handlers = {f"constructs_lib/{path.relative_to(ROOT)}" for path in (ROOT / "lambda").rglob("*.py")}
    assert {*modules, *tables, *handlers, "constructs_lib/py.typed", "constructs_lib/lambda/README.md"} <= set(
        wheel.namelist()
    )


def test_it_holds_nothing_but_the_package(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"constructs_lib"}


def test_the_local_aws_is_an_extra(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("/METADATA"))
    needs = [line for line in wheel.read(name).decode().splitlines() if line.startswith("Requires-Dist: ")]
    assert any(line.startswith("Requires-Dist: ministack==") and "extra == 'local'" in line for line in needs)
    assert all("extra == 'local'" in line for line in needs if "ministack" in line)
