"""Where the code of a function comes from, and what goes into its archive."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template

from constructs_lib.endpoints import handlers
from constructs_lib.endpoints.safekeeping import Safekeeping
from tests.support import only

ROOT = Path(__file__).resolve().parents[2]


def made(outdir: Path) -> cdk.Stack:
    stack = cdk.Stack(cdk.App(outdir=str(outdir)), "Stack")
    handlers.make_function(
        stack,
        "async_results",
        description="any",
        environment={"table_name": "any"},
        timeout_in_seconds=7,
        log_retention=logs.RetentionDays.ONE_WEEK,
        safekeeping=Safekeeping(removal_policy=cdk.RemovalPolicy.DESTROY),
    )
    return stack


def test_in_a_checkout_the_handlers_lie_beside_the_package() -> None:
    assert handlers.handlers_folder() == ROOT / "lambda"


def test_where_the_package_is_installed_they_lie_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_PACKAGE", tmp_path)
    (tmp_path / "lambda").mkdir()
    assert handlers.handlers_folder() == tmp_path / "lambda"


def test_an_archive_holds_the_files_of_one_handler(tmp_path: Path) -> None:
    made(tmp_path)
    [asset] = tmp_path.glob("asset.*")
    held = {str(path.relative_to(asset)) for path in asset.rglob("*") if path.is_file()}
    folder = ROOT / "lambda" / "async_results"
    assert held == {f"async_results/{path.name}" for path in folder.glob("*.py")}
    assert "async_results/handler.py" in held


def test_a_function_has_names_for_its_settings_and_a_log_of_its_own(tmp_path: Path) -> None:
    template = Template.from_stack(made(tmp_path))
    function = only(template, "AWS::Lambda::Function")
    assert function["Handler"] == "async_results.handler.handle"
    assert function["Environment"]["Variables"] == {"TABLE_NAME": "any"} | handlers.RETRIES
    assert (function["Timeout"], function["Architectures"]) == (7, ["arm64"])
    assert only(template, "AWS::Logs::LogGroup")["RetentionInDays"] == 7
    assert [resource["DeletionPolicy"] for resource in template.find_resources("AWS::Logs::LogGroup").values()] == [
        "Delete"
    ]
