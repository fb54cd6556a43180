"""``python -m constructs_lib check`` and ``python -m constructs_lib rules``."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge, rules
from constructs_lib.rules.formats import FORMATS, Located
from constructs_lib.rules.rule import Rule
from constructs_lib.templates import known_quotas
from constructs_lib.templates.files import TemplateFile, Unreadable, read
from constructs_lib.templates.known_quotas import KnownQuotas
from constructs_lib.terminal import Parser, print_error, print_output

if TYPE_CHECKING:
    from constructs_lib.rules.examples.example import Example

_CLEAN, _FOUND, _UNREADABLE = 0, 1, 2


def check(arguments: Sequence[str]) -> int:
    """Judge templates. The exit status is 0 without errors, 1 with some, 2 if a path could not be read."""
    given = _check_arguments().parse_args(arguments)
    unknown = [name for name in given.ignore if name not in rules()]
    if unknown:
        print_error(_unknown(unknown[0]))
        return _UNREADABLE
    try:
        quotas = known_quotas.read(given.context, today=date.today())
    except Unreadable as error:
        print_error(error)
        return _UNREADABLE
    for stale in filter(None, (each.staleness for each in quotas)):
        print(f"{given.context}: {stale}", file=sys.stderr)
    found: list[Located] = []
    unreadable = False
    for item in (item for path in given.paths for item in read(Path(path))):
        if isinstance(item, Unreadable):
            print_error(item)
            unreadable = True
            continue
        try:
            found += _judge(item, given.region, given.ignore, quotas)
        except RecursionError:
            print_error(f"{item.path} is nested too deeply for a template")
            unreadable = True
    print_output(FORMATS[given.format](found, rules()))
    if unreadable:
        return _UNREADABLE
    counted = [located for located in found if given.strict or located.finding.severity is Severity.ERROR]
    return _FOUND if counted else _CLEAN


def _judge(
    template: TemplateFile, region: str | None, ignored: Iterable[str], quotas: Iterable[KnownQuotas]
) -> list[Located]:
    where = region or template.region
    findings = judge(template.document, region=where, quotas=known_quotas.of(quotas, template.account, where))
    return [Located(template.path, finding) for finding in findings if finding.rule not in ignored]


def _check_arguments() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m constructs_lib check",
        description="Find in CloudFormation templates what SageMaker, or what stands around it, would refuse.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a template (JSON or YAML) or a cdk.out folder")
    parser.add_argument("--region", help="where it is deployed; a cdk.out folder may say so itself")
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="RULE", help="a rule not to report; repeatable"
    )
    parser.add_argument(
        "--context",
        type=Path,
        default=Path(known_quotas.CONTEXT_FILE),
        metavar="FILE",
        help="the quotas that preflight learned (default: %(default)s)",
    )
    parser.add_argument("--strict", action="store_true", help="let warnings fail too")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print (default: text)")
    return parser


def show(arguments: Sequence[str]) -> int:
    """List the rules, or explain one; the exit status is 2 if there is no such rule."""
    parser = Parser(prog="python -m constructs_lib rules", description="List the rules, or explain one.")
    parser.add_argument("id", nargs="?", metavar="ID", help="the rule to explain")
    wanted = parser.parse_args(arguments).id
    if wanted is None:
        print_output("\n".join(f"{known.id:32} {known.limit.severity:8} {known.title}" for known in rules().values()))
        return _CLEAN
    if wanted.upper() not in rules():
        print_error(_unknown(wanted))
        return _UNREADABLE
    print_output(explain(rules()[wanted.upper()]))
    return _CLEAN


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name.upper(), rules(), n=3)
    meant = f"; did you mean {' or '.join(near)}?" if near else "; python -m constructs_lib rules lists them"
    return f"there is no rule {name!r}{meant}"


def explain(known: Rule) -> str:
    """What a rule holds, why, and a template on each side of its boundary."""
    from constructs_lib.rules.examples import examples  # only whoever asks for one pays for them

    limit = known.limit
    lines = [f"{known.id} ({limit.severity}): {known.title}", "", f"what: {limit.what}", f"allowed: {limit}"]
    lines += [f"AWS answers: {limit.aws_says}"] * bool(limit.aws_says)
    lines += [f"fix: {limit.fix}"] * bool(limit.fix)
    lines += [f"source: {limit.source}", f"checked on: {limit.checked_on.isoformat()}"]
    for example in examples().get(known.id, ()):
        region = f" in {example.region}" if example.region else ""
        lines += ["", f"passes with the lines marked -, fails with those marked +{region}:", *_compared(example)]
        found = judge(example.fails, region=example.region, quotas=example.quotas)
        lines += [f"  {finding.path}: {finding.message}" for finding in found]
    return "\n".join(lines)


def _compared(example: Example) -> list[str]:
    passes, fails = (json.dumps(document, indent=2).splitlines() for document in (example.passes, example.fails))
    return [f"  {line}" for line in difflib.ndiff(passes, fails) if not line.startswith("?")]
