"""``python -m constructs_lib diff`` and ``python -m constructs_lib verify``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.errors import InferenceError
from constructs_lib.facts.limit import Severity
from constructs_lib.rules import formats as rule_formats
from constructs_lib.rules.formats import Located
from constructs_lib.terminal import Parser, print_error, print_output
from constructs_lib.updates.formats import FORMATS, Planned, known
from constructs_lib.updates.pairs import Pair, no_longer_in, of_files, of_stack
from constructs_lib.updates.plan import plan
from constructs_lib.updates.stacks import DeployedStack, as_returned, connections
from constructs_lib.updates.verification import verified

_FINE, _FOUND, _UNREADABLE = 0, 1, 2
_SYNTHESIZED = Path("cdk.out")


def diff(arguments: Sequence[str]) -> int:
    """Say what a deployment will do; 0 if nothing is in its way, 1 if SageMaker refuses it, 2 for what cannot be read.

    With ``--fail-on-replacement`` 1 if an endpoint goes, with ``--strict`` 1 for any warning too.
    """
    parser = _diff_arguments()
    given = parser.parse_args(arguments)
    if len(given.paths) > 2 - bool(given.stack) or (len(given.paths) < 2 and not given.stack):
        parser.error("give OLD and NEW, or --stack NAME and at most one PATH")
    try:
        planned = [_planned(pair, dict(given.parameter), given.region) for pair in _pairs(given)]
    except (InferenceError, BotoCoreError, ClientError) as error:
        return _unreadable(error)
    print_output(FORMATS[given.format](planned))
    findings = [finding for each in planned for finding in each.plan.all_findings]
    failed = any(each.plan.is_refused or (given.fail_on_replacement and each.plan.replaces) for each in planned)
    strictly = given.strict and any(finding.severity is Severity.WARNING for finding in findings)
    return _FOUND if failed or strictly else _FINE


def _pairs(given: argparse.Namespace) -> Iterator[Pair]:
    paths = list(map(Path, given.paths))
    if given.stack:
        stack = DeployedStack(connections(given.region).service("cloudformation"), given.stack)
        yield from of_stack(stack, paths[0] if paths else _SYNTHESIZED)
        return
    yield from of_files(*paths)
    for name in no_longer_in(*paths):
        print(f"note: {paths[1]} has no {name}; CDK leaves its stack as it is", file=sys.stderr)


def _planned(pair: Pair, given: Mapping[str, str], region: str | None) -> Planned:
    after = {**pair.parameters, **given}
    # Without a stack nobody knows what was given before.
    before = pair.parameters if pair.stack else after
    new = as_returned(pair.new) if pair.stack else pair.new
    found = plan(pair.old, new, old_parameters=before, new_parameters=after, region=region or pair.region)
    return Planned(pair.file, found)


def _diff_arguments() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m constructs_lib diff",
        usage="%(prog)s [options] OLD NEW\n       %(prog)s [options] --stack NAME [PATH]",
        description="Say what a deployment will do to each endpoint: in place, by another one, or refused.",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="templates or cdk.out folders; with --stack the new one (default: cdk.out)",
    )
    parser.add_argument(
        "--parameter", action="append", default=[], type=_assignment, metavar="NAME=VALUE", help="of the new deployment"
    )
    parser.add_argument("--fail-on-replacement", action="store_true", help="let an endpoint that goes fail too")
    parser.add_argument("--strict", action="store_true", help="let warnings fail too")
    _common(parser, FORMATS)
    parser.add_argument("--stack", metavar="NAME", help="compare with the template that is deployed as this stack")
    return parser


def verify(arguments: Sequence[str]) -> int:
    """Say whether what is live is what was meant; 0 if it is, 1 if not, 2 for what cannot be read."""
    parser = Parser(
        prog="python -m constructs_lib verify",
        description="Compare what is live after a deployment with the template that was deployed. Changes nothing.",
    )
    parser.add_argument("--stack", metavar="NAME", required=True, help="the stack")
    parser.add_argument(
        "path", nargs="?", type=Path, default=_SYNTHESIZED, metavar="PATH", help="what was deployed (default: cdk.out)"
    )
    parser.add_argument("--strict", action="store_true", help="let warnings fail too")
    _common(parser, rule_formats.FORMATS)
    given = parser.parse_args(arguments)
    try:
        clients = connections(given.region)
        stack = DeployedStack(clients.service("cloudformation"), given.stack)
        found = [
            Located(pair.file, finding) for pair in of_stack(stack, given.path) for finding in verified(pair, clients)
        ]
    except (InferenceError, BotoCoreError, ClientError) as error:
        return _unreadable(error)
    print_output(rule_formats.FORMATS[given.format](found, known()))
    severities = {located.finding.severity for located in found}
    return _FOUND if Severity.ERROR in severities or (given.strict and Severity.WARNING in severities) else _FINE


def _common(parser: argparse.ArgumentParser, known_formats: Mapping[str, object]) -> None:
    parser.add_argument("--region", help="where the stack is (default: as boto3 finds it)")
    parser.add_argument("--format", choices=known_formats, default="text", help="how to print (default: text)")


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"give NAME=VALUE, got {text!r}")
    return name, value


def _unreadable(error: Exception) -> int:
    print_error(error)
    return _UNREADABLE
