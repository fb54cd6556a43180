"""In which Region a client looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.client import NoRegion
from constructs_lib.client.connections import Connections


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment and a configuration that name no Region."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


def region() -> str:
    return str(Connections().service("s3").meta.region_name)


def test_the_region_is_that_of_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert region() == "eu-west-1"


def test_the_variable_of_the_other_sdks_is_read_where_boto3_finds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert region() == "eu-north-1"


def test_without_a_region_the_error_says_what_to_set() -> None:
    with pytest.raises(NoRegion, match="set AWS_REGION"):
        region()
