"""How far something with many parts has got, told to a function or drawn as a bar on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

_WIDTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """``done`` of ``total`` parts have ended, ``failed`` of them without a result; ``what`` is being done."""

    what: str
    done: int
    total: int
    failed: int = 0


Tell = Callable[[Progress], object]


class Bar:
    """Draws progress over itself on one line, and ends the line with the last part."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, progress: Progress) -> None:
        """Draw it."""
        filled = _WIDTH * progress.done // progress.total if progress.total else _WIDTH
        failed = f", {progress.failed} failed" if progress.failed else ""
        line = f"{progress.what} [{'#' * filled:.<{_WIDTH}}] {progress.done}/{progress.total}{failed}"
        end = "\n" if progress.done >= progress.total else ""
        self._out.write(f"\r{line}{end}")
        self._out.flush()


def teller(progress: Tell | bool) -> Tell:
    """Who is told: the function given, a bar for True if standard error is a terminal, or nobody."""
    if callable(progress):
        return progress
    return Bar(sys.stderr) if progress and sys.stderr.isatty() else lambda _: None
