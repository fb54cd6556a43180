"""Builds .venv and node_modules and trains the demo's models, from Python alone: `python3 scripts/setup.py`.

Standard library only. Any Python from 3.8 on gets far enough to look for one that is new enough, or to say what is
missing. Each step is repeated only if its inputs changed. A call that finds everything done prints nothing and takes
milliseconds.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
MINIMUM = (3, 11)
PYTHON_NAMES = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")
PROBE = "import sys; print('.'.join(map(str, sys.version_info[:3])), flush=True); import ensurepip, venv"
REMEDY = "install Python 3.11 or newer with its venv module (Debian, Ubuntu: apt install python3 python3-venv)"
NETWORK_TROUBLE = re.compile(
    r"(?i)name resolution|dns error|connection (refused|reset)|timed out|ENOTFOUND|EAI_AGAIN|ECONN"
)


class SetupError(Exception):
    """The set-up cannot go on; the text is the one line that the user sees."""


@dataclass(frozen=True)
class Python:
    """An interpreter that was found: its path, its version (None if it does not run), whether it can build a venv."""

    path: str
    version: tuple[int, ...] | None
    has_venv: bool

    @property
    def is_suitable(self) -> bool:
        return self.version is not None and self.version >= MINIMUM and self.has_venv

    def __str__(self) -> str:
        version = ".".join(map(str, self.version)) if self.version else "does not run"
        return f"{self.path} ({version}{'' if self.has_venv or not self.version else ', without venv'})"


@dataclass(frozen=True)
class Step:
    """One product of the set-up: made by `action`, again when one of `inputs` changes or `product` is missing."""

    name: str
    inputs: tuple[Path, ...]
    product: Path
    action: Callable[[Workshop], None]


@dataclass(frozen=True)
class Workshop:
    """The folder that is set up, and the commands that run in it."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def stamp(self) -> Path:
        return self.venv / "setup.json"  # inside .venv, so that a removed .venv forgets everything

    def tool(self, name: str) -> str:
        return str(self.venv / "bin" / name)

    def run(self, *command: str) -> None:
        """Run quietly, the environment's own node and Python first. Raises SetupError with the end of the output."""
        environment = {
            "NODE_USE_SYSTEM_CA": "1",  # npm, like uv, trusts the machine's roots: a company's proxy has its own
            **os.environ,
            "PATH": f"{self.venv / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }
        environment.pop("PYTHONHOME", None)
        environment.pop("PYTHONPATH", None)
        nothing, pipe, same = subprocess.DEVNULL, subprocess.PIPE, subprocess.STDOUT
        done = subprocess.run(
            command, cwd=self.root, env=environment, stdin=nothing, stdout=pipe, stderr=same, text=True
        )
        if done.returncode:
            shown = " ".join([Path(command[0]).name, *command[1:4]])
            if NETWORK_TROUBLE.search(done.stdout):
                raise SetupError(
                    f"'{shown} ...' did not reach the network; check the connection and the proxy settings"
                )
            tail = "".join(f"\n    {line}" for line in done.stdout.strip().splitlines()[-8:])
            raise SetupError(f"'{shown} ...' failed with exit status {done.returncode}{tail}")

    def is_sound(self) -> bool:
        """Whether .venv can be used: it is not if it was half built, was moved, or has lost the Python below it."""
        try:
            is_at_home = str(self.venv) in (self.venv / "pyvenv.cfg").read_text(encoding="utf-8")
        except OSError:
            return False
        return is_at_home and os.access(self.tool("pip"), os.X_OK) and examine(self.tool("python")).is_suitable


def examine(path: str) -> Python:
    """Ask an interpreter for its version and for what a virtual environment needs."""
    try:
        done = subprocess.run([path, "-c", PROBE], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return Python(path, None, has_venv=False)
    found = re.match(r"\d+(\.\d+)+", done.stdout)
    version = tuple(map(int, found.group().split("."))) if found else None
    return Python(path, version, has_venv=done.returncode == 0)


def interpreters(search_path: str, venv: Path) -> Iterator[str]:
    """The running interpreter, then every one on the search path; never one of the environment that is to be built."""
    seen = {str(venv / "bin" / name) for name in ("python", *PYTHON_NAMES)}
    folders = [folder for folder in search_path.split(os.pathsep) if folder]
    for path in [sys.executable, *(f"{folder}/{name}" for name in PYTHON_NAMES for folder in folders)]:
        if path not in seen and os.access(path, os.X_OK):
            seen.add(path)
            yield path


def find_python(paths: Iterator[str]) -> Python:
    """The first suitable interpreter. Raises SetupError, naming each that was found, if there is none."""
    refused = []
    for path in paths:
        python = examine(path)
        if python.is_suitable:
            return python
        refused.append(str(python))
    minimum = ".".join(map(str, MINIMUM))
    raise SetupError(f"python {minimum} or newer is needed, found {', '.join(refused) or 'none'}; {REMEDY}")


def pinned(requirements: str, package: str) -> str:
    """The lines of a requirements file that pin a package, with its hashes. Raises SetupError if none does."""
    found = re.search(rf"^{re.escape(package)}==.*(?:\n .*)*\n", requirements, re.MULTILINE)
    if found is None:
        raise SetupError(f"requirements-dev.txt must pin {package} exactly; run the command that CONTRIBUTING.md gives")
    return found.group()


def install_packages(workshop: Workshop) -> None:
    """All Python packages by uv; by pip, slowly, where uv cannot (an index that only pip is configured for)."""
    requirements = workshop.root / "requirements-dev.txt"
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    pip = (workshop.tool("python"), "-m", "pip", "install", *quiet, "--require-hashes", "--requirement")
    installer = workshop.venv / "uv.txt"  # pip takes hashes from files alone
    installer.write_text(pinned(requirements.read_text(encoding="utf-8"), "uv"), encoding="utf-8")
    workshop.run(*pip, str(installer))
    options = ("--quiet", "--require-hashes", "--system-certs", "--python", workshop.tool("python"))
    uv = (workshop.tool("uv"), "pip", "sync", *options)
    try:
        workshop.run(*uv, str(requirements))
    except SetupError:
        print("uv could not install the packages, pip goes on (minutes) ...", end=" ", flush=True)
        workshop.run(*pip, str(requirements))


def install_cdk(workshop: Workshop) -> None:
    few_retries = ("--fetch-retries=2", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=3000")
    workshop.run(workshop.tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *few_retries)


def steps(root: Path) -> list[Step]:
    """What is to be made, in order."""

    def trained_by(script: Path) -> Callable[[Workshop], None]:
        return lambda workshop: workshop.run(workshop.tool("python"), str(script))

    def sources(script: Path) -> tuple[Path, ...]:
        return (script, *script.parent.glob("samples.py"))

    return [
        Step("Python packages", (root / "requirements-dev.txt",), root / ".venv", install_packages),
        Step("CDK", (root / "package.json", root / "package-lock.json"), root / "node_modules/.bin/cdk", install_cdk),
        *(
            Step(f"models of {script.parent.name}", sources(script), script.parent / "model.tar.gz", trained_by(script))
            for script in sorted(root.glob("containers/*/train.py"))
        ),
    ]


def fingerprint(step: Step, workshop: Workshop) -> str:
    """A hash of what the product depends on: the inputs, and the Python and place of .venv (in pyvenv.cfg)."""
    digest = hashlib.sha256()
    for path in (workshop.venv / "pyvenv.cfg", *step.inputs):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def read_stamp(path: Path) -> dict[str, str]:
    try:
        stamp = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def timed(name: str, action: Callable[[], None]) -> None:
    """Say what is done before it is done, and the seconds after."""
    print(f"set-up: {name} ...", end=" ", flush=True)
    started = time.monotonic()
    action()
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def build_venv(workshop: Workshop) -> None:
    python = find_python(interpreters(os.environ.get("PATH", os.defpath), workshop.venv))
    workshop.run(python.path, "-m", "venv", "--clear", str(workshop.venv))


def set_up(workshop: Workshop) -> None:
    """Do what is not done yet. A step is recorded once it is finished, so an interrupted call can be repeated."""
    done = read_stamp(workshop.stamp)
    if not workshop.is_sound():
        done = {}
        timed("virtual environment", partial(build_venv, workshop))
    for step in steps(workshop.root):
        mark = fingerprint(step, workshop)
        if done.get(step.name) == mark and step.product.exists():
            continue
        timed(step.name, partial(step.action, workshop))
        done[step.name] = mark
        draft = workshop.stamp.with_suffix(".draft")
        draft.write_text(json.dumps(done, indent=2), encoding="utf-8")
        draft.replace(workshop.stamp)


def main() -> int:
    workshop = Workshop(ROOT)
    try:
        with open(ROOT / ".setup.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two commands started side by side take turns
            set_up(workshop)
    except SetupError as error:
        print(f"\nset-up failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up interrupted; the next call goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
