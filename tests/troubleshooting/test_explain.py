"""A message of AWS's leads to its cause: as it stands, in a log, and changed a little; an unknown one to none."""

from __future__ import annotations

import io

import pytest

from constructs_lib.__main__ import main
from constructs_lib.facts.aws_errors import AwsError, aws_errors
from constructs_lib.facts.catalog import limits
from constructs_lib.facts.limit import Limit
from constructs_lib.rules import rules
from constructs_lib.troubleshooting import explain

MISSING = 'Could not find model data at s3://models/pigeons/. (Service: SageMaker, Status Code: 400)"'
QUOTA = (
    "The account-level service limit 'ml.g5.xlarge for endpoint usage' is 0 Instances, with current utilization of "
    "0 Instances and a request delta of 1 Instances. Please contact AWS support."
)


def ids(message: str) -> list[str]:
    return [match.error.id for match in explain(message)]


@pytest.mark.parametrize("error", aws_errors().values(), ids=lambda error: str(error.id))
def test_every_known_text_is_found_whatever_stands_for_its_gaps(error: AwsError) -> None:
    said = error.says.replace("...", "abc-1")
    assert ids(f'failed: Resource handler returned message: "{said} (Service: SageMaker)"') == [error.id]


@pytest.mark.parametrize("error", aws_errors().values(), ids=lambda error: str(error.id))
def test_an_error_has_cause_remedy_and_a_source(error: AwsError) -> None:
    known = {limit.id for limit in limits()}
    assert set(error.limits) <= known
    assert error.sources or error.limits
    assert error.cause.endswith(".")
    assert not error.remedy.endswith(".")
    assert set(error.commands) <= {"preflight", "diff"}


@pytest.mark.parametrize("limit", [limit for limit in limits() if limit.aws_says], ids=lambda limit: str(limit.id))
def test_every_answer_that_a_row_quotes_is_known(limit: Limit) -> None:
    """Also as a piece of a longer text that it is."""
    own = [error for error in aws_errors().values() if limit.id in error.limits]
    found = [match.error for match in explain(limit.aws_says)]
    assert any(error in found or limit.aws_says in error.says for error in own)


def test_a_log_with_several_messages_names_each_once_in_its_order() -> None:
    log = (
        f"CREATE_FAILED | Config | {QUOTA}\nProgress: 3/9\nCREATE_FAILED | Model | {MISSING}\nrolled back: {MISSING}\n"
    )
    assert ids(log) == ["endpoint-instance-quota", "model-data-missing"]


def test_the_longer_of_two_texts_that_begin_alike_is_meant() -> None:
    assert ids('Cannot create already existing endpoint configuration "arn"') == ["config-name-taken"]
    assert ids('Cannot create already existing endpoint "arn"') == ["endpoint-name-taken"]


def test_case_line_breaks_and_escapes_do_not_matter() -> None:
    assert ids('ecr IMAGE \\"1.dkr.ecr/pigeons\\"\n  is invalid') == ["image-missing-in-ecr"]


def test_words_that_are_changed_find_the_nearest_and_say_how_near() -> None:
    (match,) = explain("the volume size parameter is not allowed for a selected instance type")
    assert match.error.id == "volume-on-nvme"
    assert 0.6 <= match.likeness < 1


@pytest.mark.parametrize("message", ["Rate exceeded", "instance type", "the model is not supported", "x" * 5000])
def test_a_message_that_nobody_knows_is_not_guessed(message: str) -> None:
    assert explain(message) == []


def test_the_command_prints_cause_remedy_rule_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", MISSING]) == 0
    lines = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines() if "ART-EXISTS" not in line)
    assert lines["known message"] == "Could not find model data at s3://..."
    assert lines["cause"].startswith("Nothing is at the address")
    assert lines["remedy"].startswith("upload the archive")
    assert lines["rule"] == f"MODEL-URL-PREFIX: {rules()['MODEL-URL-PREFIX'].title}"
    assert (
        lines["found before a deployment by"] == "python -m constructs_lib check and python -m constructs_lib preflight"
    )
    assert lines["source"] == "https://github.com/awslabs/generative-ai-cdk-constructs/issues/179"


def test_a_log_is_read_from_stdin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"deploying\n{QUOTA}\n"))
    assert main(["explain", "-"]) == 0
    assert "Q-TYPE-EP" in capsys.readouterr().out


def test_the_command_says_that_it_knows_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "Rate exceeded"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "no known message is near this one" in printed.err


def test_the_command_wants_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", " "]) == 2
    assert capsys.readouterr().err.startswith("error: ")
