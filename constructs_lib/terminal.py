"""What all commands share: wrong usage in one line, output that can always be printed, and how a command ends."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import NoReturn

from constructs_lib.errors import InferenceError, InvalidConfiguration

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130
# By name: most commands work without botocore, whose own words say neither what was looked for nor what to do.
_BOTO = {
    "NoRegionError": "no Region is configured; set AWS_REGION, or give --region where the command takes it",
    "NoCredentialsError": "there are no credentials; run aws configure or aws sso login, or set AWS_PROFILE",
}


class Parser(argparse.ArgumentParser):
    """Tells wrong usage in one line, with status 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USAGE, f"error: {message.removeprefix('argument ')}; see {self.prog} --help\n")


def print_output(output: str) -> None:
    """Print what a template or a terminal may make hard to print; a reader that has gone wants no more of it."""
    if not output:
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        print(output, flush=True)
    except BrokenPipeError:
        _drop_the_rest()


def print_error(error: Exception | str) -> None:
    """One line on standard error for each problem, whatever line breaks it has, with what to do where that is known."""
    for line in _lines_of(error):
        print(f"error: {' '.join(line.split())}", file=sys.stderr)


def _lines_of(error: Exception | str) -> Iterator[str]:
    if isinstance(error, InvalidConfiguration):
        # A file is worth naming; the name of a class says nothing to who has not called it.
        where = "" if error.subject.isidentifier() else f"{error.subject}: "
        yield from (f"{where}{problem}" for problem in error.problems)
    elif isinstance(error, OSError) and error.strerror and error.filename:
        yield f"{error.filename}: {error.strerror.lower()}"
    elif (advice := _BOTO.get(type(error).__name__)) is not None:
        yield advice
    else:
        yield str(error)


def ended(name: str, run: Callable[[], int]) -> int:
    """The exit status of a command: its own, 1 for an error or a reader that has gone, 130 for Ctrl-C."""
    try:
        status = run()
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _drop_the_rest()
        return FAILED
    except (InferenceError, OSError, UnicodeError) as error:
        print_error(error)
        return FAILED


def _drop_the_rest() -> None:
    # Python would try to write it when it ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
