"""docs/start.md is followed: its files are written, its shell lines run, its app is deployed and asked."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from constructs_lib import InvalidConfiguration
from constructs_lib.client import InferenceClient
from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'^```\w+ title="([\w.]+)"\n(.*?)^```$', GUIDE, re.DOTALL | re.MULTILINE))
SHELL = [line for line in re.findall(r"^    (.+)$", GUIDE, re.MULTILINE) if line.startswith(("echo", "tar "))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a reader has made when the guide says to deploy."""
    for name, text in FILES.items():
        # The process of Node began in another folder than the reader's.
        text = text.replace('"model.tar.gz"', repr(str(tmp_path / "model.tar.gz")))
        (tmp_path / name).write_text(text, encoding="utf-8")
    subprocess.run(["bash", "-euc", "\n".join(SHELL)], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_files_of_the_guide_are_those_that_it_speaks_of() -> None:
    assert set(FILES) == {"serve.py", "app.py", "Dockerfile"}
    assert "COPY serve.py" in FILES["Dockerfile"]


def test_the_guide_ends_with_the_answer_that_it_promises(folder: Path) -> None:
    with LocalAws(containers={"houses": [sys.executable, str(folder / "serve.py")]}) as aws:
        deploy(aws, runpy.run_path("app.py", run_name="__main__")["app"])
        client = InferenceClient.for_stack("Houses", session=aws.session())
        answer = client.predict(Path("row.csv")).text
    assert f"It answers `{answer}`." in GUIDE


@pytest.mark.parametrize(
    ("mistake", "refusal", "said"),
    [
        ("initial_instance_count=0", InvalidConfiguration, "initial_instance_count must be at least 1"),
        ('instance_type="ml.m5.larg"', RuntimeError, "InferenceLimits::VAR-TYPE"),
    ],
)
def test_a_mistake_of_the_guide_is_refused(folder: Path, mistake: str, refusal: type[Exception], said: str) -> None:
    assert f"`{mistake}`" in GUIDE
    endpoint = re.compile(r'instance_type="ml\.m5\.large"')
    kept = "" if mistake.startswith("instance_type") else ', instance_type="ml.m5.large"'
    app = endpoint.sub(f"{mistake}{kept}", Path("app.py").read_text(encoding="utf-8"))
    with pytest.raises(refusal, match=said):
        exec(compile(app, "app.py", "exec"), {})


def test_the_guide_installs_the_cdk_that_is_tried_here() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    (version,) = re.findall(r"npm install aws-cdk@(\S+)", GUIDE)
    assert version in {**package.get("dependencies", {}), **package.get("devDependencies", {})}["aws-cdk"]
