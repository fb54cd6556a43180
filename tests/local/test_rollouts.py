"""Guarded rollouts: how requests move, what is shown meanwhile, and what an alarm does."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import WaiterError

from constructs_lib.local import LocalAws
from constructs_lib.local.clock import Clock
from constructs_lib.local.endpoints.rollout import RolledBack, Rollout
from constructs_lib.local.service import LocalSageMaker
from constructs_lib.local.store import EndpointRecord, RolloutRecord, Store
from tests.local.conftest import Serve, any_name, on_instances, refused, settled
from tests.local.test_cloudformation import Stack, template
from tests.local.test_updates import colour

# The clock is 60 times as fast: a minute of waiting is a second.
MINUTE, HOUR = 60, 3600


def canary(wait: int = MINUTE, last: int = 0, **alarms: Any) -> dict[str, Any]:
    size = {"Type": "CAPACITY_PERCENT", "Value": 50}
    routing = {"Type": "CANARY", "CanarySize": size, "WaitIntervalInSeconds": wait}
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": last}
    return {"BlueGreenUpdatePolicy": policy} | alarms


def watched_by(alarm: str) -> dict[str, Any]:
    return {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]}}


def pending(sagemaker: Any, endpoint: str, status: str) -> dict[str, Any]:
    """The summary of the deployment once its variant is in `status`."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=endpoint).get("PendingDeploymentSummary", {})
        for variant in found.get("ProductionVariants", []):
            if variant["VariantStatus"][0]["Status"] == status:
                return found
        time.sleep(0.02)
    raise AssertionError(f"{endpoint} never was {status}")


