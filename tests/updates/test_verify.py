"""verify against the local AWS: what is live is what was meant, or what became of it is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from constructs_lib.__main__ import main
from constructs_lib.client.connections import Connections
from constructs_lib.local import LocalAws
from constructs_lib.rules import Finding
from constructs_lib.updates.pairs import of_stack
from constructs_lib.updates.stacks import DeployedStack
from constructs_lib.updates.verification import verified
from tests.local.conftest import any_name, local_aws, settled
from tests.updates.stacks import ECHO, GREEN, ON_HOST, ROLE, Stacks
from tests.updates.templates import Template, changed, host, on_instances, served

__all__ = ["local_aws"]


TAGS = [{"Key": "owner", "Value": "Zoë"}]
PLAIN, SCALED = served(model=ECHO | {"Tags": TAGS}), served(model=ECHO, scaled=("A",))
ON_COMPONENTS = served(host(), model=ECHO, config=ROLE, component=ON_HOST)
NEW_TYPE = changed(SCALED, "Config", ProductionVariants=[on_instances(type_="ml.c5.large")])


@pytest.fixture(scope="module")
def stacks(local_aws: LocalAws) -> Iterator[Stacks]:
    made = Stacks(local_aws)
    yield made
    made.close()


@pytest.fixture(scope="module")
def deployed(stacks: Stacks) -> dict[str, str]:
    """A stack for each test that spoils one, by name, made side by side."""
    wanted = dict.fromkeys(("moved", "set", "registered", "deleted"), PLAIN) | {
        "scaled": SCALED,
        "rolled back": SCALED,
        "rescaled": SCALED,
        "components": ON_COMPONENTS,
    }
    names = {key: stacks.begin(template) for key, template in wanted.items()}
    assert {stacks.settled(name) for name in names.values()} == {"CREATE_COMPLETE"}
    stacks.begin_update(names["rolled back"], NEW_TYPE)
    assert stacks.settled(names["rolled back"]) == "UPDATE_ROLLBACK_COMPLETE"
    return names


class Verifier:
    """What verify finds in a stack."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self._clients = Connections(aws.session())
        self._path = folder / "intended.json"

    def found(self, stack: str, intended: Template) -> list[Finding]:
        self._path.write_text(json.dumps(intended), encoding="utf-8")
        described = DeployedStack(self._clients.service("cloudformation"), stack)
        return [found for pair in of_stack(described, self._path) for found in verified(pair, self._clients)]

    def rules(self, stack: str, intended: Template) -> list[tuple[str, str]]:
        return [(found.rule, found.severity) for found in self.found(stack, intended)]


