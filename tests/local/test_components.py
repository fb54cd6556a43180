"""Inference components: their life, what invokes them, and how they scale to zero and wake."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from tests.local.conftest import (
    IMAGE,
    ROLE,
    Serve,
    any_name,
    children_of,
    client_of,
    on_instances,
    refused,
    settled,
)
from tests.local.test_autoscaling import eventually

DIMENSION = "sagemaker:inference-component:DesiredCopyCount"
MEMORY = {"MinMemoryRequiredInMb": 512}
HOST = {"VariantName": "all", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
MANAGED = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}


class Components:
    """Makes endpoints without a model, and components on them; takes both away again."""

    def __init__(self, sagemaker: Any) -> None:
        self._sagemaker = sagemaker
        self._endpoints: list[str] = []

    def endpoint(self, **members: Any) -> str:
        """An endpoint that hosts components."""
        config, name = any_name("config"), any_name("host")
        self._sagemaker.create_endpoint_config(
            EndpointConfigName=config, ProductionVariants=[HOST | members], ExecutionRoleArn=ROLE
        )
        self._sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        self._endpoints.append(name)
        settled(self._sagemaker, name)
        return name

    def on(self, endpoint: str, copies: int = 1, name: str | None = None, **environment: str) -> str:
        """A component of the echo server, no longer in creation."""
        name = name or any_name("component")
        self._sagemaker.create_inference_component(
            InferenceComponentName=name,
            EndpointName=endpoint,
            VariantName="all",
            Specification=specification(**environment),
            RuntimeConfig={"CopyCount": copies},
        )
        self.settled(name)
        return name

    def settled(self, name: str) -> dict[str, Any]:
        """DescribeInferenceComponent's answer once nothing is in progress."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            answer: dict[str, Any] = self._sagemaker.describe_inference_component(InferenceComponentName=name)
            if answer["InferenceComponentStatus"] not in ("Creating", "Updating"):
                return answer
            time.sleep(0.02)
        raise AssertionError(f"{name} is still in progress")

    def delete(self, name: str) -> None:
        """Delete a component, and wait until it is gone."""
        self._sagemaker.delete_inference_component(InferenceComponentName=name)
        eventually(lambda: name not in self.names())

    def names(self, **filters: Any) -> list[str]:
        found = self._sagemaker.list_inference_components(**filters)["InferenceComponents"]
        return [each["InferenceComponentName"] for each in found]

    def close(self) -> None:
        """Delete everything."""
        for endpoint in self._endpoints:
            for name in self.names(EndpointNameEquals=endpoint):
                self.settled(name)
                self.delete(name)
            self._sagemaker.delete_endpoint(EndpointName=endpoint)


def specification(**environment: str) -> dict[str, Any]:
    return {"Container": {"Image": IMAGE, "Environment": environment}, "ComputeResourceRequirements": MEMORY}


@pytest.fixture(scope="module")
def components(sagemaker: Any) -> Iterator[Components]:
    made = Components(sagemaker)
    yield made
    made.close()


@pytest.fixture(scope="module")
def host(components: Components) -> str:
    return components.endpoint()


def ask(runtime: Any, endpoint: str, component: str, body: str = "!environment COLOUR") -> str:
    answer = runtime.invoke_endpoint(EndpointName=endpoint, InferenceComponentName=component, Body=body.encode())
    text: bytes = answer["Body"].read()
    return text.decode()


def test_each_component_answers_by_its_own_container(runtime: Any, components: Components, host: str) -> None:
    blue, green = components.on(host, COLOUR="blue"), components.on(host, COLOUR="green")
    assert (ask(runtime, host, blue), ask(runtime, host, green)) == ("blue", "green")
    assert ask(runtime, host, blue, "!pid") != ask(runtime, host, green, "!pid")


