"""The stacks destroyed, and the proof that nothing of them is left."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from demo.dataset import SERVER
from demo.outcome import Check, expect_equal
from demo.processes import below

if TYPE_CHECKING:
    from constructs_lib.local import LocalAws

BOOTSTRAP_STACK = "CDKToolkit"


def nothing_left(aws: LocalAws) -> tuple[Check, ...]:
    """Checks that after destroying there is no stack but the bootstrap's, no endpoint, model, and no model process."""
    stacks = [stack["StackName"] for stack in aws.client("cloudformation").describe_stacks()["Stacks"]]
    sagemaker = aws.client("sagemaker")
    endpoints = [each["EndpointName"] for each in sagemaker.list_endpoints()["Endpoints"]]
    models = [each["ModelName"] for each in sagemaker.list_models()["Models"]]
    # The server's own command names the container too, as its argument.
    serving = [process.pid for process in below(aws.pid) if SERVER in process.command]
    return (
        expect_equal("no stack left but the bootstrap's", sorted(stacks), [BOOTSTRAP_STACK]),
        expect_equal("no endpoint left", endpoints, []),
        expect_equal("no model left", models, []),
        expect_equal("no model process left", serving, []),
    )


def no_process_left() -> Check:
    """A check that this process has no child any more."""
    return expect_equal("no process left", [process.command for process in below(os.getpid())], [])
