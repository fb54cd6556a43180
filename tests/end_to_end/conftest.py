"""The batch pipelines of `batch_app.py`, each deployed when a module first asks for it."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import aws_cdk as cdk
import pytest

from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws
from tests.end_to_end.batch_app import BUILDERS, BatchStack, Find, Pipeline
from tests.support import any_name

ECHO = [sys.executable, str(Path(__file__).parents[1] / "local" / "echo_server.py")]


# Its minutes are seconds; modules that are about something else have one of their own.
aws = local_aws(containers={"echo": ECHO}, time_scale=60.0, scope="module")


@pytest.fixture(scope="module")
def pipeline(aws: LocalAws) -> Find:
    """A pipeline by its name, deployed when it is first asked for."""

    def deployed(name: str) -> Pipeline:
        app = cdk.App()
        BatchStack(app, name, BUILDERS[name])
        return Pipeline(aws, deploy(aws, app))

    return cache(deployed)


@pytest.fixture
def folder() -> str:
    return f"{any_name()}/"
