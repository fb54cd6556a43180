"""The demo's command line: what must be there, signals, the folder, the table and the exit code."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.local import environment
from constructs_lib.local.state import Running
from demo import keep, preconditions, report, session
from demo.folder import claimed
from demo.interrupts import Interrupted, as_exceptions
from demo.steps import Steps

if TYPE_CHECKING:
    from demo.session import Result

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """Run the demo; 0 when everything was as expected, 1 when not, 128 + the signal's number when interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="serve a model in every way, without an account"
    )
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="for logs and the report; default: .demo")
    home = parser.parse_args(arguments).folder.resolve()
    keeping = keep.is_wanted(os.environ)
    problem = preconditions.missing(ROOT) or (keep.problem(Running.load()) if keeping else "")
    if problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 1
    try:
        with as_exceptions():
            return _run(home, keeping=keeping)
    except Interrupted as interrupted:
        print(f"demo: interrupted by {interrupted}; everything it started is stopped", file=sys.stderr)
        return interrupted.exit_code
    except OSError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


def _run(home: Path, *, keeping: bool) -> int:
    # boto3 reads the process's own environment: from here on nothing in it leads to a real account.
    scrubbed = environment.scrubbed(os.environ)
    os.environ.clear()
    os.environ.update(scrubbed)
    steps = Steps()
    with claimed(home) as folder:
        if folder != home:
            steps.say(f"another demo has {home}; the logs of this one are in {folder}")
        result = session.run(ROOT, folder, steps, keeping=keeping)
        return _conclude(result, steps, {folder, home})


def _conclude(result: Result, steps: Steps, folders: set[Path]) -> int:
    document = report.as_document(result.outcomes, result.surroundings, steps.elapsed, steps.taken)
    paths = [report.write(document, folder) for folder in folders]
    steps.say("everything as expected" if result.ok else "NOT everything was as expected")
    print(f"\n{report.table(result.outcomes, result.surroundings)}\n\nreport: {min(paths)}", flush=True)
    if result.farewell:
        print(result.farewell, flush=True)
    return 0 if result.ok else 1
