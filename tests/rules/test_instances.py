"""What the examples of the rules on instance types do not show."""

from __future__ import annotations

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import (
    asynchronous,
    config,
    endpoint,
    instance_variant,
    model,
    realtime,
    scaled,
    serverless,
    target,
)
from constructs_lib.rules.examples.example import ABSENT, Document, changed, get, join, template
from tests.rules.support import found

VARIANT = "Config.ProductionVariants.0"
GPU_AMI = "al2-ami-sagemaker-inference-gpu-2"
NEURON_AMI = "al2-ami-sagemaker-inference-neuron-2"


def with_variant(**properties: object) -> Document:
    return changed(realtime(), {f"{VARIANT}.{name}": value for name, value in properties.items()})


def with_pools(*types: str, **properties: object) -> Document:
    pools = [{"InstanceType": name, "Priority": place} for place, name in enumerate(types, start=1)]
    return with_variant(InstanceType=ABSENT, InstancePools=pools, **properties)


def with_endpoints(*counts: int) -> Document:
    """As many endpoints as counts, each on that many instances."""
    resources = {"Model": model()}
    for number, count in enumerate(counts):
        resources[f"Config{number}"] = config(instance_variant(InitialInstanceCount=count))
        resources[f"Endpoint{number}"] = endpoint(EndpointConfigName=get(f"Config{number}", "EndpointConfigName"))
    return template(**resources)


def test_a_misspelt_type_is_answered_with_the_nearest_ones_and_the_words_of_aws() -> None:
    [finding] = found(with_variant(InstanceType="ml.m5.larg"), "VAR-TYPE")
    assert "got 'ml.m5.larg'" in finding.message
    assert "Member must satisfy enum value set" in finding.message
    assert "ml.m5.large" in finding.fix
    assert finding.severity is Severity.ERROR


def test_a_type_of_a_family_that_nobody_knows_is_refused_with_what_to_do_if_aws_has_added_it() -> None:
    [finding] = found(with_variant(InstanceType="ml.x9.large"), "VAR-TYPE")
    assert finding.severity is Severity.ERROR
    assert "accept this finding" in finding.fix


@pytest.mark.parametrize("name", ["ml.t3.medium", "ml.c5.12xlarge", "m5.large", "ml.m7g.large"])
def test_a_type_that_is_not_for_endpoints_is_an_error(name: str) -> None:
    [finding] = found(with_variant(InstanceType=name), "VAR-TYPE")
    assert finding.severity is Severity.ERROR


def test_the_types_of_pools_are_judged_each() -> None:
    [finding] = found(with_pools("ml.m5.large", "local"), "VAR-TYPE")
    assert finding.path == "Properties.ProductionVariants.0.InstancePools.1.InstanceType"


def test_a_type_is_judged_by_region_only_where_the_region_is_known() -> None:
    document = with_variant(InstanceType="ml.g6e.xlarge")
    assert judge(document) == []
    assert found(document, "CFN-REGIONTYPES", region="mars-north-1") == []
    [finding] = found(document, "CFN-REGIONTYPES", region="eu-west-1")
    assert finding.severity is Severity.WARNING
    assert "eu-west-1" in finding.message
    assert "is not supported for the chosen region" in finding.message


def test_a_type_without_a_price_in_any_region_is_not_judged_by_region() -> None:
    assert found(with_variant(InstanceType="ml.p5e.48xlarge"), "CFN-REGIONTYPES", region="us-east-1") == []


def test_a_similar_type_that_the_region_has_is_proposed() -> None:
    [finding] = found(with_variant(InstanceType="ml.g6e.xlarge"), "CFN-REGIONTYPES", region="eu-west-1")
    assert "ml.g6.xlarge" in finding.fix
    assert "ml.g6e" not in finding.fix


@pytest.mark.parametrize(
    ("name", "severity"),
    [("ml.g5.xlarge", Severity.ERROR), ("ml.trn1.2xlarge", Severity.ERROR), ("ml.g7e.2xlarge", Severity.WARNING)],
)
def test_a_volume_on_nvme_is_an_error_where_aws_is_known_to_refuse_it(name: str, severity: Severity) -> None:
    [finding] = found(with_variant(InstanceType=name, VolumeSizeInGB={"Ref": "Size"}), "VAR-VOLUME-NVME")
    assert finding.severity is severity
    assert name in finding.message


def test_inferentia2_has_no_disks_of_its_own() -> None:
    assert judge(with_variant(InstanceType="ml.inf2.xlarge", VolumeSizeInGB=256)) == []


