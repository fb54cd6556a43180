"""What people install: the wheel, made from the sdist, in an environment of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest
from constructs import Construct

import constructs_lib
from constructs_lib.version import VERSION

ROOT = Path(__file__).resolve().parent.parent
APP = Path(__file__).with_name("installed_app.py")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist, and the wheel that was made from what the sdist holds."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(built.glob(f"sagemaker_inference_constructs-{VERSION}-*.whl")))


@pytest.fixture(scope="module")
def environment(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and what it says that it needs, in the versions of this repository."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True, capture_output=True)
    pins = folder / "pins.txt"
    pins.write_text(re.sub(r" *\\\\\n +--hash=\S+", "", (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")))
    install = [*uv, "pip", "install", "--quiet", "--system-certs", "--python", str(folder / "bin/python")]
    install += ["--constraint", str(pins), str(next(built.glob("*.whl")))]
    # What the set-up has downloaded is enough, where it is still kept.
    if subprocess.run([*install, "--offline"], capture_output=True).returncode:
        subprocess.run(install, check=True, capture_output=True)
    share_bytecode(Path(sysconfig.get_path("purelib", vars={"base": str(folder)})))
    return folder


def share_bytecode(packages: Path) -> None:
    """The CDK takes ten seconds to compile; the same version lies compiled in the environment of these tests."""
    for name in ("aws_cdk", "constructs", "jsii"):
        shutil.rmtree(packages / name)
        (packages / name).symlink_to(Path(sysconfig.get_path("purelib")) / name)


def run(environment: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python of the environment, far from the checkout; Node, and what jsii keeps unpacked, are ours."""
    variables = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [str(environment / "bin/python"), "-P", *arguments]
    return subprocess.run(command, cwd=environment, env=variables, capture_output=True, text=True)


@pytest.fixture(scope="module")
def made(environment: Path) -> set[str]:
    """The classes of what an app has made in that environment, without a word on standard error."""
    done = run(environment, str(APP), str(environment / "out"))
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def synthesized(environment: Path, made: set[str]) -> Path:
    """What it has synthesized."""
    assert made
    return environment / "out"


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
    assert [name for name in wheel.namelist() if "__pycache__" in name] == []


def test_the_sdist_holds_the_package_the_handlers_and_what_people_read(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"constructs_lib/__init__.py", "lambda/README.md", "README.md", "CHANGELOG.md", "LICENSE"} <= names


def test_the_local_aws_is_an_extra(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("/METADATA"))
    needs = [line for line in wheel.read(name).decode().splitlines() if line.startswith("Requires-Dist: ")]
    assert any(line.startswith("Requires-Dist: ministack==") and "extra == 'local'" in line for line in needs)
    assert all("extra == 'local'" in line for line in needs if "ministack" in line)


def test_an_app_elsewhere_makes_every_construct_that_is_public(made: set[str]) -> None:
    public = {name: getattr(constructs_lib, name) for name in constructs_lib.__all__}
    kinds = {name for name, each in public.items() if isinstance(each, type) and issubclass(each, Construct)}
    assert len(kinds) > 15
    assert sorted(kinds - made) == []


def test_an_app_elsewhere_synthesizes_with_the_handlers_of_every_construct(synthesized: Path) -> None:
    template = json.loads((synthesized / "Installed.template.json").read_text())
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert {"AWS::SageMaker::Endpoint", "AWS::StepFunctions::StateMachine", "AWS::Lambda::Function"} <= types
    handlers = {path.parent.name for path in (ROOT / "lambda").glob("*/handler.py")}
    assert {path.parent.name for path in synthesized.glob("asset.*/*/handler.py")} == handlers


def test_the_command_line_checks_there_what_the_app_has_synthesized(environment: Path, synthesized: Path) -> None:
    done = run(environment, "-m", "constructs_lib", "check", str(synthesized / "Installed.template.json"))
    assert (done.returncode, done.stderr) == (0, "")


def test_an_environment_without_the_extra_says_how_to_get_the_local_aws(environment: Path) -> None:
    done = run(environment, "-m", "constructs_lib", "local", "up")
    assert done.returncode == 1
    assert "sagemaker-inference-constructs[local]" in done.stderr
    assert "Traceback" not in done.stderr