def finished(sagemaker: Any, endpoint: str) -> dict[str, Any]:
    """The endpoint once the update is over, rolled back or not."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = settled(sagemaker, endpoint)
        if answer["EndpointStatus"] != "RollingBack":
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{endpoint} is still rolling back")


@pytest.fixture
def alarm(local_aws: LocalAws) -> Iterator[str]:
    """An alarm on a metric that nobody publishes: it is in the state that a test sets."""
    name, cloudwatch = any_name("alarm"), local_aws.client("cloudwatch")
    put_alarm(local_aws, name, Namespace="Any", MetricName="Nobodys", Statistic="Sum")
    yield name
    cloudwatch.delete_alarms(AlarmNames=[name])


def put_alarm(aws: LocalAws, name: str, **members: Any) -> None:
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Period=10,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        **members,
    )


def green(serve: Serve, **environment: str) -> str:
    return serve.config(on_instances(serve.model(COLOUR="green", **environment)))


def test_a_canary_gets_its_share_of_the_requests_and_then_all(sagemaker: Any, runtime: Any, serve: Serve) -> None:
    endpoint, new = serve(COLOUR="blue"), green(serve)
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=new, DeploymentConfig=canary(5 * MINUTE))
    pending(sagemaker, endpoint, "Baking")
    seen = Counter(colour(runtime, endpoint) for _ in range(200))
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "Updating"
    assert 60 <= seen["green"] <= 140
    answer = finished(sagemaker, endpoint)
    assert (answer["EndpointConfigName"], colour(runtime, endpoint)) == (new, "green")


def test_a_deployment_is_shown_while_it_runs_and_stays_as_the_last_one(sagemaker: Any, serve: Serve) -> None:
    endpoint, new = serve(), green(serve)
    before = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=new, DeploymentConfig=canary())
    shown = pending(sagemaker, endpoint, "Baking")
    assert shown["EndpointConfigName"] == new
    (status,) = shown["ProductionVariants"][0]["VariantStatus"]
    assert status["StatusMessage"] == (
        "Baking for 60 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of 1 instance(s)."
    )
    running = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert (running["EndpointConfigName"], running["LastDeploymentConfig"]) == (before, canary())
    answer = finished(sagemaker, endpoint)
    assert "PendingDeploymentSummary" not in answer
    assert answer["LastDeploymentConfig"] == canary()


def test_linear_steps_move_one_after_the_other(sagemaker: Any, serve: Serve) -> None:
    endpoint = serve.endpoint(serve.config(on_instances(serve.model(), count=4)))
    new = serve.config(on_instances(serve.model(), count=4))
    routing = {
        "Type": "LINEAR",
        "LinearStepSize": {"Type": "INSTANCE_COUNT", "Value": 2},
        "WaitIntervalInSeconds": MINUTE,
    }
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": MINUTE}
    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=new, DeploymentConfig={"BlueGreenUpdatePolicy": policy}
    )
    messages: list[str] = []
    while (answer := sagemaker.describe_endpoint(EndpointName=endpoint))["EndpointStatus"] == "Updating":
        for variant in answer.get("PendingDeploymentSummary", {}).get("ProductionVariants", []):
            message = variant["VariantStatus"][0]["StatusMessage"]
            if message.startswith("Baking") and message not in messages:
                messages.append(message)
        time.sleep(0.02)
    assert [message.partition("enabled on ")[2] for message in messages] == [
        "linear capacity of 2 instance(s).",
        "full capacity of 4 instance(s).",
    ]
    assert answer["EndpointConfigName"] == new


def test_a_rolling_update_ends_with_the_new_configuration(sagemaker: Any, runtime: Any, serve: Serve) -> None:
    endpoint, new = serve(COLOUR="blue"), green(serve)
    size = {"Type": "CAPACITY_PERCENT", "Value": 50}
    policy = {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": 1}}
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=new, DeploymentConfig=policy)
    assert finished(sagemaker, endpoint)["EndpointConfigName"] == new
    assert colour(runtime, endpoint) == "green"


def test_an_alarm_rolls_the_endpoint_back_with_its_reason(
    local_aws: LocalAws, sagemaker: Any, runtime: Any, serve: Serve, alarm: str
) -> None:
    endpoint, new = serve(COLOUR="blue"), green(serve)
    before = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    deployment = canary(HOUR, **watched_by(alarm))
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=new, DeploymentConfig=deployment)
    pending(sagemaker, endpoint, "Baking")
    local_aws.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    answer = finished(sagemaker, endpoint)
    assert (answer["EndpointStatus"], answer["EndpointConfigName"]) == ("InService", before)
    assert alarm in answer["FailureReason"]
    assert {colour(runtime, endpoint) for _ in range(20)} == {"blue"}


def test_rolling_back_is_a_status_of_its_own_in_which_the_old_fleet_serves(
    local_aws: LocalAws, sagemaker: Any, runtime: Any, serve: Serve, alarm: str
) -> None:
    endpoint, new = serve(COLOUR="blue"), green(serve)
    deployment = canary(HOUR, **watched_by(alarm))
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=new, DeploymentConfig=deployment)
    pending(sagemaker, endpoint, "Baking")
    # A request that the new fleet is at work on holds the end of the rollback up.
    busy = Slow(runtime, endpoint)
    local_aws.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    while (answer := sagemaker.describe_endpoint(EndpointName=endpoint))["EndpointStatus"] == "Updating":
        time.sleep(0.02)
    assert answer["EndpointStatus"] == "RollingBack"
    assert {colour(runtime, endpoint) for _ in range(20)} == {"blue"}
    busy.wait()
    assert finished(sagemaker, endpoint)["EndpointStatus"] == "InService"


class Slow:
    """Enough slow requests that the new fleet has some of them."""

    def __init__(self, runtime: Any, endpoint: str) -> None:
        self._pool = ThreadPoolExecutor(16)
        self._calls = [
            self._pool.submit(runtime.invoke_endpoint, EndpointName=endpoint, Body=b"!sleep 1.5") for _ in range(16)
        ]
        time.sleep(0.3)

    def wait(self) -> None:
        assert all(call.result()["Body"].read() == b"slept" for call in self._calls)
        self._pool.shutdown()


def test_errors_of_the_new_fleet_trip_an_alarm_that_watches_it(
    local_aws: LocalAws, sagemaker: Any, runtime: Any, serve: Serve
) -> None:
    endpoint, new = serve(COLOUR="blue"), green(serve)
    before = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    dimensions = {"EndpointName": endpoint, "VariantName": "all", "EndpointConfigName": new}
    name = any_name("errors")
    put_alarm(
        local_aws,
        name,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Statistic="Sum",
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
    )
    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=new, DeploymentConfig=canary(HOUR, **watched_by(name))
    )
    pending(sagemaker, endpoint, "Baking")
    deadline = time.monotonic() + 20
    while sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "Updating":
        assert time.monotonic() < deadline
        refused(runtime.invoke_endpoint, EndpointName=endpoint, Body=b"!status 500")
    answer = finished(sagemaker, endpoint)
    assert answer["EndpointConfigName"] == before
    assert name in answer["FailureReason"]
    local_aws.client("cloudwatch").delete_alarms(AlarmNames=[name])


def test_errors_of_another_endpoint_do_not_trip_the_alarm(
    local_aws: LocalAws, sagemaker: Any, runtime: Any, serve: Serve
) -> None:
    endpoint, other, new = serve(), serve(), green(serve)
    name = any_name("errors")
    put_alarm(
        local_aws,
        name,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Statistic="Sum",
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "all"}],
    )
    deployment = canary(2 * MINUTE, **watched_by(name))
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=new, DeploymentConfig=deployment)
    while sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "Updating":
        refused(runtime.invoke_endpoint, EndpointName=other, Body=b"!status 500")
    assert finished(sagemaker, endpoint)["EndpointConfigName"] == new
    local_aws.client("cloudwatch").delete_alarms(AlarmNames=[name])


def test_a_deployment_that_waits_beyond_its_time_out_is_rolled_back() -> None:
    routing = {
        "Type": "LINEAR",
        "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 10},
        "WaitIntervalInSeconds": 500,
    }
    policy = {"TrafficRoutingConfiguration": routing, "MaximumExecutionTimeoutInSeconds": 600}
    sagemaker = SimpleNamespace(store=Store(), clock=Clock(6000.0))
    endpoint = EndpointRecord("any", "arn", "old", "Updating")
    rollout = RolloutRecord("new", {"BlueGreenUpdatePolicy": policy})
    with pytest.raises(RolledBack, match="MaximumExecutionTimeoutInSeconds of 600"):
        Rollout(cast(LocalSageMaker, sagemaker), endpoint, rollout).carry_out()
    assert rollout.share == pytest.approx(0.2)


def test_a_time_out_off_its_limit_is_refused(sagemaker: Any, serve: Serve) -> None:
    endpoint, new = serve(), green(serve)
    deployment = canary()
    deployment["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 28801
    error = refused(
        sagemaker.update_endpoint, EndpointName=endpoint, EndpointConfigName=new, DeploymentConfig=deployment
    ).response["Error"]
    assert "BlueGreenUpdatePolicy.MaximumExecutionTimeoutInSeconds" in error["Message"]


def test_the_last_deployment_is_used_again_when_it_is_retained(sagemaker: Any, serve: Serve) -> None:
    name, config = any_name("endpoint"), serve.config(on_instances(serve.model()))
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config, DeploymentConfig=canary())
    settled(sagemaker, name)
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=green(serve), RetainDeploymentConfig=True)
    shown = pending(sagemaker, name, "Baking")
    assert "canary" in shown["ProductionVariants"][0]["VariantStatus"][0]["StatusMessage"]
    finished(sagemaker, name)
    sagemaker.delete_endpoint(EndpointName=name)


def test_a_stack_s_update_fails_and_rolls_back_with_the_endpoint(local_aws: LocalAws, runtime: Any, alarm: str) -> None:
    stack, guarded = Stack(local_aws), template("green")
    name = stack.deploy(template("blue"))["EndpointName"]
    deployment = json.loads(json.dumps(canary(HOUR, **watched_by(alarm))), parse_int=str)
    guarded["Resources"]["Endpoint"]["Properties"]["DeploymentConfig"] = deployment
    local_aws.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    with pytest.raises(WaiterError):
        stack.deploy(guarded)
    stacks = local_aws.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"]
    assert stacks[0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alarm in stack.reasons()
    assert colour(runtime, name) == "blue"
    stack.delete()
