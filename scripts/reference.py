"""Writes the pages of limits, rules, errors and costs from facts and rules: `python -m scripts.reference`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from constructs_lib.facts.catalog import SUBJECTS, limits_of
from constructs_lib.facts.limit import Limit
from constructs_lib.rules import Rule, rules, subject_of
from scripts.costs import page as costs_page
from scripts.markdown import cell, link
from scripts.troubleshooting import errors_of
from scripts.troubleshooting import page as troubleshooting_page

DOCS = Path(__file__).resolve().parent.parent / "docs"
_LIMITS = """# Limits

<!-- Made by `python -m scripts.reference` from constructs_lib/facts; edit those. -->

What AWS allows, as constructs, rules, client and local AWS know it: each row with its source and the day it was last
checked. A severity says how sure it is: `error` is refused by AWS; `warning` is advice, a quota that can be raised, or
something on which AWS's documents disagree; `info` is good to know."""
_RULES = """# Rules

<!-- Made by `python -m scripts.reference` from constructs_lib/rules; edit those. -->

What the limit check looks for. `python -m constructs_lib rules ID` shows a template on each side of a rule's boundary.
In CDK a finding is accepted with `Acknowledgment(id="InferenceLimits::ID", reason="...")`, on the command line with
`--ignore ID`."""


def limits_page() -> str:
    """Every row of the facts, a table a subject."""
    lines = [_LIMITS]
    for subject in SUBJECTS:
        rows = limits_of(subject)
        if rows:
            lines += ["", f"## {subject.replace('_', ' ').capitalize()}", "", *_table(rows)]
    return "\n".join(lines) + "\n"


def _table(rows: Iterable[Limit]) -> Iterator[str]:
    yield "| Id | What | Allowed | Default | Severity | Source | Checked |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        default = "" if row.default is None else str(row.default)
        cells = [
            f"`{row.id}`",
            row.what,
            str(row),
            default,
            str(row.severity),
            link(row.source),
            str(row.checked_on),
        ]
        yield f"| {' | '.join(cell(text) for text in cells)} |"


def rules_page() -> str:
    """Every rule of the limit check, by subject."""
    lines = [_RULES]
    by_subject: dict[str, list[Rule]] = {}
    for known in rules().values():
        by_subject.setdefault(subject_of(known), []).append(known)
    for subject, found in sorted(by_subject.items()):
        lines += [
            "",
            f"## {subject.replace('_', ' ').capitalize()}",
            "",
            "| Id | Severity | What holds | Source |",
            "|---|---|---|---|",
        ]
        lines += [_rule_row(known) for known in found]
    return "\n".join(lines) + "\n"


def _rule_row(known: Rule) -> str:
    cells = [
        f'<a id="{known.id}"></a>`{known.id}`',
        str(known.limit.severity),
        cell(known.title) + _answers(known),
        cell(link(known.limit.source)),
    ]
    return f"| {' | '.join(cells)} |"


def _answers(known: Rule) -> str:
    """What AWS says to a template that breaks the rule, with the way to what helps then."""
    answers = [f"[AWS answers](troubleshooting.md#{error.id})" for error in errors_of(known.id)]
    if not known.limit.aws_says:
        return "".join(f" {answer}." for answer in answers)
    return f" {answers[0]}: *{cell(known.limit.aws_says)}*"


PAGES = {
    "limits.md": limits_page,
    "rules.md": rules_page,
    "troubleshooting.md": troubleshooting_page,
    "costs.md": costs_page,
}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
