"""What the examples of the serverless rules do not show."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import config, endpoint, model, realtime, serverless, serverless_variant
from constructs_lib.rules.examples.example import ABSENT, Document, changed, get, resource
from constructs_lib.rules.examples.serverless import monitored, serverless_fleet
from tests.rules.support import found

SERVERLESS = "Config.ProductionVariants.0.ServerlessConfig"
VPC = {"Subnets": ["subnet-0a"], "SecurityGroupIds": ["sg-0a"]}


def with_changes(**changes: object) -> Document:
    """A serverless endpoint with places changed; two underscores stand for the dots of a place."""
    return changed(serverless(), {place.replace("__", "."): value for place, value in changes.items()})


def with_model(**properties: object) -> Document:
    return with_changes(**{f"Model__{name}": value for name, value in properties.items()})


def conditional(document: Document) -> Document:
    return {
        **document,
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}},
    }


def if_production(then: object, otherwise: object) -> dict[str, Any]:
    return {"Fn::If": ["IsProduction", then, otherwise]}


def test_a_quoted_number_counts_as_a_number() -> None:
    quoted = changed(serverless(), {f"{SERVERLESS}.MaxConcurrency": "5", f"{SERVERLESS}.ProvisionedConcurrency": "6"})
    assert len(found(quoted, "SLS-PC")) == 1


def test_a_parameter_is_not_judged() -> None:
    unknown = {"Ref": "Memory"}
    document = changed(serverless(), {f"{SERVERLESS}.MemorySizeInMB": unknown, f"{SERVERLESS}.MaxConcurrency": unknown})
    assert judge(document, region="eu-west-1") == []


def test_a_model_of_another_stack_is_not_judged() -> None:
    document = changed(with_model(VpcConfig=VPC), {"Config.ProductionVariants.0.ModelName": {"Fn::ImportValue": "M"}})
    assert judge(document) == []


def test_a_model_is_found_by_its_name() -> None:
    document = changed(with_model(VpcConfig=VPC), {"Config.ProductionVariants.0.ModelName": "classifier"})
    assert found(document, "SLS-NO-VPC") == []
    assert len(found(changed(document, {"Model.ModelName": "classifier"}), "SLS-NO-VPC")) == 1


def test_no_value_counts_as_absent() -> None:
    assert judge(with_model(VpcConfig={"Ref": "AWS::NoValue"})) == []


@pytest.mark.parametrize(
    "value", [if_production(VPC, {"Ref": "AWS::NoValue"}), if_production({"Ref": "AWS::NoValue"}, VPC)]
)
def test_both_branches_of_a_condition_are_judged(value: object) -> None:
    assert len(found(conditional(with_model(VpcConfig=value)), "SLS-NO-VPC")) == 1


def test_isolation_is_read_from_text_and_left_alone_where_it_is_unknown() -> None:
    assert len(found(with_model(EnableNetworkIsolation="true"), "SLS-NO-NETISO")) == 1
    assert found(with_model(EnableNetworkIsolation={"Ref": "Isolate"}), "SLS-NO-NETISO") == []


def test_the_finding_names_the_model_what_aws_answers_and_the_way_out() -> None:
    (finding,) = found(with_model(EnableNetworkIsolation=True), "SLS-NO-NETISO")
    assert finding.path == "Properties.ProductionVariants.0.ServerlessConfig"
    assert "Model has it" in finding.message
    assert 'AWS answers "Network isolation is not supported for Serverless Inference"' in finding.message
    assert finding.fix == "remove EnableNetworkIsolation from the model, or serve it from instances (InstanceType)"


def test_every_container_of_a_pipeline_is_looked_at() -> None:
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/classifier:1"
    pipeline = [{"Image": image}, {"Image": image, "ImageConfig": {"RepositoryAccessMode": "Vpc"}}]
    document = with_model(PrimaryContainer=ABSENT, Containers=pipeline)
    assert len(found(document, "SLS-NO-PRIVREG")) == 1
    assert len(found(document, "SLS-NO-PIPE")) == 1


@pytest.mark.parametrize("enabled", [False, "false", {"Ref": "Capture"}])
def test_capture_that_is_off_or_unknown_is_left_alone(enabled: object) -> None:
    assert found(with_changes(Config__DataCaptureConfig__EnableCapture=enabled), "SLS-NO-DC") == []


def test_capture_is_on_by_default() -> None:
    assert len(found(with_changes(Config__DataCaptureConfig__InitialSamplingPercentage=10), "SLS-NO-DC")) == 1


def test_each_variant_after_the_first_is_one_too_many() -> None:
    document = serverless()
    document["Resources"]["Config"] = config(*(serverless_variant(f"V{number}") for number in range(3)))
    assert [finding.path for finding in found(document, "SLS-NO-MULTIVAR")] == [
        f"Properties.ProductionVariants.{number}.ServerlessConfig" for number in (1, 2)
    ]


def test_a_job_definition_watches_an_endpoint_too() -> None:
    document = serverless()
    document["Resources"]["Job"] = resource(
        "AWS::SageMaker::ModelBiasJobDefinition",
        ModelBiasJobInput={"EndpointInput": {"EndpointName": get("Endpoint", "EndpointName")}},
    )
    (finding,) = found(document, "SLS-NO-MM")
    assert finding.path == "Properties.ModelBiasJobInput.EndpointInput.EndpointName"


def test_an_endpoint_of_another_stack_may_be_watched() -> None:
    place = "Schedule.MonitoringScheduleConfig.MonitoringJobDefinition.MonitoringInputs.0.EndpointInput.EndpointName"
    assert found(changed(monitored(serverless()), {place: "elsewhere"}), "SLS-NO-MM") == []


def test_without_a_region_nothing_is_said_about_regions() -> None:
    assert judge(serverless_fleet(9, 200)) == []
    assert len(found(serverless_fleet(9, 200), "SLS-ACC-CONC", region="eu-west-1")) == 1


def test_a_configuration_counts_once_for_each_endpoint() -> None:
    document = serverless_fleet(5, 200)
    document["Resources"]["Second"] = endpoint(EndpointConfigName=get("Config0", "EndpointConfigName"))
    (finding,) = found(document, "SLS-ACC-CONC", region="eu-west-1")
    assert finding.logical_id == "Config0"
    document["Resources"]["Unused"] = model()
    assert len(found(document, "SLS-ACC-CONC", region="eu-west-1")) == 1


def test_a_shadow_variant_is_held_to_the_same_memory() -> None:
    shadow = serverless_variant("Shadow", MemorySizeInMB=1500)
    document = with_changes(Config__ShadowProductionVariants=[shadow])
    (finding,) = found(document, "SLS-MEM")
    assert finding.path == "Properties.ShadowProductionVariants.0.ServerlessConfig.MemorySizeInMB"
    assert "got 1500" in finding.message


@pytest.mark.parametrize("tag", ["2.1-gpu", "gpu-2.1", "latest-gpu-cu118"])
def test_a_tag_with_the_word_gpu_is_of_an_image_for_gpus(tag: str) -> None:
    image = {"Fn::Join": ["", [{"Ref": "AWS::AccountId"}, f".dkr.ecr.eu-west-1.amazonaws.com/inference:{tag}"]]}
    (finding,) = found(with_changes(Model__PrimaryContainer__Image=image), "SLS-NO-GPU")
    assert finding.severity == "warning"
    assert tag in finding.message


@pytest.mark.parametrize("image", ["gpus:1", "no-gpu-needed:1-cpu", "classifier:gpuless"])
def test_a_name_with_these_letters_is_left_alone(image: str) -> None:
    uri = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{image}"
    assert found(with_changes(Model__PrimaryContainer__Image=uri), "SLS-NO-GPU") == []


def test_an_image_that_is_a_parameter_is_left_alone() -> None:
    assert found(with_changes(Model__PrimaryContainer__Image={"Ref": "Image"}), "SLS-NO-GPU") == []


def test_an_image_for_gpus_is_right_on_instances() -> None:
    uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/inference:2.1-gpu"
    assert found(changed(realtime(), {"Model.PrimaryContainer.Image": uri}), "SLS-NO-GPU") == []


def test_linear_steps_are_shares_too_and_those_of_instances_may_be_counted() -> None:
    routing = {
        "Type": "LINEAR",
        "LinearStepSize": {"Type": "INSTANCE_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 300,
    }
    deployment = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}
    (finding,) = found(with_changes(Endpoint__DeploymentConfig=deployment), "SLS-ROLL-SIZE")
    assert finding.path.endswith("TrafficRoutingConfiguration.LinearStepSize.Type")
    assert found(changed(realtime(), {"Endpoint.DeploymentConfig": deployment}), "SLS-ROLL-SIZE") == []
