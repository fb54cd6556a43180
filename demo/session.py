"""One run of the demo: deploy, serve in every way, destroy or keep, and leave nothing behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.local import LocalAws, environment
from constructs_lib.local.arns import ACCOUNT, REGION
from constructs_lib.local.errors import LocalAwsError
from demo import asynchronous, batch, dataset, hybrid, keep, metrics, realtime, serverless, streaming
from demo.cdk import Cdk, CommandFailed
from demo.cleanup import no_process_left, nothing_left
from demo.dataset import DataSet
from demo.outcome import Check, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.steps import Steps

Stacks = dict[str, dict[str, str]]
DataSets = Mapping[str, DataSet]
"""The test split of each model by its name."""

WAYS: dict[str, Any] = {
    "realtime": realtime,
    "serverless": serverless,
    "async": asynchronous,
    "batch": batch,
    "hybrid": hybrid,
    "streaming": streaming,
}
MODELS = {"hybrid": "recommender", "streaming": "pricing"}
"""Which model a way serves, where it is not the one of the digits."""
DIGITS = "model"
NO_AWS = "http://127.0.0.1:9"
"""An endpoint where nothing answers, for what has no business with AWS."""
TIME_SCALE = 600.0
"""How much faster than real time scaling runs: its quarter of an hour without traffic becomes a second and a half."""


@dataclass(frozen=True)
class Result:
    """The outcome of each way of serving, and whether everything around them went as it should."""

    outcomes: dict[str, Outcome]
    surroundings: tuple[Check, ...]
    farewell: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything was as expected."""
        return all(outcome.ok for outcome in self.outcomes.values()) and all(check.ok for check in self.surroundings)


def run(root: Path, folder: Path, steps: Steps, *, keeping: bool) -> Result:
    """Everything from the start of the local AWS to its end; what fails is part of the result, not an exception."""
    outcomes: dict[str, Outcome] = {}
    surroundings: list[Check] = []
    farewell = ""
    try:
        train_if_absent(root, steps)
        # Synthesizing needs no AWS, and takes about as long as starting and bootstrapping one.
        with Cdk(root, folder, environment.for_clients(NO_AWS, os.environ)) as offline:
            steps.say("start the local AWS")
            synth = offline.synth()
            with local_aws(root, folder, keeping=keeping) as aws, Cdk(root, folder, aws.environment) as cdk:
                with steps.step("bootstrap the local account, synthesize the app"):
                    cdk.finish(cdk.bootstrap(ACCOUNT, REGION))
                    offline.finish(synth)
                stacks, data = deploy(root, cdk, steps)
                began = datetime.now(UTC)
                outcomes = {way: serve(way, aws, stacks, data, steps) for way in WAYS}
                shown = [WAYS[way].STACK for way in metrics.WAYS]
                metrics.write(aws, shown, began, folder, time_scale=TIME_SCALE)
                if keeping:
                    keep.hand_over(aws)
                    farewell = keep.how_to_call(aws, stacks, data[DIGITS])
                else:
                    surroundings += destroy(aws, cdk, steps)
    except (CommandFailed, LocalAwsError, BotoCoreError, ClientError) as failure:
        steps.say(f"failed: {failure}")
        reason = str(failure).partition("\n")[0]
        surroundings.append(Check("deployed and destroyed", ok=False, found=reason))
        outcomes = outcomes or dict.fromkeys(WAYS, Outcome.broken(reason))
    if not keeping:
        surroundings.append(no_process_left())
    return Result(outcomes, tuple(surroundings), farewell)


@contextmanager
def local_aws(root: Path, folder: Path, *, keeping: bool) -> Iterator[LocalAws]:
    """A local AWS with the classifier's server standing for its image; stopped at the end, unless it is to be kept."""
    aws = LocalAws(
        containers={"classifier": [sys.executable, str(root / dataset.SERVER)]},
        time_scale=TIME_SCALE,
        permissions=True,
        detached=keeping,
        log=folder / "local-aws.log",
    )
    try:
        yield aws
    except BaseException:
        aws.stop()
        raise
    if not keeping:
        aws.stop()


def train_if_absent(root: Path, steps: Steps) -> None:
    """Make the artifact that the stacks upload, unless it is there."""
    if not dataset.is_trained(root):
        with steps.step("train the model"):
            dataset.train(root)


def deploy(root: Path, cdk: Cdk, steps: Steps) -> tuple[Stacks, DataSets]:
    """Deploy what is synthesized; returns the stacks' outputs and the test splits."""
    with steps.step("deploy the stacks"):
        deployment = cdk.deploy()
        # Reading the data sets means importing scikit-learn: seconds in which the command mostly waits.
        data = {model: dataset.test_split(root, model) for model in (DIGITS, *MODELS.values())}
        cdk.finish(deployment)
    return cdk.outputs(), data


def destroy(aws: LocalAws, cdk: Cdk, steps: Steps) -> tuple[Check, ...]:
    """Destroy the stacks; returns the checks that nothing is left of them."""
    with steps.step("destroy the stacks"):
        cdk.finish(cdk.destroy())
        return nothing_left(aws)


def serve(way: str, aws: LocalAws, stacks: Stacks, data: DataSets, steps: Steps) -> Outcome:
    """Try one way of serving; whatever goes wrong in it is its outcome, and the others are tried all the same."""
    module = WAYS[way]
    try:
        with steps.step(f"serve: {way}"):
            outcome: Outcome = module.serve(aws, stacks[module.STACK], data[MODELS.get(way, DIGITS)], steps)
    except Exception as error:  # noqa: BLE001 - see above
        return Outcome.broken(f"{type(error).__name__}: {error}")
    for check in outcome.failures:
        steps.note(f"not as expected: {check.what}: {check.found}")
    return outcome
