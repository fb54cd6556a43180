"""Tools that are not part of the development environment: each set in one of its own, from pins with hashes.

`uv run --with-requirements` would be shorter, but it installs a file whose hash is another one.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".audit"
_BIN = ROOT / ".venv" / "bin"


def environment(pins: Path) -> Path:
    """The folder of the commands that a file of pins installs; made again when the file changes."""
    place = FOLDER / pins.stem
    stamp, mark = place / "pins.sha256", hashlib.sha256(pins.read_bytes()).hexdigest()
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == mark):
        install(place, pins)
        stamp.write_text(mark, encoding="utf-8")
    return place / "bin"


def install(place: Path, pins: Path) -> None:
    """Make a virtual environment of pinned packages, nothing of which may have another hash."""
    uv, python = str(_BIN / "uv"), str(place / "bin" / "python")
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", str(_BIN / "python"), str(place)], check=True)
    sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--system-certs", "--python", python, str(pins)]
    subprocess.run(sync, check=True)


def output(*command: str | Path, folder: Path = ROOT) -> str:
    """What a command prints, whatever its exit status; the environment's own node comes first."""
    path = f"{_BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout or done.stderr
