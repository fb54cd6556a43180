"""Stacks with SageMaker's resources: attributes, replacement, update in place, rollback, deletion."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from constructs_lib.local import LocalAws
from tests.local.conftest import IMAGE, ROLE, any_name

Template = dict[str, Any]
FAST = {"Delay": 0, "MaxAttempts": 2000}


def template(colour: str = "blue", count: int | str = 1, **names: str) -> Template:
    """A model, its configuration, its endpoint; `names` are physical ones by logical id."""
    model: Template = {
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": IMAGE, "Environment": {"COLOUR": colour}},
    }
    if colour == "none":
        model["PrimaryContainer"]["Environment"]["DEAD"] = "1"
    if "Model" in names:
        model["ModelName"] = names["Model"]
    variant = {
        "VariantName": "all",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": count,
        "InitialVariantWeight": 1,
    }
    config = {"EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}}
    return {
        "Resources": {
            "Model": {"Type": "AWS::SageMaker::Model", "Properties": model},
            "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}},
            "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": config},
        },
        "Outputs": {
            "EndpointName": {"Value": {"Fn::GetAtt": ["Endpoint", "EndpointName"]}},
            "EndpointRef": {"Value": {"Ref": "Endpoint"}},
            "ModelRef": {"Value": {"Ref": "Model"}},
            "ModelName": {"Value": {"Fn::GetAtt": ["Model", "ModelName"]}},
            "ConfigRef": {"Value": {"Ref": "Config"}},
        },
    }


class Stack:
    """A stack that is created, updated and deleted, each time until it is done."""

    def __init__(self, aws: LocalAws) -> None:
        self.name = any_name("stack")
        self._cloudformation = aws.client("cloudformation")
        self._exists = False

    def deploy(self, body: Template) -> dict[str, str]:
        """Create or update; the outputs."""
        verb, self._exists = ("update" if self._exists else "create"), True
        getattr(self._cloudformation, f"{verb}_stack")(StackName=self.name, TemplateBody=json.dumps(body))
        waiter = self._cloudformation.get_waiter(f"stack_{verb}_complete")
        waiter.wait(StackName=self.name, WaiterConfig=FAST)
        outputs = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def reasons(self) -> str:
        """Why resources failed."""
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)

    def delete(self) -> None:
        """Delete it and everything in it."""
        self._cloudformation.delete_stack(StackName=self.name)
        self._cloudformation.get_waiter("stack_delete_complete").wait(StackName=self.name, WaiterConfig=FAST)


@pytest.fixture
def stack(local_aws: LocalAws) -> Iterator[Stack]:
    made = Stack(local_aws)
    yield made
    made.delete()


def colour(runtime: Any, endpoint: str) -> str:
    body: bytes = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!environment COLOUR")["Body"].read()
    return body.decode()


def test_ref_gives_arns_and_getatt_gives_names(stack: Stack, runtime: Any) -> None:
    outputs = stack.deploy(template())
    assert outputs["ModelRef"] == f"arn:aws:sagemaker:us-east-1:000000000000:model/{outputs['ModelName'].lower()}"
    assert ":endpoint-config/" in outputs["ConfigRef"]
    assert outputs["EndpointRef"].endswith(f":endpoint/{outputs['EndpointName'].lower()}")
    assert colour(runtime, outputs["EndpointName"]) == "blue"


def test_a_changed_model_is_replaced_and_the_endpoint_updated_in_place(
    stack: Stack, sagemaker: Any, runtime: Any
) -> None:
    before = stack.deploy(template("blue"))
    after = stack.deploy(template("green"))
    assert after["EndpointName"] == before["EndpointName"]
    assert after["ModelRef"] != before["ModelRef"]
    assert after["ConfigRef"] != before["ConfigRef"]
    assert colour(runtime, after["EndpointName"]) == "green"
    names = [model["ModelName"] for model in sagemaker.list_models(NameContains=stack.name)["Models"]]
    assert names == [after["ModelName"]]


def test_a_failed_update_is_rolled_back_with_the_reason(stack: Stack, sagemaker: Any, runtime: Any) -> None:
    before = stack.deploy(template("blue"))
    with pytest.raises(WaiterError):
        stack.deploy(template("none"))
    assert "dead on arrival" in stack.reasons()
    assert colour(runtime, before["EndpointName"]) == "blue"
    names = [model["ModelName"] for model in sagemaker.list_models(NameContains=stack.name)["Models"]]
    assert names == [before["ModelName"]]


def test_a_failed_creation_leaves_no_endpoint(stack: Stack, sagemaker: Any) -> None:
    with pytest.raises(WaiterError):
        stack.deploy(template("none"))
    assert "dead on arrival" in stack.reasons()
    assert sagemaker.list_endpoints(NameContains=stack.name)["Endpoints"] == []


def test_a_model_with_a_name_of_its_own_cannot_be_replaced(stack: Stack) -> None:
    name = any_name("named")
    stack.deploy(template("blue", Model=name))
    with pytest.raises(WaiterError):
        stack.deploy(template("green", Model=name))
    assert "custom-named resource requires replacing" in stack.reasons()


def test_numbers_may_be_written_as_text(stack: Stack, sagemaker: Any) -> None:
    outputs = stack.deploy(template(count="2"))
    answer = sagemaker.describe_endpoint(EndpointName=outputs["EndpointName"])
    assert answer["ProductionVariants"][0]["DesiredInstanceCount"] == 2


def test_a_reference_to_the_arn_where_a_name_belongs_is_refused(stack: Stack) -> None:
    wrong = template()
    wrong["Resources"]["Endpoint"]["Properties"]["EndpointConfigName"] = {"Ref": "Config"}
    with pytest.raises(WaiterError):
        stack.deploy(wrong)
    assert "at 'EndpointConfigName' failed to satisfy constraint" in stack.reasons()


def test_tags_alone_do_not_replace_the_model(stack: Stack, sagemaker: Any) -> None:
    before = stack.deploy(template())
    tagged = template()
    tagged["Resources"]["Model"]["Properties"]["Tags"] = [{"Key": "team", "Value": "red"}]
    after = stack.deploy(tagged)
    assert after["ModelRef"] == before["ModelRef"]
    assert {"Key": "team", "Value": "red"} in sagemaker.list_tags(ResourceArn=after["ModelRef"])["Tags"]


def test_a_scaled_endpoint_goes_with_its_stack_and_its_target_with_it(
    stack: Stack, sagemaker: Any, local_aws: LocalAws
) -> None:
    body = template()
    body["Resources"]["Target"] = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "ServiceNamespace": "sagemaker",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "ResourceId": {"Fn::Sub": "endpoint/${Endpoint.EndpointName}/variant/all"},
            "MinCapacity": 1,
            "MaxCapacity": 3,
        },
    }
    name = stack.deploy(body)["EndpointName"]
    scaling = local_aws.client("application-autoscaling")
    of_endpoint = {"ServiceNamespace": "sagemaker", "ResourceIds": [f"endpoint/{name}/variant/all"]}
    assert len(scaling.describe_scalable_targets(**of_endpoint)["ScalableTargets"]) == 1
    stack.delete()
    assert scaling.describe_scalable_targets(**of_endpoint)["ScalableTargets"] == []
    assert sagemaker.list_endpoints(NameContains=stack.name)["Endpoints"] == []
