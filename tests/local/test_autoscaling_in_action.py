"""Capacity that really changes: out by invocations, out of sleep by a deployed alarm, and back to sleep."""

import io
import json
import tarfile
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.testing import local_aws
from tests.local.conftest import ECHO, Serve, any_name, client_of, on_instances
from tests.local.test_autoscaling import DIMENSION, Variant, count, eventually, stepping, tracking

# Fifteen minutes without work, after which target tracking scales in, are a second and a half.
FAST = 600.0


fast_aws = local_aws(containers={"echo": ECHO}, time_scale=FAST, scope="module", permissions=False)


@pytest.fixture(scope="module")
def artifact_of_fast(fast_aws: LocalAws) -> str:
    """The location of a model.tar.gz without a file in it."""
    buffer, bucket = io.BytesIO(), any_name("models")
    tarfile.open(fileobj=buffer, mode="w:gz").close()
    fast_aws.client("s3").create_bucket(Bucket=bucket)
    fast_aws.client("s3").put_object(Bucket=bucket, Key="model.tar.gz", Body=buffer.getvalue())
    return f"s3://{bucket}/model.tar.gz"


def test_invocations_scale_a_real_time_variant_out(fast_aws: LocalAws, artifact_of_fast: str) -> None:
    sagemaker, runtime = client_of(fast_aws, "sagemaker"), client_of(fast_aws, "sagemaker-runtime")
    scaling = client_of(fast_aws, "application-autoscaling")
    serve = Serve(sagemaker, artifact_of_fast)
    variant = Variant(serve())
    scaling.register_scalable_target(**variant.key, MinCapacity=1, MaxCapacity=3)
    scaling.put_scaling_policy(**variant.key, **tracking(TargetValue=1.0))

    def busy() -> bool:
        for _ in range(10):
            runtime.invoke_endpoint(EndpointName=variant.endpoint, Body=b"x")
        return count(sagemaker, variant.endpoint) == 3

    eventually(busy)
    scaling.deregister_scalable_target(**variant.key)
    serve.close()


def test_a_stack_wakes_its_endpoint_by_the_step_policy_and_lets_it_sleep_again(
    fast_aws: LocalAws, artifact_of_fast: str
) -> None:
    sagemaker, runtime = client_of(fast_aws, "sagemaker"), client_of(fast_aws, "sagemaker-runtime")
    scaling, stacks, s3 = (fast_aws.client(name) for name in ("application-autoscaling", "cloudformation", "s3"))
    bucket = any_name("results")
    s3.create_bucket(Bucket=bucket)
    serve = Serve(sagemaker, artifact_of_fast)
    output = {"OutputConfig": {"S3OutputPath": f"s3://{bucket}/success"}}
    endpoint = serve.endpoint(serve.config(on_instances(serve.model()), AsyncInferenceConfig=output))
    stack = any_name("scaling")
    stacks.create_stack(StackName=stack, TemplateBody=json.dumps(template(endpoint)))
    stacks.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    outputs = {
        each["OutputKey"]: each["OutputValue"]
        for each in stacks.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    }
    variant = Variant(endpoint)
    assert outputs["Target"] == f"{variant.resource_id}|{DIMENSION}|sagemaker"
    assert outputs["PolicyName"] == "wake"
    assert outputs["PolicyRef"] == outputs["PolicyArn"]
    assert outputs["PolicyArn"].startswith("arn:aws:autoscaling:")

    eventually(lambda: count(sagemaker, endpoint) == 0)
    answers = [runtime.invoke_endpoint_async(EndpointName=endpoint, Body=b"x") for _ in range(3)]
    eventually(lambda: s3.list_objects_v2(Bucket=bucket).get("KeyCount") == len(answers))
    eventually(lambda: count(sagemaker, endpoint) == 0)
    activities = scaling.describe_scaling_activities(ServiceNamespace="sagemaker", ResourceId=variant.resource_id)
    causes = [activity["Cause"] for activity in reversed(activities["ScalingActivities"])]
    assert "AlarmLow" in causes[0]
    assert causes[1] == f"monitor alarm {outputs['Alarm']} in state ALARM triggered policy wake"
    assert "AlarmLow" in causes[-1]
    shown = fast_aws.client("cloudwatch").list_metrics(
        Namespace="AWS/SageMaker", Dimensions=[{"Name": "EndpointName", "Value": endpoint}]
    )
    assert {
        "ApproximateBacklogSize",
        "ApproximateBacklogSizePerInstance",
        "ApproximateAgeOfOldestRequest",
        "HasBacklogWithoutCapacity",
    } <= {metric["MetricName"] for metric in shown["Metrics"]}

    stacks.delete_stack(StackName=stack)
    stacks.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    left = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[variant.resource_id])
    assert left["ScalableTargets"] == []
    serve.close()


def template(endpoint: str) -> dict[str, Any]:
    """What an asynchronous endpoint that sleeps needs; numbers as text, as templates may have them."""
    per_instance = {
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": endpoint}],
        "Statistic": "Average",
    }
    return {
        "Resources": {
            "Target": resource(
                "ApplicationAutoScaling::ScalableTarget",
                ServiceNamespace="sagemaker",
                ResourceId=f"endpoint/{endpoint}/variant/all",
                ScalableDimension=DIMENSION,
                MinCapacity="0",
                MaxCapacity="2",
            ),
            "Tracking": resource(
                "ApplicationAutoScaling::ScalingPolicy",
                PolicyName="tracking",
                PolicyType="TargetTrackingScaling",
                ScalingTargetId={"Ref": "Target"},
                TargetTrackingScalingPolicyConfiguration={
                    "TargetValue": "5",
                    "CustomizedMetricSpecification": per_instance,
                },
            ),
            "Wake": resource(
                "ApplicationAutoScaling::ScalingPolicy",
                ScalingTargetId={"Ref": "Target"},
                **(stepping() | {"PolicyName": "wake"}),
            ),
            "Alarm": resource(
                "CloudWatch::Alarm",
                Namespace="AWS/SageMaker",
                MetricName="HasBacklogWithoutCapacity",
                Dimensions=per_instance["Dimensions"],
                Statistic="Average",
                Period=60,
                EvaluationPeriods=2,
                Threshold=1,
                ComparisonOperator="GreaterThanOrEqualToThreshold",
                AlarmActions=[{"Ref": "Wake"}],
            ),
        },
        "Outputs": {
            "Target": {"Value": {"Ref": "Target"}},
            "PolicyRef": {"Value": {"Ref": "Wake"}},
            "PolicyArn": {"Value": {"Fn::GetAtt": ["Wake", "Arn"]}},
            "PolicyName": {"Value": {"Fn::GetAtt": ["Wake", "PolicyName"]}},
            "Alarm": {"Value": {"Ref": "Alarm"}},
        },
    }


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}
