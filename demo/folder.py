"""Where a demo keeps its logs: `.demo`, or a folder of its own below it while another demo has that one."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from constructs_lib.local.aws import is_alive
from demo.metrics import METRICS
from demo.report import REPORT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


BESIDE = "beside-"


@contextmanager
def claimed(home: Path) -> Iterator[Path]:
    """A folder that is this process's alone for as long as the context lasts, cleared of what an earlier demo left."""
    home.mkdir(parents=True, exist_ok=True)
    # The lock goes with the process, however it ends, so a crashed demo never keeps the folder.
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            folder = home / f"{BESIDE}{os.getpid()}"
            folder.mkdir(exist_ok=True)
        else:
            folder = home
        _clear(folder)
        yield folder


def _clear(folder: Path) -> None:
    shutil.rmtree(folder / "cdk.out", ignore_errors=True)
    for beside in folder.glob(f"{BESIDE}*"):
        if not is_alive(int(beside.name.removeprefix(BESIDE))):
            shutil.rmtree(beside, ignore_errors=True)
    for stale in [*folder.glob("*.log"), folder / "outputs.json", folder / REPORT, folder / METRICS]:
        stale.unlink(missing_ok=True)
