"""A CDK app of many endpoints, to measure what a synthesis costs: ``python -m benchmarks.fleet COUNT [--limits]``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import aws_cdk as cdk

from constructs_lib import Autoscaling, ContainerImage, Model, ModelArtifact, RealtimeEndpoint

# A template has at most 500 resources; an endpoint is 8 with its alarms.
ENDPOINTS_A_STACK = 60


def build(app: cdk.App, count: int) -> None:
    """``count`` scaled real-time endpoints in as many stacks as they need."""
    for index in range(count):
        if index % ENDPOINTS_A_STACK == 0:
            stack = cdk.Stack(app, f"Fleet{index // ENDPOINTS_A_STACK}")
        model = Model(
            stack,
            f"Model{index}",
            image=ContainerImage.from_uri("123456789012.dkr.ecr.eu-west-1.amazonaws.com/classifier:1"),
            artifact=ModelArtifact.from_s3_uri("s3://models-123456789012/classifier/model.tar.gz"),
        )
        RealtimeEndpoint(
            stack,
            f"Endpoint{index}",
            model=model,
            instance_type="ml.m5.large",
            autoscaling=Autoscaling(max_capacity=4, invocations_per_instance=600),
        )


def main(arguments: Sequence[str]) -> None:
    """Build and synthesize; print the seconds of the synthesis."""
    app = cdk.App()
    if "--limits" in arguments:
        from constructs_lib.validation import InferenceLimits  # whoever goes without it does not pay for its import

        cdk.Validations.of(app).add_plugins(InferenceLimits())
        quota = cdk.Acknowledgment(id="InferenceLimits::Q-EP-TOTAL", reason="a fleet needs more than a new account has")
        cdk.Validations.of(app).acknowledge(quota)
    build(app, int(arguments[0]))
    started = time.perf_counter()
    app.synth()
    print(f"{time.perf_counter() - started:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
