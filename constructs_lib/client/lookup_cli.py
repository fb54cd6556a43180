"""``python -m constructs_lib lookup|override``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from constructs_lib.client.cli import run_command
from constructs_lib.client.inference import InferenceClient
from constructs_lib.client.lookups import Ask
from constructs_lib.terminal import print_error

_WORKED, _FAILED = 0, 1


def lookup(arguments: Sequence[str]) -> int:
    """Print a line of JSON for each id; 1 if one was answered by default."""
    return run_command("lookup", _describe_lookup, _lookup, arguments)


def override(arguments: Sequence[str]) -> int:
    """Override ids."""
    return run_command("override", _describe_override, _override, arguments)


def _target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stack", required=True, help="the stack that holds hybrid inference")
    parser.add_argument("--prefix", default="", help="the prefix of the stack's outputs (default: none)")
    parser.add_argument("ids", nargs="+", metavar="ID")


def _describe_lookup(parser: argparse.ArgumentParser) -> None:
    """Look answers up; prints a line of JSON for each, and fails unless all have one that is not the default."""
    _target(parser)
    parser.add_argument("--payload", metavar="TEXT", help="for the endpoint, where no stored answer may be served")
    parser.add_argument("--feature-version", metavar="VERSION", help="only answers of these features")
    parser.add_argument("--fresh", action="store_true", help="ask the endpoint in any case")
    parser.add_argument("--correlation-id", metavar="ID", help="of the log lines (default: a new one)")


def _lookup(given: argparse.Namespace) -> int:
    if given.payload is not None and len(given.ids) > 1:
        print_error("a payload is of one ID; ask for the others apart")
        return _FAILED
    client = InferenceClient.for_stack(given.stack, prefix=given.prefix)
    options = {"payload": given.payload, "feature_version": given.feature_version, "fresh": given.fresh}
    answers = client.lookup_all([Ask(id=each, **options) for each in given.ids], correlation_id=given.correlation_id)
    for answer in answers:
        print(json.dumps({name: value for name, value in asdict(answer).items() if value is not None}), flush=True)
    return _FAILED if any(answer.path == "default" for answer in answers) else _WORKED


def _describe_override(parser: argparse.ArgumentParser) -> None:
    """Let no answer be served for these ids that was computed before now."""
    _target(parser)


def _override(given: argparse.Namespace) -> int:
    InferenceClient.for_stack(given.stack, prefix=given.prefix).override(given.ids)
    return _WORKED
