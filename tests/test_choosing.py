"""The guide to the ways of serving is fresh, and says what the facts say."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from constructs_lib.advisor import Strategy, Workload, recommend, workload_of
from constructs_lib.advisor.formats import as_document
from constructs_lib.advisor.quantities import size_text, time_text
from constructs_lib.facts import asynchronous, realtime, serverless
from constructs_lib.templates.yaml import load
from scripts.choosing import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "renew it: python -m scripts.choosing"


def row(first: str) -> list[str]:
    """The cells of a row of the comparison."""
    (found,) = re.findall(rf"^\| {re.escape(first)} \|(.*)\|$", PAGES["choosing.md"](), flags=re.MULTILINE)
    return [cell.strip() for cell in found.split("|")]


def test_the_comparison_has_the_numbers_of_the_facts() -> None:
    payload, duration = row("Payload"), row("Duration")
    assert payload[0].startswith(size_text(realtime.PAYLOAD.maximum))
    assert payload[1] == size_text(serverless.PAYLOAD.maximum)
    assert payload[2].startswith(size_text(asynchronous.PAYLOAD.maximum))
    assert duration[1] == time_text(serverless.INVOCATION_TIMEOUT.maximum)
    assert duration[2] == time_text(asynchronous.INVOCATION_TIMEOUT.maximum)


def test_the_chart_ends_in_every_way_of_serving() -> None:
    (chart,) = re.findall(r"```text\n(.*?)```", PAGES["choosing.md"](), flags=re.DOTALL)
    assert set(re.findall(r"--> (\w+)$", chart, flags=re.MULTILINE)) == set(Strategy)


def test_the_template_holds_no_size_or_time_of_its_own() -> None:
    """All but the example of the commands and the one in Python."""
    template = (DOCS.parent / "scripts" / "choosing.template.md").read_text(encoding="utf-8")
    prose = re.sub(r"```(?:python|yaml).*?```|^    python .*$", "", template, flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r"\b\d+(?:\.\d+)? ?(?:[KMG]B|ms|s|min|h)\b", prose) == []


@pytest.mark.parametrize(
    "line", re.findall(r"^    python -m constructs_lib recommend (.*)$", PAGES["choosing.md"](), re.M)
)
def test_a_command_of_the_guide_has_options_that_there_are(line: str) -> None:
    known = {"--file", "--ask", "--format", *(f"--{name.replace('_', '-')}" for name in workload_fields())}
    assert set(re.findall(r"--[a-z-]+", line)) <= known


def test_the_file_of_the_guide_is_a_workload() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGES["choosing.md"](), flags=re.DOTALL)
    assert recommend(workload_of(load(text))).strategy is Strategy.ASYNC


def test_the_guide_names_every_key_of_the_json() -> None:
    keys = set(as_document(recommend(Workload())))
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGES["choosing.md"](), flags=re.MULTILINE)
    assert keys <= set(re.findall(r"`(\w+)`", " ".join(rows)))


def workload_fields() -> set[str]:
    return {field.name for field in fields(Workload)}