def test_a_component_is_described_as_it_was_created(components: Components, host: str) -> None:
    name = components.on(host, copies=2, COLOUR="blue")
    answer = components.settled(name)
    assert answer["InferenceComponentStatus"] == "InService"
    assert answer["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    assert answer["Specification"]["ComputeResourceRequirements"] == MEMORY
    assert answer["Specification"]["Container"]["DeployedImage"]["SpecifiedImage"] == IMAGE
    assert (answer["EndpointName"], answer["VariantName"]) == (host, "all")


def test_a_component_takes_its_container_from_a_model_and_adds_to_its_environment(
    sagemaker: Any, runtime: Any, components: Components, host: str, serve: Serve
) -> None:
    name, model = any_name("component"), serve.model(COLOUR="blue", SHAPE="round")
    sagemaker.create_inference_component(
        InferenceComponentName=name,
        EndpointName=host,
        VariantName="all",
        Specification={
            "ModelName": model,
            "Container": {"Environment": {"SHAPE": "square"}},
            "ComputeResourceRequirements": MEMORY,
        },
        RuntimeConfig={"CopyCount": 1},
    )
    components.settled(name)
    assert (ask(runtime, host, name), ask(runtime, host, name, "!environment SHAPE")) == ("blue", "square")
    assert ask(runtime, host, name, "!model weights.txt") == "these are the weights"


def test_components_are_listed_by_endpoint(components: Components, host: str) -> None:
    other = components.endpoint()
    name = components.on(other)
    assert components.names(EndpointNameEquals=other) == [name]
    assert name not in components.names(EndpointNameEquals=host)


def test_a_container_that_dies_fails_the_component_with_the_reason(components: Components, host: str) -> None:
    answer = components.settled(components.on(host, DEAD="1"))
    assert answer["InferenceComponentStatus"] == "Failed"
    assert "dead on arrival" in answer["FailureReason"]


def test_the_component_has_to_be_named(runtime: Any, host: str) -> None:
    error = refused(runtime.invoke_endpoint, EndpointName=host, Body=b"x").response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"].startswith("Inference Component Name header is required")


def test_it_must_not_be_named_where_models_are_served(runtime: Any, serve: Serve) -> None:
    error = refused(runtime.invoke_endpoint, EndpointName=serve(), InferenceComponentName="any", Body=b"x")
    assert error.response["Error"]["Message"].startswith("Inference Component Name header is not allowed")


def test_a_component_of_another_endpoint_is_not_found(runtime: Any, components: Components, host: str) -> None:
    name = components.on(components.endpoint())
    error = refused(runtime.invoke_endpoint, EndpointName=host, InferenceComponentName=name, Body=b"x")
    assert f"Inference Component {name} not found" in error.response["Error"]["Message"]


def test_at_zero_copies_the_container_is_gone_and_invocations_have_no_capacity(
    local_aws: LocalAws, sagemaker: Any, runtime: Any, components: Components, host: str
) -> None:
    name, others = any_name("component"), set(children_of(local_aws.pid))
    components.on(host, name=name)

    def running_at(copies: int) -> int:
        sagemaker.update_inference_component_runtime_config(
            InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": copies}
        )
        assert components.settled(name)["RuntimeConfig"]["CurrentCopyCount"] == copies
        return len(set(children_of(local_aws.pid)) - others)

    assert running_at(0) == 0
    error = refused(runtime.invoke_endpoint, EndpointName=host, InferenceComponentName=name, Body=b"x")
    assert error.response["Error"]["Message"].startswith("Inference Component has no capacity")
    assert [running_at(3), running_at(1)] == [1, 1]
    assert ask(runtime, host, name, "x") == "X"


def test_an_update_replaces_the_container(sagemaker: Any, runtime: Any, components: Components, host: str) -> None:
    name = components.on(host, copies=2, COLOUR="blue")
    sagemaker.update_inference_component(InferenceComponentName=name, Specification=specification(COLOUR="green"))
    assert components.settled(name)["RuntimeConfig"]["CurrentCopyCount"] == 2
    assert ask(runtime, host, name) == "green"


def test_a_failed_update_leaves_the_component_as_it_was(
    sagemaker: Any, runtime: Any, components: Components, host: str
) -> None:
    name = components.on(host, COLOUR="blue")
    sagemaker.update_inference_component(InferenceComponentName=name, Specification=specification(DEAD="1"))
    answer = components.settled(name)
    assert answer["InferenceComponentStatus"] == "InService"
    assert "dead on arrival" in answer["FailureReason"]
    assert ask(runtime, host, name) == "blue"


def test_an_adapter_is_served_by_its_base_which_stays_as_long_as_it(
    sagemaker: Any, runtime: Any, components: Components, host: str
) -> None:
    base, adapter = components.on(host, COLOUR="blue"), any_name("adapter")
    sagemaker.create_inference_component(
        InferenceComponentName=adapter,
        EndpointName=host,
        Specification={"BaseInferenceComponentName": base, "Container": {"ArtifactUrl": "s3://any/adapter"}},
    )
    assert ask(runtime, host, adapter) == "blue"
    assert (
        adapter
        in refused(sagemaker.delete_inference_component, InferenceComponentName=base).response["Error"]["Message"]
    )
    components.delete(adapter)
    components.delete(base)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"RuntimeConfig": {"CopyCount": 0}}, "copy count an integer larger than 0"),
        ({"VariantName": "none"}, 'Could not find variant "none"'),
        ({"Specification": {"ComputeResourceRequirements": MEMORY}}, "ModelName"),
        ({"Specification": {"ModelName": "no-such-model"}}, "Could not find model"),
        ({"Specification": {"BaseInferenceComponentName": "any"}}, "adapter"),
        ({"Specifications": [{"ModelName": "any"}]}, "exactly one of the two"),
    ],
)
def test_a_component_that_cannot_be_is_refused(sagemaker: Any, host: str, members: dict[str, Any], said: str) -> None:
    request = {
        "InferenceComponentName": any_name(),
        "EndpointName": host,
        "VariantName": "all",
        "Specification": specification(),
        "RuntimeConfig": {"CopyCount": 1},
    }
    assert said in refused(sagemaker.create_inference_component, **(request | members)).response["Error"]["Message"]


