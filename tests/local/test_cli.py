"""`local up|deploy|status|down`: one clear line for each thing that can go wrong, and nothing left behind."""

import socket
import tempfile
from pathlib import Path

import boto3
import pytest

from constructs_lib.local import cli
from constructs_lib.local.containers.process import free_port
from tests.local.conftest import ECHO


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state file of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def line_of(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on standard error."""
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    return said


def test_up_status_and_down_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    assert cli.main(["up", "--port", str(port), "--container", f"echo={' '.join(ECHO)}"]) == 0
    try:
        assert f"http://localhost:{port}" in capsys.readouterr().out
        assert cli.main(["status"]) == 0
        assert "healthy" in capsys.readouterr().out
        client = boto3.client(
            "sagemaker",
            endpoint_url=f"http://localhost:{port}",
            aws_access_key_id="any",
            aws_secret_access_key="any",
            region_name="us-east-1",
        )
        assert client.list_models()["Models"] == []
        assert cli.main(["up", "--port", str(port)]) == 1
        assert "already runs" in line_of(capsys)
    finally:
        assert cli.main(["down"]) == 0
    assert cli.main(["status"]) == 1
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("command", [["down"], ["deploy"]])
def test_a_command_without_a_running_one_says_how_to_start_it(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(command) == 1
    assert "local up" in line_of(capsys)


def test_up_on_a_busy_port_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.main(["up", "--port", str(port)]) == 1
    assert f"port {port} of 127.0.0.1 is busy" in line_of(capsys)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--container", "classifier"], "NAME=COMMAND"),
        (["--port", "99999"], "from 1 to 65535"),
        (["--time-scale", "0"], "a number above 0"),
        (["--time-scale", "fast"], "a number above 0"),
    ],
)
def test_a_wrong_argument_is_told(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["up", *arguments])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
