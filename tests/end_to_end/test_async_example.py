"""The example of asynchronous inference, from its own template: it sleeps, wakes for its client, and sleeps again."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.client import InferenceClient, InferenceFailed
from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws
from demo.dataset import test_split as rows_to_ask
from tests.end_to_end.async_witness import Witness, until

ROOT = Path(__file__).resolve().parents[2]
CLASSIFIER = [sys.executable, str(ROOT / "containers" / "classifier" / "serve.py")]
LONGEST = 60


# The quarter of an hour before an idle endpoint sleeps is six seconds. Faster, the five minutes in which an instance
# must start before another is asked for were hardly a second.
aws = local_aws(containers={"classifier": CLASSIFIER}, time_scale=150.0, scope="module")


@pytest.fixture(scope="module")
def example(aws: LocalAws) -> Witness:
    """The example, deployed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        app = runpy.run_path(str(ROOT / "examples" / "async_to_zero.py"), run_name="__main__")["app"]
    return Witness(aws, deploy(aws, app))


@pytest.fixture
def client(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> InferenceClient:
    """A client in the environment of the local AWS."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    return InferenceClient.for_stack("AsyncToZero")


def test_an_instance_is_warm_in_office_hours_alone(example: Witness) -> None:
    """Deletes these actions then: at the speed of this clock an hour of a day could come in the next tests."""
    scaling = example.client("application-autoscaling")
    actions = scaling.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"]
    assert {action["ScheduledActionName"]: action["ScalableTargetAction"]["MinCapacity"] for action in actions} == {
        "Morning": 1,
        "Evening": 0,
    }
    for action in actions:
        target = {key: action[key] for key in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
        scaling.delete_scheduled_action(ScheduledActionName=action["ScheduledActionName"], **target)
        scaling.register_scalable_target(MinCapacity=0, **target)


def test_it_sleeps_wakes_for_its_client_and_sleeps_again(example: Witness, client: InferenceClient) -> None:
    until(lambda: example.instances() == 0, LONGEST)
    rows = rows_to_ask(ROOT).lines[:10]
    assert [cause(activity) for activity in activities(example)] == ["ScaleInWhenIdle"]
    results = client.submit_all([*rows, "no row of numbers"], content_type="text/csv").wait(LONGEST)
    assert all(result.result(timeout=1).text.strip().isdigit() for result in results[:10])
    with pytest.raises(InferenceFailed, match="must have 64 columns"):
        results[10].result(timeout=1)
    until(lambda: example.instances() == 0, LONGEST)
    assert [cause(activity) for activity in activities(example)] == [
        "ScaleInWhenIdle",
        "WakeFromZero",
        "ScaleInWhenIdle",
    ]


def activities(example: Witness) -> list[dict[str, Any]]:
    """What scaling has done, the oldest first."""
    found = example.client("application-autoscaling").describe_scaling_activities(ServiceNamespace="sagemaker")
    return list(reversed(found["ScalingActivities"]))


def cause(activity: dict[str, Any]) -> str:
    """The policy that an alarm has triggered."""
    return str(activity["Cause"]).rpartition(" triggered policy ")[2]
