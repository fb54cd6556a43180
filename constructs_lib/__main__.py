"""``python -m constructs_lib``: the command line. Thin, and it never starts Node."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple, cast


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
    """Run one command; the exit status is 0, 1 for what went wrong, 2 for wrong usage."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_usage(), end="")
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        print(f"error: unknown command {name!r}; known: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    command = COMMANDS[name]
    run = getattr(import_module(f"constructs_lib.{command.module}"), command.function)
    return cast(Callable[[Sequence[str]], int], run)(rest)


def _usage() -> str:
    width = max(map(len, COMMANDS))
    lines = (f"  {name:<{width}}  {command.help}\n" for name, command in COMMANDS.items())
    return f"usage: python -m constructs_lib COMMAND ...\n\ncommands:\n{''.join(lines)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
