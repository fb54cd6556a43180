"""The example of serverless inference, deployed from its own template into the local AWS, called and scaled."""

from __future__ import annotations

import runpy
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws
from demo.dataset import test_split as rows_to_ask

ROOT = Path(__file__).resolve().parents[2]
CLASSIFIER = [sys.executable, str(ROOT / "containers" / "classifier" / "serve.py")]
DIMENSION = "sagemaker:variant:DesiredProvisionedConcurrency"
# A day, in which every schedule of the example acts, is fifteen seconds.
DAY_IN_FIFTEEN_SECONDS = 24 * 3600 / 15


aws = local_aws(containers={"classifier": CLASSIFIER}, time_scale=DAY_IN_FIFTEEN_SECONDS, scope="module")


@pytest.fixture(scope="module")
def name(aws: LocalAws) -> Iterator[str]:
    """Deploy the example; the name of its endpoint."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        app = runpy.run_path(str(ROOT / "examples" / "serverless_provisioned.py"), run_name="__main__")["app"]
        yield deploy(aws, app)["EndpointName"]


def concurrency(aws: LocalAws, name: str) -> int:
    (variant,) = aws.client("sagemaker").describe_endpoint(EndpointName=name)["ProductionVariants"]
    return int(variant["CurrentServerlessConfig"]["ProvisionedConcurrency"])


def test_it_answers(aws: LocalAws, name: str) -> None:
    row = rows_to_ask(ROOT).lines[0].encode()
    answer = aws.client("sagemaker-runtime").invoke_endpoint(EndpointName=name, Body=row, ContentType="text/csv")
    assert answer["Body"].read().decode().strip().isdigit()


def test_its_provisioned_concurrency_is_registered_with_its_policy(aws: LocalAws, name: str) -> None:
    scaling = aws.client("application-autoscaling")
    of_endpoint: dict[str, Any] = {"ServiceNamespace": "sagemaker", "ScalableDimension": DIMENSION}
    resource = f"endpoint/{name}/variant/AllTraffic"
    (target,) = scaling.describe_scalable_targets(**of_endpoint, ResourceIds=[resource])["ScalableTargets"]
    assert target["MaxCapacity"] == 10
    (policy,) = scaling.describe_scaling_policies(**of_endpoint, ResourceId=resource)["ScalingPolicies"]
    configuration = policy["TargetTrackingScalingPolicyConfiguration"]
    assert configuration["TargetValue"] == 0.7
    actions = scaling.describe_scheduled_actions(**of_endpoint, ResourceId=resource)["ScheduledActions"]
    assert {action["ScheduledActionName"] for action in actions} == {"Noon", "After"}


def test_it_is_ready_for_the_peak_and_goes_back_after_it(aws: LocalAws, name: str) -> None:
    deadline = time.monotonic() + 60
    seen = [concurrency(aws, name)]
    while not (8 in seen and seen[-1] < 8):
        assert time.monotonic() < deadline, seen
        time.sleep(0.02)
        if concurrency(aws, name) != seen[-1]:
            seen.append(concurrency(aws, name))
    assert min(seen) >= 1


def test_its_alarms_are_there(aws: LocalAws, name: str) -> None:
    alarms = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    of_endpoint = {"Name": "EndpointName", "Value": name}
    watched = {alarm["MetricName"] for alarm in alarms if of_endpoint in alarm.get("Dimensions", [])}
    assert watched == {"Invocation5XXErrors", "Invocation4XXErrors", "ModelSetupTime"}
    [share] = [alarm for alarm in alarms if alarm.get("Metrics")]
    assert share["Threshold"] == 2.0
    assert len(share["AlarmActions"]) == 1