def test_an_endpoint_that_serves_a_model_hosts_no_components(sagemaker: Any, serve: Serve) -> None:
    error = refused(
        sagemaker.create_inference_component,
        InferenceComponentName=any_name(),
        EndpointName=serve(),
        VariantName="all",
        Specification=specification(),
        RuntimeConfig={"CopyCount": 1},
    ).response["Error"]
    assert error["Message"].startswith("Inference Components are not supported in this Endpoint.")


def test_an_endpoint_with_components_is_not_deleted(sagemaker: Any, components: Components, host: str) -> None:
    name = components.on(host)
    assert name in refused(sagemaker.delete_endpoint, EndpointName=host).response["Error"]["Message"]


def test_an_update_that_leaves_a_component_without_a_place_is_refused(
    sagemaker: Any, components: Components, serve: Serve
) -> None:
    endpoint = components.endpoint()
    name, new = components.on(endpoint), serve.config(on_instances(serve.model()))
    error = refused(sagemaker.update_endpoint, EndpointName=endpoint, EndpointConfigName=new).response["Error"]
    assert name in error["Message"]


def test_components_go_on_through_an_update_of_their_endpoint(
    sagemaker: Any, runtime: Any, components: Components
) -> None:
    endpoint = components.endpoint()
    name, config = components.on(endpoint, COLOUR="blue"), any_name("config")
    sagemaker.create_endpoint_config(
        EndpointConfigName=config,
        ProductionVariants=[HOST | {"InitialInstanceCount": 2}],
        ExecutionRoleArn=ROLE,
    )
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    assert settled(sagemaker, endpoint)["EndpointConfigName"] == config
    assert ask(runtime, endpoint, name) == "blue"


def test_managed_instance_scaling_is_taken_and_shown(sagemaker: Any, components: Components) -> None:
    endpoint = components.endpoint(ManagedInstanceScaling=MANAGED)
    variant = sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"][0]
    assert variant["ManagedInstanceScaling"] == MANAGED
    assert "DeployedImages" not in variant


def test_managed_instance_scaling_of_a_variant_with_a_model_is_refused(sagemaker: Any, serve: Serve) -> None:
    variant = on_instances(serve.model(), ManagedInstanceScaling=MANAGED)
    error = refused(sagemaker.create_endpoint_config, EndpointConfigName=any_name(), ProductionVariants=[variant])
    assert error.response["Error"]["Message"] == (
        "ManagedInstanceScaling is only supported for inference component endpoints."
    )


def test_without_a_model_the_configuration_needs_a_role(sagemaker: Any) -> None:
    error = refused(sagemaker.create_endpoint_config, EndpointConfigName=any_name(), ProductionVariants=[HOST])
    assert "ExecutionRoleArn" in error.response["Error"]["Message"]


def test_tags_of_a_component_are_listed(sagemaker: Any, components: Components, host: str) -> None:
    arn = components.settled(components.on(host))["InferenceComponentArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "red"}])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "red"}]


@pytest.mark.parametrize(
    ("resource_id", "dimension"),
    [("endpoint/e/variant/all", DIMENSION), ("inference-component/c", "sagemaker:variant:DesiredInstanceCount")],
)
def test_resource_id_and_dimension_of_a_target_belong_together(
    local_aws: LocalAws, resource_id: str, dimension: str
) -> None:
    error = refused(
        client_of(local_aws, "application-autoscaling").register_scalable_target,
        ServiceNamespace="sagemaker",
        ResourceId=resource_id,
        ScalableDimension=dimension,
        MinCapacity=0,
        MaxCapacity=1,
    ).response["Error"]
    assert error["Message"] == "Unsupported service namespace, resource type or scalable dimension"
