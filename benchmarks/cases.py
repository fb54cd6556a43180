"""What a user of the library waits for. A case is a whole process, from its start to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import Case, Figure, Ratio, Row, measure, progress
from constructs_lib.local import LocalAws

ROOT = Path(__file__).resolve().parent.parent
CONSTRUCTS = "from constructs_lib import AsyncEndpoint, BatchTransformPipeline, RealtimeEndpoint, ServerlessEndpoint"


def run(*arguments: str, given: str | None = None, **variables: str) -> str:
    """What one run of Python in the repository prints. Raises CalledProcessError with its output if it fails."""
    command = [sys.executable, *arguments]
    own_node = Path(sys.executable).parent
    path = f"{own_node}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    # Users have the bytecode of the library on disk from the second run on.
    environment = {**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "", **variables}
    done = subprocess.run(command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return done.stdout


def synthesize(*arguments: str, validation: bool, **variables: str) -> str:
    """Construct and synthesize an app, with the context that the CDK command line would hand to it."""
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    with tempfile.TemporaryDirectory() as folder:
        return run(
            *arguments,
            CDK_CONTEXT_JSON=json.dumps(context),
            CDK_OUTDIR=folder,
            CDK_VALIDATION=str(validation).lower(),
            **variables,
        )


def start_local_aws() -> None:
    """From nothing until the local AWS answers, and until all its processes are gone."""
    with LocalAws():
        pass


CASES = (
    Case("python starts and ends", partial(run, "-c", "pass")),
    Case("import constructs_lib", partial(run, "-c", "import constructs_lib")),
    Case("import constructs_lib.client", partial(run, "-c", "import constructs_lib.client")),
    Case("import boto3", partial(run, "-c", "import boto3")),
    Case("import aws_cdk", partial(run, "-c", "import aws_cdk"), runs=3),
    Case("import all constructs", partial(run, "-c", CONSTRUCTS), runs=3),
    Case("synthesize the app, without CDK's validation", partial(synthesize, "app.py", validation=False), runs=2),
    Case("synthesize the app, with CDK's validation", partial(synthesize, "app.py", validation=True), runs=2),
    Case("local AWS starts and stops", start_local_aws, runs=3),
)


# What is compared with what does the same, or a part of it, in the same run.
PEERS = (
    ("import constructs_lib", "python starts and ends"),
    ("import constructs_lib.client", "import boto3"),
    ("import all constructs", "import aws_cdk"),
    ("synthesize the app, without CDK's validation", "import all constructs"),
)


def rows(cases: Sequence[Case] = CASES) -> Iterator[Row]:
    """Every case, measured, and the ratios of those that have a peer."""
    figures: dict[str, Figure] = {}
    for case in cases:
        progress(case.name)
        figures[case.name] = measure(case)
        yield figures[case.name]
    for ours, peer in PEERS:
        yield Ratio(f"{ours}, to: {peer}", figures[ours].median, figures[peer].median)
