"""The real cdk command line against the local AWS, each command in a process group of its own with its own log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo import metrics
from demo.processes import end_group

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

CLI = "node_modules/.bin/cdk"
TIMEOUT = 180.0
"""Seconds after which a command is taken to hang."""
LOG_TAIL = 15
CONCURRENCY = "6"
"""Stacks at once: as many as there are."""


class CommandFailed(Exception):
    """A cdk command failed; the message holds the end of its log."""


@dataclass(frozen=True)
class Running:
    """A command under way."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


class Cdk:
    """Runs cdk commands; leaving the context ends whatever still runs."""

    def __init__(self, root: Path, folder: Path, environment: Mapping[str, str]) -> None:
        self._root = root
        self._folder = folder
        self._environment = environment_for_cdk(environment)
        self._running: list[Running] = []

    def start(self, name: str, *arguments: str, cwd: Path | None = None) -> Running:
        """Start `cdk NAME ARGUMENTS`; its output goes into NAME.log of the demo's folder."""
        log = self._folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(self._root / CLI), name, *arguments, "--no-notices"],
                cwd=cwd or self._root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = Running(name, process, log)
        self._running.append(running)
        return running

    def finish(self, running: Running) -> None:
        """Wait for a command; raises `CommandFailed` with the end of its log when it does not end with 0 in time."""
        try:
            code = running.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            hung = f"cdk {running.name} did not end within {TIMEOUT:g} s; its log is {running.log}"
            raise CommandFailed(hung) from None
        self._running.remove(running)
        if code:
            lines = running.log.read_text(errors="replace").rstrip().splitlines()[-LOG_TAIL:]
            shown = "\n".join(f"    {line}" for line in lines)
            raise CommandFailed(f"cdk {running.name} ended with {code}; the end of {running.log}:\n{shown}")

    def bootstrap(self, account: str, region: str) -> Running:
        """Start bootstrapping, from an empty folder: beside a cdk.json the command would run the app for nothing."""
        empty = self._folder / "empty"
        empty.mkdir(exist_ok=True)
        return self.start("bootstrap", f"aws://{account}/{region}", cwd=empty)

    def synth(self) -> Running:
        """Start synthesizing the app that cdk.json names, with the dashboards that the metrics are read from."""
        dashboards = f"inference.dashboards={','.join(metrics.WAYS)}"
        return self.start("synth", "--quiet", "--output", str(self._assembly), "-c", dashboards)

    def deploy(self) -> Running:
        """Start deploying all synthesized stacks."""
        return self.start(
            "deploy",
            *("--all", "--require-approval", "never", "--concurrency", CONCURRENCY, "--method", "direct"),
            *("--app", str(self._assembly), "--outputs-file", str(self._outputs)),
        )

    def outputs(self) -> dict[str, dict[str, str]]:
        """The outputs of the deployed stacks by stack and name."""
        document: dict[str, dict[str, Any]] = json.loads(self._outputs.read_text())
        return {stack: {name: str(value) for name, value in named.items()} for stack, named in document.items()}

    def destroy(self) -> Running:
        """Start destroying all synthesized stacks."""
        return self.start("destroy", "--all", "--force", "--concurrency", CONCURRENCY, "--app", str(self._assembly))

    @property
    def _outputs(self) -> Path:
        return self._folder / "outputs.json"

    @property
    def _assembly(self) -> Path:
        return self._folder / "cdk.out"

    def __enter__(self) -> Cdk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._running:
            end_group(self._running.pop().process)


def environment_for_cdk(environment: Mapping[str, str]) -> dict[str, str]:
    """The local AWS's environment with this Python's folder first on PATH, where node is too, and no calls abroad."""
    folder = str(Path(sys.executable).parent)
    return {
        **environment,
        "PATH": os.pathsep.join([folder, environment.get("PATH", os.defpath)]),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
        "CI": "true",  # no progress bars in the logs
    }
