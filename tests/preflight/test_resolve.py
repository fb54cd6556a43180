"""What a template leaves open is filled from the account before it is judged: parameters, imports, the session."""

from __future__ import annotations

from typing import Any

from constructs_lib.facts.paths import CONFIG, MODEL
from constructs_lib.preflight.target import Target
from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import Document, changed
from tests.preflight.conftest import ACCOUNT, REGION, Aws, Preflight, refusal

URL = "Model.PrimaryContainer.ModelDataUrl"
COUNT = "Config.ProductionVariants.0.InitialInstanceCount"


def url(target: Target) -> object:
    (model,) = target.template.of(MODEL)
    return model.at("PrimaryContainer", "ModelDataUrl").value


def with_url(value: object, **parameters: Document) -> Document:
    return changed(realtime(), {URL: value}) | {"Parameters": parameters}


def test_pseudo_parameters_are_those_of_the_session(preflight: Preflight) -> None:
    parts = "${AWS::Partition}-${AWS::AccountId}-${AWS::Region}-${AWS::StackName}-${AWS::URLSuffix}"
    found = url(preflight.target(with_url({"Fn::Sub": parts})))
    assert found == f"aws-{ACCOUNT}-{REGION}-Stack-amazonaws.com"


def test_a_stack_whose_name_is_not_known_is_asked_for(preflight: Preflight) -> None:
    target = preflight.target(with_url({"Ref": "AWS::StackName"}), stack_name=None)
    (model,) = target.template.of(MODEL)
    why = target.why_unknown(model.at("PrimaryContainer", "ModelDataUrl"))
    assert why == ("it depends on AWS::StackName", "name the stack by --stack")


def test_a_given_parameter_comes_before_its_default(preflight: Preflight) -> None:
    document = with_url({"Ref": "Url"}, Url={"Type": "String", "Default": "s3://default/a"})
    assert url(preflight.target(document)) == "s3://default/a"
    assert url(preflight.target(document, {"Url": "s3://given/a"})) == "s3://given/a"


def test_conditions_are_those_of_the_values_that_are_given(preflight: Preflight) -> None:
    document = changed(realtime(), {COUNT: {"Fn::If": ["IsProd", 10, 1]}}) | {
        "Parameters": {"Stage": {"Type": "String", "Default": ""}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    }
    for given, count in (({}, 1), ({"Stage": "prod"}, 10)):
        (config,) = preflight.target(document, given).template.of(CONFIG)
        assert config.at("ProductionVariants", 0, "InitialInstanceCount").number == count


def test_a_parameter_of_the_parameter_store_has_the_value_that_is_stored(aws: Aws, preflight: Preflight) -> None:
    aws.on("GetParameters", {"Parameters": [{"Name": "/model", "Value": "s3://stored/a"}]})
    parameter = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/model"}
    bootstrap = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/any/version"}
    document = with_url({"Ref": "Url"}, Url=parameter, BootstrapVersion=bootstrap)
    assert url(preflight.target(document)) == "s3://stored/a"
    assert [asked["Names"] for asked in aws.asked("GetParameters")] == [["/model"]]


def _importing() -> Document:
    return with_url({"Fn::ImportValue": "Models:Url"})


def test_what_another_stack_exports_is_filled_in(aws: Aws, preflight: Preflight) -> None:
    aws.on("ListExports", {"Exports": [{"Name": "Models:Url", "Value": "s3://exported/a"}]})
    assert url(preflight.target(_importing())) == "s3://exported/a"


def test_without_the_permission_the_rest_is_judged_all_the_same(aws: Aws, preflight: Preflight) -> None:
    aws.on("ListExports", refusal("AccessDenied"))
    aws.on("ListStackResources", refusal("AccessDenied"))
    target = preflight.target(_importing())
    assert target.resources is None
    assert [finding.rule for finding in target.notes] == ["PREFLIGHT-DENIED", "PREFLIGHT-DENIED"]
    assert "cloudformation:ListExports" in target.notes[0].message
    assert "cloudformation:ListStackResources" in target.notes[1].message
    assert not isinstance(url(target), str)


def test_a_stack_that_is_not_there_yet_has_no_resources(aws: Aws, preflight: Preflight) -> None:
    message = "Stack with id Stack does not exist"
    aws.on("ListStackResources", refusal("ValidationError", message))
    assert preflight.target(realtime()).resources == {}


def test_all_checks_run_whatever_is_denied(aws: Aws, preflight: Preflight) -> None:
    for operation in _EVERY:
        aws.on(operation, refusal())
    network = {"Subnets": ["subnet-a"], "SecurityGroupIds": ["sg-1"]}
    document: dict[str, Any] = changed(realtime(), {"Model.VpcConfig": network, "Endpoint.EndpointName": "Fraud"})
    document = changed(document, {"Config.ProductionVariants.0.InstanceType": "ml.g6e.xlarge"})
    denied = {finding.message.partition(" ")[0] for finding in preflight.all(document) if "DENIED" in finding.rule}
    assert denied == {
        "cloudformation:ListStackResources",
        "ec2:DescribeSubnets",
        "ecr:BatchGetImage",
        "iam:GetRole",
        "pricing:GetProducts",
        "s3:ListBucket",
        "sagemaker:DescribeEndpoint",
        "servicequotas:GetServiceQuota",
    }


_EVERY = (
    "BatchGetImage",
    "DescribeEndpoint",
    "DescribeSubnets",
    "GetProducts",
    "GetRole",
    "GetServiceQuota",
    "HeadBucket",
    "ListStackResources",
)
