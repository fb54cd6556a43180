"""The CDK app: settings -> stacks -> limit checks."""

from __future__ import annotations

import os
import sys

import aws_cdk as cdk

from constructs_lib import InferenceDashboard
from constructs_lib.errors import InferenceError
from constructs_lib.validation import InferenceLimits
from stacks.asynchronous import AsyncStack
from stacks.batch import BatchStack
from stacks.hybrid import HybridStack
from stacks.realtime import RealtimeStack
from stacks.serverless import ServerlessStack
from stacks.settings import Settings, SettingsError
from stacks.streaming import StreamingStack

STACKS = {
    "realtime": ("InferenceRealtime", RealtimeStack),
    "serverless": ("InferenceServerless", ServerlessStack),
    "async": ("InferenceAsync", AsyncStack),
    "batch": ("InferenceBatch", BatchStack),
    "hybrid": ("InferenceHybrid", HybridStack),
    "streaming": ("InferenceStreaming", StreamingStack),
}


def build(app: cdk.App) -> None:
    """Add the stacks that the settings name to ``app``."""
    settings = Settings.from_context(app.node.get_all_context())
    for setting, ways in (("stacks", settings.stacks), ("dashboards", settings.dashboards)):
        for way in ways:
            if way not in STACKS:
                raise SettingsError(f"setting inference.{setting} names {way!r}; known: {', '.join(STACKS)}")
    for way in settings.stacks:
        stack_id, stack = STACKS[way]
        made = stack(app, stack_id, settings=settings)
        if way in settings.dashboards:
            InferenceDashboard(made, "Dashboard")


def main() -> None:
    """Synthesize; a wrong setting ends in its message alone."""
    os.environ.setdefault("JSII_HOST_STACK_TRACES", "1")  # findings then name the line that made the resource
    app = cdk.App()
    cdk.Validations.of(app).add_plugins(InferenceLimits())
    try:
        build(app)
    except InferenceError as error:
        sys.exit(f"error: {error}")
    synthesize(app)


def synthesize(app: cdk.App) -> None:
    """Write the templates; what CDK's validation finds is printed by CDK, and a traceback would only bury it."""
    try:
        app.synth()
    except RuntimeError as error:
        if not str(error).startswith("ValidationFailed"):
            raise
        sys.exit("error: the templates are not valid, see above")


if __name__ == "__main__":
    main()
