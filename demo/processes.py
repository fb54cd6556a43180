"""The processes below this one: to end a whole tree, and to prove that nothing is left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

GRACE = 5.0
"""Seconds that a process group has between SIGTERM and SIGKILL."""


@dataclass(frozen=True)
class Process:
    """A line of the process table."""

    pid: int
    parent: int
    command: str


def below(pid: int) -> list[Process]:
    """All descendants of a process that still run; ended ones that nobody has waited for are left out."""
    return descendants(pid, _from_proc() if Path("/proc/self/stat").exists() else _from_ps())


def descendants(pid: int, table: list[Process]) -> list[Process]:
    """The part of a process table that has `pid` among its ancestors."""
    found: list[Process] = []
    parents = {pid}
    while parents:
        children = [process for process in table if process.parent in parents]
        found += children
        parents = {process.pid for process in children}
    return found


def _from_proc() -> list[Process]:
    table = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        # A process may end between the listing and the reading.
        with contextlib.suppress(OSError):
            # The name in brackets may itself hold brackets and spaces.
            state, parent, *_ = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            if state != "Z":
                table.append(Process(int(folder.name), int(parent), command))
    return table


def _from_ps() -> list[Process]:
    listing = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,state=,command="], capture_output=True, text=True, check=True
    ).stdout
    rows = (line.split(None, 3) for line in listing.splitlines())
    return [Process(int(row[0]), int(row[1]), row[3]) for row in rows if len(row) == 4 and not row[2].startswith("Z")]


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a child that leads a process group, and everything in that group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    # The leader may be gone while others of the group still run.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
