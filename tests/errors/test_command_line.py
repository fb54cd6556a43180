"""Whatever a command is given, it ends with a status and one line on standard error, and never with a traceback."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest

from constructs_lib import __main__ as command_line
from constructs_lib.__main__ import COMMANDS, main
from tests.updates.templates import served

REFUSAL = b"<ErrorResponse><Error><Code>ValidationError</Code><Message>%s</Message></Error></ErrorResponse>"
STACK, ENDPOINT = ("--stack", "NoSuchStack"), ("--endpoint", "no-such-endpoint")

# For each command: what it may be called with that cannot work. {folder} holds the files of `files`.
MISSING_FILE = {
    "check": ("{folder}/missing.json",),
    "preflight": ("{folder}/missing.json",),
    "diff": ("{folder}/missing.json", "{folder}/sound.json"),
    "verify": (*STACK, "{folder}/missing.json"),
    "recommend": ("--file", "{folder}/missing.yaml"),
    "prices": ("--prices", "{folder}/missing.json"),
    "invoke": (*ENDPOINT, "{folder}/missing.csv"),
    "submit": (*ENDPOINT, "{folder}/missing.csv"),
    "baseline": ("{folder}/missing.csv",),
}
BROKEN_FILE = {
    "check": ("{folder}/broken.json",),
    "preflight": ("{folder}/broken.json",),
    "diff": ("{folder}/broken.json", "{folder}/sound.json"),
    "verify": (*STACK, "{folder}/broken.json"),
    "recommend": ("--file", "{folder}/broken.json"),
    "prices": ("--prices", "{folder}/broken.json"),
    "baseline": ("{folder}/binary",),
}
FOLDER = {
    "check": ("{folder}",),
    "preflight": ("{folder}",),
    "diff": ("{folder}", "{folder}"),
    "verify": (*STACK, "{folder}"),
    "recommend": ("--file", "{folder}"),
    "prices": ("--prices", "{folder}"),
    "invoke": (*ENDPOINT, "{folder}"),
    "submit": (*ENDPOINT, "{folder}"),
    "baseline": ("{folder}",),
}
# What looks into an account; it needs a Region, credentials, and a stack that is there.
IN_AN_ACCOUNT = {
    "preflight": ("{folder}/sound.json", "--no-context"),
    "diff": (*STACK, "{folder}/sound.json"),
    "verify": (*STACK, "{folder}/sound.json"),
    "invoke": (*STACK, "{folder}/sound.json"),
    "submit": (*STACK, "{folder}/sound.json"),
    "results": (*STACK, "an-id"),
    "run-batch": STACK,
    "lookup": (*STACK, "an-id"),
    "override": (*STACK, "an-id"),
}
WRONG = {
    f"{name}: {case}": (name, *arguments)
    for case, commands in (("missing file", MISSING_FILE), ("broken file", BROKEN_FILE), ("folder", FOLDER))
    for name, arguments in commands.items()
}
WRONG |= {
    "prices: no such region": ("prices", "--region", "xx-nowhere-1"),
    "explain: nothing": ("explain", " "),
    "rules: no such rule": ("rules", "NO-RULE"),
    "local: nothing runs": ("local", "down"),
    "baseline: no such folder": ("baseline", "{folder}/rows.csv", "-o", "{folder}/missing/baseline.json"),
    "results: no line of submit's": ("results", *ENDPOINT),
    "no such command": ("no-such-command",),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("given")
    (made / "sound.json").write_text(json.dumps(served()), encoding="utf-8")
    (made / "broken.json").write_text('{"Resources": [', encoding="utf-8")
    (made / "binary").write_bytes(b"\xff\xfe\x00,\x81")
    (made / "rows.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return made


class _Refusing(http.server.BaseHTTPRequestHandler):
    """An AWS that knows no stack."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = REFUSAL % b"Stack with id NoSuchStack does not exist"
        self.send_response(400)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def refusing() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def account(refusing: str, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials and a Region, of an AWS that refuses what it is asked."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", refusing)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", (folder / "broken.json").open())  # pytest's own refuses to be read


def status_of(arguments: Sequence[str], folder: Path) -> int:
    try:
        return main([each.format(folder=folder) for each in arguments])
    except SystemExit as ended:  # argparse ends so
        return cast(int, ended.code)


def assert_one_line(capsys: pytest.CaptureFixture[str], *, about: str = "") -> None:
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert said.startswith(("error: ", "local: ")), said
    assert "Traceback" not in said
    assert about in said


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_read_is_told_in_one_line(case: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(WRONG[case], folder) in (1, 2)
    assert_one_line(capsys)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_option_is_told_in_one_line(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of((name, "--no-such-option"), folder) == 2
    assert_one_line(capsys, about="see python -m constructs_lib")


@pytest.mark.parametrize("name", IN_AN_ACCOUNT)
@pytest.mark.parametrize("missing", ["AWS_REGION", "AWS_ACCESS_KEY_ID", "the stack"])
def test_without_a_region_credentials_or_the_stack_a_line_says_so(
    name: str, missing: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(missing, raising=False)
    assert status_of((name, *IN_AN_ACCOUNT[name]), folder) in (1, 2)
    said = {
        "AWS_REGION": "egion",
        "AWS_ACCESS_KEY_ID": "credentials",
        "the stack": "xist" if name == "preflight" else "no stack NoSuchStack",
    }
    assert_one_line(capsys, about=said[missing])


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("raised", "status", "lines"), [(KeyboardInterrupt, 130, 1), (BrokenPipeError, 1, 0), (PermissionError, 1, 1)]
)
def test_ctrl_c_a_closed_pipe_and_a_refusal_of_the_system_end_any_command(
    name: str,
    raised: type[BaseException],
    status: int,
    lines: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def stopped(_: Sequence[str]) -> int:
        raise raised(13, "permission denied")

    def imported(_: object) -> Callable[[Sequence[str]], int]:
        return stopped

    monkeypatch.setattr(command_line, "_imported", imported)
    monkeypatch.setattr(sys, "stdout", open(os.devnull, "w"))  # noqa: SIM115 - the end of a command may replace it
    assert main([name]) == status
    said = capfd.readouterr().err
    assert said.count("\n") == lines, said


@pytest.mark.parametrize("arguments", [["rules"], ["prices"], ["check", "--format", "json", "{folder}/sound.json"], []])
def test_a_reader_that_has_gone_leaves_no_trace(arguments: list[str], folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "constructs_lib", *(each.format(folder=folder) for each in arguments)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    os.close(writing)
    assert (done.stderr, done.returncode in (0, 1)) == ("", True)


def test_ctrl_c_while_a_command_waits_is_one_line() -> None:
    command = [sys.executable, "-m", "constructs_lib", "recommend", "--ask"]
    waiting = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        # Where the tests themselves run in the background, their shell has them ignore Ctrl-C, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert waiting.stderr is not None
    question = waiting.stderr.read(1)  # it is asked: the command is under way
    waiting.send_signal(signal.SIGINT)
    waiting.wait(timeout=20)  # before its standard input is closed, which would be an end of its own
    said = (question + waiting.communicate()[1]).decode()
    assert waiting.returncode == 130
    assert said.endswith("recommend: interrupted\n")
    assert "Traceback" not in said