@pytest.fixture(scope="module")
def verifier(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    return Verifier(local_aws, tmp_path_factory.mktemp("intended"))


def test_what_was_deployed_is_verified(deployed: dict[str, str], verifier: Verifier) -> None:
    assert verifier.found(deployed["scaled"], SCALED) == []
    assert verifier.found(deployed["components"], ON_COMPONENTS) == []


def test_a_stack_that_was_rolled_back_is_noticed(deployed: dict[str, str], verifier: Verifier) -> None:
    found = verifier.found(deployed["rolled back"], NEW_TYPE)
    assert [each.rule for each in found] == ["UPD-STACK", "UPD-TEMPLATE", "UPD-CONFIG"]
    assert "UPDATE_ROLLBACK_COMPLETE" in found[0].message
    assert "Config" in found[1].message
    assert found[2].path == "Properties.ProductionVariants.0.InstanceType"
    assert "intended as ml.c5.large, is ml.m5.large" in found[2].message
    # What was there before is there again.
    assert verifier.rules(deployed["rolled back"], SCALED) == [("UPD-STACK", "error")]


def test_the_commands_read_the_deployed_stack(
    local_aws: LocalAws,
    deployed: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in local_aws.environment.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "new.json"
    path.write_text(json.dumps(NEW_TYPE), encoding="utf-8")
    assert main(["verify", "--stack", deployed["rolled back"], str(path)]) == 1
    assert "error UPD-STACK" in capsys.readouterr().out
    assert main(["diff", "--stack", deployed["scaled"], str(path)]) == 1
    assert "error AS-UPDATE-TYPE" in capsys.readouterr().out
    assert main(["verify", "--stack", "NoSuchStack", str(path)]) == 2
    assert capsys.readouterr().err.startswith("error: there is no stack NoSuchStack in us-east-1")


def test_an_endpoint_in_service_on_another_configuration_is_noticed(
    local_aws: LocalAws, stacks: Stacks, deployed: dict[str, str], verifier: Verifier
) -> None:
    name, client = deployed["moved"], local_aws.client("sagemaker")
    endpoint, running = stacks.name_of(name, "Endpoint"), stacks.name_of(name, "Config")
    variants = client.describe_endpoint_config(EndpointConfigName=running)["ProductionVariants"]
    model, other = any_name("model"), any_name("config")
    client.create_model(ModelName=model, PrimaryContainer=GREEN, **ROLE)
    client.create_endpoint_config(EndpointConfigName=other, ProductionVariants=[variants[0] | {"ModelName": model}])
    client.update_endpoint(EndpointName=endpoint, EndpointConfigName=other)
    settled(client, endpoint)
    config, served_model = verifier.found(name, PLAIN)
    assert (config.rule, served_model.rule) == ("UPD-CONFIG", "UPD-MODEL")
    assert f"InService on configuration {other}" in config.message
    assert served_model.path == "Properties.PrimaryContainer.Environment.COLOUR"
    assert not {"blue", "green"} & set(served_model.message.replace(",", " ").split())
    client.delete_model(ModelName=model)
    assert f"model {model}, which variant A serves, was deleted" in verifier.found(name, PLAIN)[-1].message
    client.delete_endpoint_config(EndpointConfigName=other)
    assert (
        f"configuration {other}, on which endpoint {endpoint} runs, was deleted"
        in verifier.found(name, PLAIN)[-1].message
    )


def test_counts_and_weights_that_somebody_set_are_warnings(
    local_aws: LocalAws, stacks: Stacks, deployed: dict[str, str], verifier: Verifier
) -> None:
    client, endpoint = local_aws.client("sagemaker"), stacks.name_of(deployed["set"], "Endpoint")
    wanted = [{"VariantName": "A", "DesiredInstanceCount": 3, "DesiredWeight": 5}]
    client.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=wanted)
    settled(client, endpoint)
    found = verifier.found(deployed["set"], PLAIN)
    assert [each.path.rpartition(".")[2] for each in found] == ["InitialVariantWeight", "InitialInstanceCount"]
    assert {each.severity.value for each in found} == {"warning"}


def test_scaling_that_somebody_changed_is_noticed(
    local_aws: LocalAws, stacks: Stacks, deployed: dict[str, str], verifier: Verifier
) -> None:
    name, client = deployed["rescaled"], local_aws.client("application-autoscaling")
    key = scaled_by(stacks.name_of(name, "Endpoint"))
    client.register_scalable_target(**key, MinCapacity=1, MaxCapacity=9)
    client.delete_scaling_policy(PolicyName="tracking-A", **key)
    found = verifier.found(name, SCALED)
    assert [each.path for each in found] == ["Properties.MaxCapacity", "Properties"]
    assert "is 9, 4 is intended" in found[0].message
    assert "no scaling policy tracking-A" in found[1].message
    client.deregister_scalable_target(**key)
    assert ["is not registered" in each.message for each in verifier.found(name, SCALED)] == [True]


def test_a_target_that_the_template_lacks_is_a_warning(
    local_aws: LocalAws, stacks: Stacks, deployed: dict[str, str], verifier: Verifier
) -> None:
    client, key = (
        local_aws.client("application-autoscaling"),
        scaled_by(stacks.name_of(deployed["registered"], "Endpoint")),
    )
    client.register_scalable_target(**key, MinCapacity=1, MaxCapacity=2)
    assert verifier.rules(deployed["registered"], PLAIN) == [("UPD-SCALING", "warning")]


def scaled_by(endpoint: str) -> dict[str, str]:
    """What Application Auto Scaling knows the variant by."""
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/A",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def test_what_was_deleted_by_hand_is_noticed(
    local_aws: LocalAws, stacks: Stacks, deployed: dict[str, str], verifier: Verifier
) -> None:
    client = local_aws.client("sagemaker")
    client.delete_inference_component(InferenceComponentName=stacks.name_of(deployed["components"], "Component"))
    client.delete_endpoint(EndpointName=stacks.name_of(deployed["deleted"], "Endpoint"))
    stacks.wait(lambda: verifier.rules(deployed["components"], ON_COMPONENTS) == [("UPD-COMPONENT", "error")])
    stacks.wait(lambda: "was deleted" in verifier.found(deployed["deleted"], PLAIN)[0].message)


def test_an_endpoint_that_was_never_deployed_is_noticed(deployed: dict[str, str], verifier: Verifier) -> None:
    more = {"Resources": {**SCALED["Resources"], "Second": SCALED["Resources"]["Endpoint"]}}
    messages = [found.message for found in verifier.found(deployed["scaled"], more)]
    assert "endpoint Second is not part of the deployed stack" in messages
