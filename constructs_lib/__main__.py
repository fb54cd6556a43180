"""``python -m constructs_lib``: the command line. Thin, and it never starts Node."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_USAGE = """usage: python -m constructs_lib COMMAND ...

commands:
  check      find in templates what SageMaker would refuse, before a deployment does
  rules      list what check looks for, or explain one rule
  recommend  say which way of serving fits a workload, and what each costs
  prices     list the prices that are known, or fetch those of today
  invoke     ask an endpoint for an answer
  submit     hand files to an asynchronous endpoint
  results    say what became of them
  run-batch  run a batch pipeline and wait for its answers
  local      run the embedded local AWS: up, deploy, status, down
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status is 0, 1 for what went wrong, 2 for wrong usage."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_USAGE, end="")
        return 0
    command, *rest = arguments
    if command == "local":
        from constructs_lib.local.cli import main as local

        return local(rest)
    if command in ("check", "rules"):
        from constructs_lib.rules import cli

        return cli.check(rest) if command == "check" else cli.show(rest)
    if command in ("recommend", "prices"):
        from constructs_lib.advisor import cli as advisor

        return advisor.recommend(rest) if command == "recommend" else advisor.prices(rest)
    if command in ("invoke", "submit", "results", "run-batch"):
        from constructs_lib.client import cli as client

        return client.main(command, rest)
    known = "check, rules, recommend, prices, invoke, submit, results, run-batch, local"
    print(f"error: unknown command {command!r}; known: {known}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
