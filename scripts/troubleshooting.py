"""The page of AWS's errors, made by `python -m scripts.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from string import Template

from constructs_lib.facts.aws_errors import AwsError, aws_errors
from constructs_lib.rules import rules
from constructs_lib.troubleshooting.cli import commands_for, sources_of
from scripts.markdown import cell, link

_TEMPLATE = Path(__file__).with_name("troubleshooting.template.md")
_GUIDES = {"preflight": "preflight.md", "diff": "updates.md"}


def page() -> str:
    """Every known error of AWS's, by subject."""
    lines: list[str] = []
    for subject, errors in groupby(aws_errors().values(), key=lambda error: error.subject):
        lines += [f"## {subject}", ""]
        for error in errors:
            lines += [*_section(error), ""]
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(errors="\n".join(lines).rstrip("\n"))


def errors_of(rule: str) -> list[AwsError]:
    """The errors that come from a row of the facts."""
    return [error for error in aws_errors().values() if rule in error.limits]


def _section(error: AwsError) -> Iterator[str]:
    yield f'### <a id="{error.id}"></a>{cell(error.says)}'
    yield ""
    yield cell(error.cause)
    yield ""
    yield f"- **Remedy**: {cell(error.remedy)}."
    found = [f"[`{name}`](rules.md#{name})" for name in error.limits if name in rules()]
    found += [f"[`{name}`]({_GUIDES[name]})" for name in commands_for(error) if name in _GUIDES]
    yield f"- **Found before a deployment by**: {', '.join(found) or 'nothing'}"
    yield f"- **Source**: {', '.join(link(source) for source in sources_of(error))}"