def test_the_key_of_a_configuration_is_one_problem_for_all_its_variants() -> None:
    variants = [instance_variant(name, InstanceType="ml.m5d.large", InitialInstanceCount=1) for name in "AB"]
    document = template(Model=model(), Config=config(*variants, KmsKeyId="alias/models"), Endpoint=endpoint())
    [finding] = found(document, "KMS-NVME-EP")
    assert finding.path == "Properties.KmsKeyId"


@pytest.mark.parametrize(
    ("version", "name", "fits"),
    [
        (GPU_AMI, "ml.g5.xlarge", True),
        (GPU_AMI, "ml.m5.large", False),
        (GPU_AMI, "ml.dl1.24xlarge", False),
        (NEURON_AMI, "ml.inf2.xlarge", True),
        (NEURON_AMI, "ml.trn1.2xlarge", True),
        (NEURON_AMI, "ml.inf1.xlarge", False),
    ],
)
def test_an_ami_version_fits_the_accelerators_that_it_is_made_for(version: str, name: str, fits: bool) -> None:
    document = with_variant(InstanceType=name, InferenceAmiVersion=version)
    assert len(found(document, "VAR-AMI-HARDWARE")) == (0 if fits else 1)


def test_an_ami_version_fits_pools_if_it_fits_one_of_them() -> None:
    document = with_pools("ml.g5.xlarge", "ml.m5.large", InferenceAmiVersion=GPU_AMI)
    assert found(document, "VAR-AMI-HARDWARE") == []


def test_an_ami_version_on_an_unknown_type_is_not_judged() -> None:
    document = with_variant(InstanceType={"Ref": "Type"}, InferenceAmiVersion=GPU_AMI)
    assert judge(document) == []


def test_instances_over_the_quota_of_an_endpoint_are_one_finding_not_two() -> None:
    findings = judge(with_endpoints(5, 5))
    assert {finding.rule for finding in findings} == {"Q-EP-PER"}
    assert {finding.severity for finding in findings} == {Severity.WARNING}
    assert "Maximum number of instances per endpoint" in findings[0].message
    assert "is 4 in a new account, this takes 5" in findings[0].message


def test_the_endpoints_of_a_template_are_added_up_where_each_is_within_its_quota() -> None:
    [finding] = judge(with_endpoints(2, 2, 2))
    assert (finding.rule, finding.logical_id) == ("Q-EP-TOTAL", "Config2")


def test_the_variants_of_an_endpoint_are_added_up_with_its_shadow_variants() -> None:
    shadow = instance_variant("Shadow", InitialInstanceCount=3)
    document = template(
        Model=model(), Config=config(instance_variant(), ShadowProductionVariants=[shadow]), Endpoint=endpoint()
    )
    [finding] = found(document, "Q-EP-PER")
    assert finding.path == "Properties.ShadowProductionVariants.0.InitialInstanceCount"


def test_the_capacity_of_a_scalable_target_counts_in_place_of_the_initial_instances() -> None:
    [finding] = found(changed(scaled(), {"Target.MaxCapacity": 10}), "Q-EP-PER")
    assert (finding.logical_id, finding.path) == ("Target", "Properties.MaxCapacity")


def test_a_scalable_target_is_found_by_the_name_of_the_endpoint() -> None:
    document = changed(
        scaled(),
        {
            "Endpoint.EndpointName": "classifier",
            "Target.ResourceId": "endpoint/classifier/variant/AllTraffic",
            "Target.MaxCapacity": 10,
        },
    )
    assert [finding.logical_id for finding in found(document, "Q-EP-PER")] == ["Target"]


def test_a_target_of_another_dimension_counts_no_instances() -> None:
    document = serverless()
    document["Resources"]["Target"] = target(
        ScalableDimension="sagemaker:variant:DesiredProvisionedConcurrency",
        ResourceId=join("endpoint/", get("Endpoint", "EndpointName"), "/variant/AllTraffic"),
        MaxCapacity=50,
    )
    assert found(document, "Q-EP-PER") == []


def test_an_asynchronous_endpoint_counts_like_another() -> None:
    document = changed(asynchronous(), {f"{VARIANT}.InitialInstanceCount": 5})
    assert len(found(document, "Q-EP-PER")) == 1


@pytest.mark.parametrize("count", [{"Ref": "Count"}, ABSENT])
def test_a_number_of_instances_that_is_not_known_is_not_counted(count: object) -> None:
    assert found(with_variant(InitialInstanceCount=count), "Q-EP-PER") == []
