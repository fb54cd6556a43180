"""``python -m constructs_lib preflight``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.errors import InferenceError
from constructs_lib.facts.catalog import limits
from constructs_lib.facts.limit import Severity
from constructs_lib.preflight import judge
from constructs_lib.preflight.account import Account
from constructs_lib.preflight.target import target_of
from constructs_lib.rules import rules
from constructs_lib.rules.formats import FORMATS, Located
from constructs_lib.rules.rule import Rule, stated
from constructs_lib.templates import known_quotas
from constructs_lib.templates.conditions import parameters
from constructs_lib.templates.files import Stack, TemplateFile, Unreadable, read, read_stack, stacks
from constructs_lib.templates.known_quotas import KnownQuotas
from constructs_lib.terminal import Parser, print_error, print_output

_CLEAN, _FOUND, _FAILED = 0, 1, 2


class NotPossible(InferenceError):
    """The preflight cannot begin: the message says what it was given and what it needs."""


def main(arguments: Sequence[str]) -> int:
    """Look before a deployment. The exit status is 0 without errors, 1 with some, 2 if it could not begin."""
    given = _arguments().parse_args(arguments)
    try:
        _check_ignored(given.ignore)
        stack = _stack(given)
        files = list(_templates(given.path, stack))
        values = _values(given.parameter, files)
        account = _account(given, stack)
        found = _judge(account, stack, files, values)
        if not given.no_context:
            _keep(given.context, account)
    except (InferenceError, BotoCoreError, ClientError, OSError) as error:
        print_error(error)
        return _FAILED
    found = [located for located in found if located.finding.rule not in given.ignore]
    print_output(FORMATS[given.format](found, _rules()))
    failing = {Severity.ERROR, Severity.WARNING} if given.strict else {Severity.ERROR}
    return _FOUND if any(located.finding.severity in failing for located in found) else _CLEAN


def _arguments() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m constructs_lib preflight",
        description="Look up in your account what a deployment will ask of it, by read-only calls, before it does.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--stack", metavar="NAME", help="a stack that cdk synth wrote")
    what.add_argument("path", nargs="?", type=Path, metavar="PATH", help="a template (JSON or YAML)")
    parser.add_argument(
        "--app", type=Path, default=Path("cdk.out"), metavar="FOLDER", help="where it wrote it (default: %(default)s)"
    )
    parser.add_argument(
        "--parameter", action="append", default=[], metavar="NAME=VALUE", help="a parameter's value; repeatable"
    )
    parser.add_argument("--region", help="where it is deployed (default: the stack's own, else the session's)")
    parser.add_argument("--profile", help="the profile of the AWS CLI whose credentials to take")
    parser.add_argument(
        "--context",
        type=Path,
        default=Path(known_quotas.CONTEXT_FILE),
        metavar="FILE",
        help="where the quotas are kept for check and for cdk synth (default: %(default)s)",
    )
    parser.add_argument("--no-context", action="store_true", help="do not keep the quotas")
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="RULE", help="a rule not to report; repeatable"
    )
    parser.add_argument("--strict", action="store_true", help="let warnings fail too")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print (default: text)")
    return parser


def _check_ignored(names: Sequence[str]) -> None:
    for name in names:
        if name not in _rules():
            raise NotPossible(f"there is no rule {name!r} to ignore; python -m constructs_lib rules lists them")


def _stack(given: argparse.Namespace) -> Stack | None:
    """The stack that is meant; for a template, the one of the folder around it that has it, if there is one."""
    if given.stack is None:
        around = stacks(given.path.parent) if given.path.is_file() else iter(())
        return next((each for each in around if each.template.resolve() == given.path.resolve()), None)
    found = list(stacks(given.app))
    for each in found:
        if given.stack in (each.name, each.id):
            return each
    names = ", ".join(each.id for each in found) or "no stacks; run cdk synth"
    raise NotPossible(f"{given.app} holds no stack {given.stack!r}; it holds {names}")


def _templates(path: Path | None, stack: Stack | None) -> Iterator[TemplateFile]:
    if path is not None and path.is_dir():
        raise NotPossible(f"{path} is a folder; give --stack NAME --app {path}")
    items = read_stack(stack.template, stack.region, stack.account) if stack else read(path or Path())
    for item in items:
        if isinstance(item, Unreadable):
            raise item
        yield item


def _values(pairs: Sequence[str], files: Sequence[TemplateFile]) -> Mapping[str, str]:
    values = {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
    known = {name for file in files for name, _, _ in parameters(file.document)}
    for pair in pairs:
        if "=" not in pair:
            raise NotPossible(f"--parameter must be NAME=VALUE, got {pair!r}; write it so")
    for name in values.keys() - known:
        raise NotPossible(f"the template has no parameter {name!r}; it has {', '.join(sorted(known)) or 'none'}")
    return values


def _account(given: argparse.Namespace, stack: Stack | None) -> Account:
    import boto3

    # boto3 itself does not read AWS_REGION, which comes before a profile for AWS's other tools.
    region = given.region or (stack.region if stack else None) or os.environ.get("AWS_REGION")
    account = Account(boto3.Session(profile_name=given.profile, region_name=region), today=date.today())
    if stack and stack.region and stack.region != account.region:
        raise NotPossible(f"{stack.id} is for {stack.region}, got --region {account.region}; leave it out")
    if stack and stack.account and stack.account != account.identity.account:
        others = f"the credentials are of {account.identity.arn}; take others"
        raise NotPossible(f"{stack.id} is for account {stack.account}, {others}")
    return account


def _judge(
    account: Account, stack: Stack | None, files: Sequence[TemplateFile], values: Mapping[str, str]
) -> list[Located]:
    """What is found in the stack's own template, which is the first, and in those that are nested in it."""
    role, own = stack.execution_role if stack else None, frozenset[str]()
    found = []
    for index, file in enumerate(files):
        # CloudFormation makes the names of nested stacks.
        name = stack.name if stack and index == 0 else None
        target = target_of(file, account, values, stack_name=name, execution_role=role, own=own)
        own = target.own
        found += [Located(file.path, finding) for finding in judge(target)]
    return found


def _keep(context: Path, account: Account) -> None:
    if not account.learned:
        return
    quotas = KnownQuotas(
        account=account.identity.account, region=account.region, values=account.learned, today=account.today
    )
    known_quotas.write(context, quotas)
    print(f"{context} keeps {len(account.learned)} quotas for check and for cdk synth", file=sys.stderr)


@cache
def _rules() -> Mapping[str, Rule]:
    """Every row as a rule: what the preflight finds is described as what the limit check finds."""
    return {limit.id: Rule(limit, stated(limit)) for limit in limits()} | dict(rules())
