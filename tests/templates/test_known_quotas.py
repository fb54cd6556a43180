"""Quotas in ``cdk.context.json``: kept beside what others keep there, found by account and Region, told when stale."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from constructs_lib.templates.files import Unreadable
from constructs_lib.templates.known_quotas import STALE_AFTER, KnownQuotas, Learned, of, read, write

TODAY = date(2026, 11, 21)


def known(account: str = "1", region: str = "eu-west-1", asked_on: date = TODAY, **values: float) -> KnownQuotas:
    learned = {name: Learned(value, asked_on) for name, value in values.items()}
    return KnownQuotas(account=account, region=region, values=learned, today=TODAY)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cdk.context.json"
    write(path, known(a=4, b=2.5))
    write(path, known(account="2", a=8))
    assert read(path, today=TODAY) == [known(a=4, b=2.5), known(account="2", a=8)]


def test_what_others_keep_in_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "cdk.context.json"
    path.write_text('{"availability-zones:account=1:region=eu-west-1": ["eu-west-1a"], "flag": true}')
    write(path, known(a=4))
    context = json.loads(path.read_text())
    assert (context["flag"], context["availability-zones:account=1:region=eu-west-1"]) == (True, ["eu-west-1a"])
    assert context["sagemaker-quotas:account=1:region=eu-west-1"] == {"a": {"value": 4, "askedOn": "2026-11-21"}}


def test_a_quota_that_was_not_asked_for_again_keeps_its_day(tmp_path: Path) -> None:
    path = tmp_path / "cdk.context.json"
    before = TODAY - timedelta(days=100)
    write(path, known(asked_on=before, a=1, b=1))
    write(path, known(b=2))
    (found,) = read(path, today=TODAY)
    assert found.values == {"a": Learned(1, before), "b": Learned(2, TODAY)}
    assert (found.is_stale("a"), found.is_stale("b")) == (True, False)
    assert "100 days ago: python -m constructs_lib preflight asks again" in found.described("a")
    assert found.staleness == (
        "quotas of account 1 in eu-west-1 are 100 days old; python -m constructs_lib preflight asks again"
    )
    assert known(a=1).staleness == ""
    assert found.described("b") == "2 in account 1 in eu-west-1 (asked on 2026-11-21)"


@pytest.mark.parametrize(("days", "stale"), [(STALE_AFTER.days, False), (STALE_AFTER.days + 1, True)])
def test_a_quota_is_stale_after_a_month(days: int, stale: bool) -> None:
    assert known(asked_on=TODAY - timedelta(days=days), a=1).is_stale("a") is stale


def test_no_file_knows_nothing_and_one_that_is_broken_is_told(tmp_path: Path) -> None:
    assert read(tmp_path / "none.json", today=TODAY) == []
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(Unreadable, match=r"broken\.json is no context"):
        read(tmp_path / "broken.json", today=TODAY)


def test_entries_that_say_something_else_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "cdk.context.json"
    entries = {"a": 4, "b": {"value": "x"}, "c": {"value": 1, "askedOn": "soon"}}
    path.write_text(json.dumps({"sagemaker-quotas:account=1:region=eu-west-1": entries}))
    (found,) = read(path, today=TODAY)
    assert found.values == {}


@pytest.mark.parametrize(
    ("account", "region", "found"),
    [
        ("1", "eu-west-1", "1"),
        ("2", "eu-west-1", None),
        (None, "us-east-1", "2"),
        (None, "eu-west-1", None),
        ("1", None, "1"),
        (None, None, None),
    ],
)
def test_a_stack_meets_the_quotas_of_its_account_where_they_are_certain(
    account: str | None, region: str | None, found: str | None
) -> None:
    several = [known("1"), known("2", "us-east-1"), known("3")]
    met = of(several, account, region)
    assert (met and met.account) == found
