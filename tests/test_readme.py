"""What the README says is true: its code runs, its numbers are the facts', its settings are the app's."""

from __future__ import annotations

import json
import re
from dataclasses import is_dataclass
from pathlib import Path
from typing import get_type_hints

import pytest

from constructs_lib.facts import asynchronous, realtime, serverless, transform
from constructs_lib.facts.limit import Limit
from stacks.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MB = 1024 * 1024


def table_row(first_cell: str) -> list[str]:
    """The cells of the one table row that begins with a cell."""
    (row,) = re.findall(rf"^\| {re.escape(first_cell)} \|(.*)\|$", README, flags=re.MULTILINE)
    return [cell.strip() for cell in row.split("|")]


def documented_settings() -> dict[str, object]:
    """Every setting of the table with its default; a row may hold several of both."""
    settings: dict[str, object] = {}
    table = README.split("[start:settings]")[1].split("[end:settings]")[0]
    for names, defaults in re.findall(r"^\| (`\w.*?) \| (.*?) \|", table, flags=re.MULTILINE):
        values = [json.loads(value) for value in re.findall(r"`([^`]*)`", defaults)]
        settings.update(zip(re.findall(r"`([^`]*)`", names), values, strict=True))
    return settings


def flat(settings: dict[str, object]) -> dict[str, object]:
    """The settings of cdk.json by path; the container's environment is one setting."""
    rows: dict[str, object] = {}
    for part, value in settings.items():
        if isinstance(value, dict):
            rows |= {f"{part}.{name}": inner for name, inner in value.items()}
        else:
            rows[part] = value
    return rows


def test_the_first_construct_takes_about_ten_lines() -> None:
    block = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)[0]
    statements = [line for line in block.splitlines() if line and not line.startswith(("from", "import"))]
    assert len(statements) <= 10


@pytest.mark.parametrize(
    ("construct", "payload_in_mb", "timeout"),
    [
        ("RealtimeEndpoint", realtime.PAYLOAD.maximum // MB, realtime.INVOCATION_TIMEOUT),
        ("ServerlessEndpoint", serverless.PAYLOAD.maximum // MB, serverless.INVOCATION_TIMEOUT),
        ("AsyncEndpoint", asynchronous.PAYLOAD.maximum // MB, asynchronous.INVOCATION_TIMEOUT),
        ("BatchTransformPipeline", transform.MAX_PAYLOAD_IN_MB.maximum, transform.INVOCATIONS_TIMEOUT),
    ],
)
def test_the_ways_of_serving_have_the_limits_of_the_facts(construct: str, payload_in_mb: int, timeout: Limit) -> None:
    _, payload, seconds, _ = table_row(f"`{construct}`")
    assert (payload, seconds) == (f"{payload_in_mb} MB", f"{timeout.maximum} s")


def test_every_setting_of_the_app_is_in_the_table_with_its_default() -> None:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["inference"]
    assert documented_settings() == flat(context)


def test_cdk_json_names_every_setting_that_there_is() -> None:
    def count(kind: type) -> int:
        return sum(
            count(hint) if isinstance(hint, type) and is_dataclass(hint) else 1
            for hint in get_type_hints(kind).values()
        )

    assert len(documented_settings()) == count(Settings)


def test_every_make_target_is_explained() -> None:
    (targets,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for target in targets.split():
        table_row(f"`make {target}`")
