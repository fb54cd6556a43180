"""Specifications of inference components: what their examples do not show."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.components import component, components, pooled
from constructs_lib.rules.examples.example import ABSENT, changed
from tests.rules.support import broken

Document = dict[str, Any]
VARIANT = "Config.ProductionVariants.0"
REQUIREMENTS = "Component.Specification.ComputeResourceRequirements"
ACCELERATORS = f"{REQUIREMENTS}.NumberOfAcceleratorDevicesRequired"
PARAMETER = {"Ref": "Parameter"}


def test_the_message_names_value_bound_and_instance_type() -> None:
    [found] = judge(changed(components(), {ACCELERATORS: 5}))
    assert found.message.startswith(
        "NumberOfAcceleratorDevicesRequired must be at most 4 on ml.g5.12xlarge, got 5; AWS answers "
    )
    assert found.path == "Properties.Specification.ComputeResourceRequirements.NumberOfAcceleratorDevicesRequired"


def test_numbers_in_quotes_are_numbers() -> None:
    assert broken(changed(components(), {ACCELERATORS: "5"})) == {"IC-TOO-LARGE"}


@pytest.mark.parametrize(
    "changes",
    [
        {ACCELERATORS: PARAMETER},
        {ACCELERATORS: 5, f"{VARIANT}.InstanceType": PARAMETER},
        {ACCELERATORS: 5, "Component.EndpointName": "elsewhere"},
    ],
)
def test_what_is_known_only_at_deploy_time_is_not_judged(changes: Document) -> None:
    assert broken(changed(components(), changes)) == set()


def test_a_component_may_be_too_large_for_some_of_the_pools() -> None:
    pools = [{"InstanceType": "ml.g5.2xlarge", "Priority": 2}, {"InstanceType": "ml.g5.12xlarge", "Priority": 1}]
    document = changed(components(), {f"{VARIANT}.InstanceType": ABSENT, f"{VARIANT}.InstancePools": pools})
    assert broken(changed(document, {ACCELERATORS: 4})) == set()
    assert broken(changed(document, {ACCELERATORS: 5})) == {"IC-TOO-LARGE"}


def test_a_specification_for_one_type_is_held_to_that_type() -> None:
    place = "Component.Specifications.1.ComputeResourceRequirements.NumberOfAcceleratorDevicesRequired"
    [found] = judge(changed(pooled(), {place: 2}))
    assert (found.rule, found.path.startswith("Properties.Specifications.1")) == ("IC-TOO-LARGE", True)


def test_copies_of_several_components_are_added() -> None:
    document = changed(components(), {"Component.RuntimeConfig.CopyCount": 5})
    document["Resources"]["Second"] = component(RuntimeConfig={"CopyCount": 4})
    [found] = judge(document)
    assert found.severity is Severity.WARNING
    assert "must be at most 8 on 2 x ml.g5.12xlarge, got 9" in found.message
    assert found.path == "Properties.ProductionVariants.0.ManagedInstanceScaling.MaxInstanceCount"


@pytest.mark.parametrize("maximum", [PARAMETER, ABSENT])
def test_copies_are_not_added_up_where_the_instances_are_not_known(maximum: object) -> None:
    changes: Document = {f"{VARIANT}.ManagedInstanceScaling.MaxInstanceCount": maximum}
    assert broken(changed(components(), {"Component.RuntimeConfig.CopyCount": 99, **changes})) == set()


def test_neuron_devices_are_not_counted() -> None:
    changes: Document = {f"{VARIANT}.InstanceType": "ml.inf2.xlarge", ACCELERATORS: 2}
    assert "IC-TOO-LARGE" not in broken(changed(components(), changes))


def test_both_specifications_at_once_are_too_many() -> None:
    specification = components()["Resources"]["Component"]["Properties"]["Specification"]
    [found] = judge(changed(pooled(), {"Component.Specification": specification}))
    assert found.message == "exactly one of Specification and Specifications must be given, got both"


def test_an_entry_for_a_type_outside_unknown_pools_is_not_judged() -> None:
    changes: Document = {f"{VARIANT}.InstancePools.0.InstanceType": PARAMETER}
    assert "IC-SPECS-TYPE" not in broken(changed(pooled(), changes))


def test_an_adapter_is_not_supported_among_several_specifications() -> None:
    [found] = judge(changed(pooled(), {"Component.Specifications.0.BaseInferenceComponentName": PARAMETER}))
    assert found.rule == "IC-ADAPTER"


def test_balance_needs_its_mode() -> None:
    scheduling = {"PlacementStrategy": "SPREAD", "AvailabilityZoneBalance": {"MaxImbalance": 1}}
    [found] = judge(changed(components(), {"Component.Specification.SchedulingConfig": scheduling}))
    assert found.message == "EnforcementMode is required in AvailabilityZoneBalance"


def test_equal_minimum_and_maximum_of_memory_are_fine() -> None:
    changes: Document = {f"{REQUIREMENTS}.MaxMemoryRequiredInMb": "8192"}
    assert broken(changed(components(), changes)) == set()
