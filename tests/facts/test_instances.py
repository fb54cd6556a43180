"""The tables of instance types agree with AWS's own data, and one door answers for all of them."""

from __future__ import annotations

from typing import Literal

import botocore.session
import pytest

from constructs_lib.facts import instances
from constructs_lib.facts.instances import Accelerators, Quota

SHAPES: list[tuple[Literal["endpoint", "transform"], str]] = [
    ("endpoint", "ProductionVariantInstanceType"),
    ("transform", "TransformInstanceType"),
]


@pytest.mark.parametrize(("use", "shape"), SHAPES)
def test_the_types_are_those_of_the_api_model(use: Literal["endpoint", "transform"], shape: str) -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    assert instances.types(use) == set(model.shape_for(shape).enum)


def test_the_hardware_of_every_type_is_known() -> None:
    known = [instances.hardware(name) for name in instances.types("endpoint") | instances.types("transform")]
    assert all(it is not None and it.vcpus > 0 and it.memory_mib > 0 for it in known)


def test_a_type_that_nobody_knows_has_no_hardware_no_accelerator_and_no_quota() -> None:
    assert instances.hardware("ml.x9.huge") is None
    assert instances.hardware("local") is None
    assert not instances.is_gpu("ml.x9.huge")
    assert instances.quota("ml.x9.huge") == Quota(None, None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ml.g5.12xlarge", Accelerators(4, "NVIDIA", "A10G", 22_888)),
        ("ml.p4d.24xlarge", Accelerators(8, "NVIDIA", "A100", 40_960)),
        ("ml.inf1.6xlarge", Accelerators(4, "AWS", "Inferentia", 8_192)),
        ("ml.inf2.48xlarge", Accelerators(12, "AWS", "Inferentia2", 32_768)),
        ("ml.m5.large", None),
    ],
)
def test_accelerators_are_counted_with_their_memory(name: str, expected: Accelerators | None) -> None:
    found = instances.hardware(name)
    assert found is not None
    assert found.accelerators == expected


@pytest.mark.parametrize(
    ("name", "gpu", "neuron"),
    [("ml.p3.2xlarge", True, False), ("ml.trn1.2xlarge", False, True), ("ml.dl1.24xlarge", False, False)],
)
def test_gpus_neuron_chips_and_others_are_told_apart(name: str, gpu: bool, neuron: bool) -> None:
    assert (instances.is_gpu(name), instances.is_neuron(name)) == (gpu, neuron)


def test_an_instance_is_described_by_its_family_and_its_size() -> None:
    found = instances.hardware("ml.c6gd.2xlarge")
    assert found is not None
    assert (found.family, found.architecture, found.vcpus, found.memory_mib) == ("c6gd", "arm64", 8, 16_384)
    assert found.has_local_nvme
    assert not found.is_burstable
    burstable = instances.hardware("ml.t2.medium")
    assert burstable is not None
    assert burstable.is_burstable


def test_a_family_is_read_from_the_name_of_a_type_alone() -> None:
    assert instances.family("ml.inf1.xlarge") == "inf1"
    assert instances.family("m5.large") == ""
    assert instances.family("local") == ""


def test_every_type_with_a_price_in_some_region_that_the_api_knows_is_judged_by_region() -> None:
    ireland = instances.offered("eu-west-1")
    assert ireland is not None
    assert "ml.g5.xlarge" in ireland
    assert ireland <= instances.priced()
    assert "ml.p5e.48xlarge" not in instances.priced()


def test_a_region_that_is_not_in_the_table_says_nothing() -> None:
    assert instances.offered("mars-north-1") is None


def test_endpoints_and_transform_jobs_have_tables_of_their_own() -> None:
    assert "ml.g7e.2xlarge" in instances.types("endpoint")
    assert "ml.g7e.2xlarge" not in instances.types("transform")
    assert instances.quota("ml.m5.large") != instances.quota("ml.m5.large", "transform")


def test_the_quota_of_a_type_has_a_code_and_the_value_of_a_new_account() -> None:
    assert instances.quota("ml.t2.medium") == Quota("L-29C181D7", 2)


def test_the_nearest_types_are_named_the_likest_first() -> None:
    assert instances.nearest("ml.g5.xlarg")[0] == "ml.g5.xlarge"
    assert instances.nearest("local") == []


def test_a_type_of_an_unknown_family_may_be_newer_than_the_tables() -> None:
    assert instances.may_be_newer("ml.x9.large")
    assert not instances.may_be_newer("ml.m5.8xlarge")
    assert not instances.may_be_newer("ml.t3.medium")
    assert not instances.may_be_newer("local")


def test_a_volume_is_refused_only_where_there_are_disks() -> None:
    with_disks = {name for name in instances.types() if (it := instances.hardware(name)) and it.has_local_nvme}
    assert {name for name in instances.types() if instances.refuses_a_volume(name)} <= with_disks
    assert not instances.refuses_a_volume("ml.inf2.xlarge")
