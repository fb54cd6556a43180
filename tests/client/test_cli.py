"""invoke, submit, results and run-batch as people type them: one line for what goes wrong, exit codes 0, 1 and 2."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from constructs_lib.__main__ import main
from constructs_lib.client.inference import InferenceClient
from constructs_lib.local import LocalAws
from tests.client.conftest import AsyncStack, deploy_outputs
from tests.local.conftest import Serve, any_name


@pytest.fixture(scope="module")
def endpoint(serve: Serve) -> str:
    return serve()


@pytest.fixture(autouse=True)
def in_the_local_aws(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 finds the local AWS by the environment, as it would for a user."""
    for name, value in local_aws.environment.items():
        monkeypatch.setenv(name, value)


def typed(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))


def line_of(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on standard error."""
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    return said


def test_an_answer_goes_to_standard_output(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    typed(monkeypatch, b"hello")
    assert main(["invoke", "--endpoint", endpoint]) == 0
    assert capsysbinary.readouterr().out == b"HELLO"


def test_an_answer_goes_to_a_file(endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("!headers")
    arguments = [str(tmp_path / "in.csv"), "--accept", "text/plain", "--output", str(tmp_path / "out")]
    assert main(["invoke", "--endpoint", endpoint, *arguments]) == 0
    headers = json.loads((tmp_path / "out").read_text())
    assert (headers["content-type"], headers["accept"]) == ("text/csv", "text/plain")


def test_a_stream_is_written_as_it_comes(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    typed(monkeypatch, b"!stream a,b")
    assert main(["invoke", "--endpoint", endpoint, "--stream"]) == 0
    assert capsysbinary.readouterr().out == b"ab"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["invoke", "--stack", "NoSuchStack", "x"], "error: there is no stack NoSuchStack in us-east-1"),
        (["invoke", "--endpoint", "any", "/no/such/file"], "error: there is no file /no/such/file"),
        (["run-batch", "--stack", "NoSuchStack"], "error: there is no stack NoSuchStack"),
    ],
)
def test_what_goes_wrong_is_one_line(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    assert line_of(capsys).startswith(complaint)


def test_a_model_s_error_is_one_line(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, b"!status 500")
    assert main(["invoke", "--endpoint", endpoint]) == 1
    assert line_of(capsys) == "error: the model failed (500): as you wished\n"


def test_a_stack_and_a_prefix_say_what_to_call(
    local_aws: LocalAws, endpoint: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    name = any_name("Stack")
    deploy_outputs(local_aws, name, {"FastEndpointName": endpoint, "FastInferenceOption": "realtime"})
    (tmp_path / "in.txt").write_text("hello")
    assert main(["invoke", "--stack", name, "--prefix", "Fast", str(tmp_path / "in.txt")]) == 0
    assert capsysbinary.readouterr().out == b"HELLO"
    assert main(["invoke", "--stack", name, str(tmp_path / "in.txt")]) == 1
    assert b"give prefix='Fast'" in capsysbinary.readouterr().err


@pytest.mark.parametrize("arguments", [["invoke"], ["submit", "--endpoint", "e"], ["run-batch"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_what_submit_prints_is_what_results_reads(
    async_stack: AsyncStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in {"good.txt": "hello", "bad.txt": "!status 400"}.items():
        (tmp_path / name).write_text(text)
    target = ["--endpoint", async_stack.endpoint]
    assert main(["submit", *target, str(tmp_path / "good.txt"), str(tmp_path / "bad.txt"), "--ttl", "60"]) == 0
    lines = capsys.readouterr().out
    typed(monkeypatch, lines.encode())
    assert main(["results", *target, "--wait", "20", "--output", str(tmp_path / "answers")]) == 1
    good, bad = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (good["status"], bad["status"], bad["reason"]) == ("Completed", "Failed", "as you wished")
    answers = {path.name: path.read_text() for path in (tmp_path / "answers").iterdir()}
    assert answers == {f"{good['inference_id']}.out": "HELLO"}


def test_one_that_is_under_way_is_said_to_be_submitted(
    async_stack: AsyncStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "slow.txt").write_text("!sleep 4")
    target = ["--endpoint", async_stack.endpoint]
    assert main(["submit", *target, str(tmp_path / "slow.txt")]) == 0
    lines = capsys.readouterr().out.encode()
    for more in ([], ["--wait", "0.1"]):
        typed(monkeypatch, lines)
        assert main(["results", *target, *more]) == 1
        assert json.loads(capsys.readouterr().out)["status"] == "Submitted"


def test_files_that_cannot_be_sent_are_named_and_the_others_sent(
    async_stack: AsyncStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.txt").write_text("hello")
    assert main(["submit", "--endpoint", async_stack.endpoint, "/no/such/file", str(tmp_path / "good.txt")]) == 1
    said = capsys.readouterr()
    assert said.err == "error: /no/such/file: there is no file /no/such/file; give one to send\n"
    assert json.loads(said.out)["input"] == str(tmp_path / "good.txt")


@pytest.mark.parametrize("line", ["no json", "[]", "{}"])
def test_lines_that_submit_did_not_print_are_refused(
    line: str, async_stack: AsyncStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, line.encode())
    assert main(["results", "--endpoint", async_stack.endpoint]) == 1
    assert line_of(capsys) == f"error: a line must be one of those that submit prints, got {line}; give IDs\n"


def test_a_run_of_a_pipeline_says_where_its_answers_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: dict[str, object] = {}
    done = SimpleNamespace(execution_arn="arn", output={"output": "s3://out/run"}, download=lambda _: [])

    def run_batch(inputs: Path | None, **options: object) -> SimpleNamespace:
        seen.update(options | {"inputs": inputs})
        return done

    client = SimpleNamespace(run_batch=run_batch)
    monkeypatch.setattr(InferenceClient, "for_stack", lambda *_, **__: client)
    assert main(["run-batch", "--stack", "S", str(tmp_path), "--timeout", "9"]) == 0
    assert seen == {"inputs": tmp_path, "input_prefix": None, "timeout": 9.0}
    assert json.loads(capsys.readouterr().out) == {"execution_arn": "arn", "output": "s3://out/run"}
