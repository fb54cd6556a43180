"""``python -m constructs_lib``: the command line. Thin, and it never starts Node."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple, cast

from constructs_lib.terminal import WRONG_USAGE, ended


class Command(NamedTuple):
    """Where a command lives, imported when it is run, and what the usage says of it."""

    module: str
    function: str
    help: str


COMMANDS = {
    "check": Command("rules.cli", "check", "find in templates what SageMaker would refuse, before a deployment does"),
    "preflight": Command("preflight.cli", "main", "look up in the account what a deployment will ask of it"),
    "rules": Command("rules.cli", "show", "list what check looks for, or explain one rule"),
    "diff": Command("updates.cli", "diff", "say what a deployment will do to each endpoint, or why it will fail"),
    "verify": Command("updates.cli", "verify", "say whether what is live after a deployment is what was meant"),
    "explain": Command("troubleshooting.cli", "main", "say what an error of AWS's means, and what to do about it"),
    "recommend": Command("advisor.cli", "recommend", "say which way of serving fits a workload, and what each costs"),
    "prices": Command("advisor.cli", "prices", "list the prices that are known, or fetch those of today"),
    "invoke": Command("client.cli", "invoke", "ask an endpoint for an answer"),
    "submit": Command("client.cli", "submit", "hand files to an asynchronous endpoint"),
    "results": Command("client.cli", "results", "say what became of them"),
    "run-batch": Command("client.cli", "run_batch", "run a batch pipeline and wait for its answers"),
    "lookup": Command("client.lookup_cli", "lookup", "ask hybrid inference for answers by their ids"),
    "override": Command("client.lookup_cli", "override", "say of whom something new is known: stored answers are not"),
    "baseline": Command("drift.cli", "main", "sum up a training file, to notice later when requests drift from it"),
    "local": Command("local.cli", "main", "run the embedded local AWS: up, deploy, status, down"),
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status is 0, 1 for what went wrong, 2 for wrong usage, 130 after Ctrl-C."""
    if not arguments or arguments[0] in ("-h", "--help"):
        return ended("usage", _show_usage)
    name, *rest = arguments
    if name not in COMMANDS:
        print(f"error: unknown command {name!r}; known: {', '.join(COMMANDS)}", file=sys.stderr)
        return WRONG_USAGE
    return ended(name, lambda: _imported(COMMANDS[name])(rest))


def _imported(command: Command) -> Callable[[Sequence[str]], int]:
    run = getattr(import_module(f"constructs_lib.{command.module}"), command.function)
    return cast(Callable[[Sequence[str]], int], run)


def _show_usage() -> int:
    width = max(map(len, COMMANDS))
    print("usage: python -m constructs_lib COMMAND ...\n\ncommands:")
    for name, command in COMMANDS.items():
        print(f"  {name:<{width}}  {command.help}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
