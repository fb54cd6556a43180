"""``python -m constructs_lib explain``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from constructs_lib.facts.aws_errors import AwsError
from constructs_lib.facts.catalog import limits
from constructs_lib.facts.limit import Limit
from constructs_lib.rules import rules
from constructs_lib.rules.rule import stated
from constructs_lib.terminal import Parser, print_error, print_output
from constructs_lib.troubleshooting import Match, explain

_KNOWN, _UNKNOWN, _NOTHING = 0, 1, 2


def main(arguments: Sequence[str]) -> int:
    """Explain an error of AWS's; the exit status is 0, 1 if no known message is near it, 2 if there is none to read."""
    given = _arguments().parse_args(arguments)
    message = sys.stdin.read() if given.message == "-" else given.message
    if not message.strip():
        print_error("there is no message to explain")
        return _NOTHING
    matches = explain(message)
    if not matches:
        print(
            "no known message is near this one; CloudFormation's first failed event, or the log group of the "
            "endpoint (/aws/sagemaker/Endpoints/NAME), may say more",
            file=sys.stderr,
        )
        return _UNKNOWN
    print_output("\n\n".join(map(_told, matches)))
    return _KNOWN


def _arguments() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m constructs_lib explain",
        description="Say what an error of AWS's means, what to do about it, and what finds it before a deployment.",
    )
    parser.add_argument("message", metavar="MESSAGE", help="the error, or - to read it, or a whole log, from stdin")
    return parser


def _told(match: Match) -> str:
    error = match.error
    how = "known message" if match.likeness == 1 else f"nearest known message ({match.likeness:.0%} of its words)"
    rows = rows_of(error)
    lines = [f"{how}: {error.says}", f"cause: {error.cause}", f"remedy: {error.remedy}"]
    lines += [f"rule: {row.id}: {rules()[row.id].title if row.id in rules() else stated(row)}" for row in rows]
    commands = commands_for(error)
    lines += [f"found before a deployment by: {' and '.join(f'python -m constructs_lib {name}' for name in commands)}"]
    if not commands:
        lines[-1] = "found before a deployment by: nothing"
    return "\n".join([*lines, *(f"source: {source}" for source in sources_of(error))])


def rows_of(error: AwsError) -> list[Limit]:
    """The rows of the facts from which an error comes, the rules among them first."""
    known = {row.id: row for row in limits()}
    return sorted((known[name] for name in error.limits), key=lambda row: row.id not in rules())


def commands_for(error: AwsError) -> list[str]:
    """The commands that find an error before a deployment does."""
    return [*(["check"] if any(name in rules() for name in error.limits) else []), *error.commands]


def sources_of(error: AwsError) -> list[str]:
    """Who says so: of the message, or, where that was reported without a page, of the rows from which it comes."""
    return list(error.sources) or [row.source for row in rows_of(error)]
