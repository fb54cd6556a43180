"""The engine as a whole: what holds for every template and every rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib.facts.limit import Limit, Never, Range, Severity
from constructs_lib.rules import judge, rules
from constructs_lib.rules.examples import examples
from constructs_lib.rules.examples.bases import realtime, serverless
from constructs_lib.rules.examples.example import changed
from constructs_lib.rules.rule import REGISTRY, Problem, Rule
from constructs_lib.templates.template import Template
from tests.rules.support import broken

SERVERLESS = "Config.ProductionVariants.0.ServerlessConfig"
TYPES = sorted(
    {
        str(resource["Type"])
        for given in examples().values()
        for one in given
        for resource in one.fails["Resources"].values()
    }
)

literal = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    literal,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


def replaced_somewhere(value: Any, draw: Any, odd: Any) -> Any:
    """``value`` with one part of it, anywhere, replaced by ``odd``."""
    if isinstance(value, dict) and value and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: replaced_somewhere(value[key], draw, odd)}
    if isinstance(value, list) and value and draw(st.integers(0, 4)):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], replaced_somewhere(value[index], draw, odd), *value[index + 1 :]]
    return odd


@given(anything)
@settings(max_examples=200, deadline=None)
def test_random_json_under_resources_never_raises(value: Any) -> None:
    judge({"Resources": value, "Conditions": value, "Mappings": value, "Parameters": value})


@given(st.sampled_from(TYPES), anything)
@settings(max_examples=300, deadline=None)
def test_random_properties_never_raise_and_no_rule_fails_on_them(type_: str, value: Any) -> None:
    found = judge({"Resources": {"R": {"Type": type_, "Properties": value}}})
    assert [finding.message for finding in found if "could not be judged" in finding.message] == []


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_a_template_of_which_any_part_is_replaced_never_makes_a_rule_fail(data: st.DataObject) -> None:
    every = [one.fails for given in examples().values() for one in given]
    document = data.draw(st.sampled_from(every))
    odd = data.draw(anything | st.just({"Ref": "P"}) | st.just({"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}))
    found = judge({"Resources": replaced_somewhere(document["Resources"], data.draw, odd)})
    assert [finding.message for finding in found if "could not be judged" in finding.message] == []


@given(
    memory=st.sampled_from([1024, 2048, 3072]),
    concurrency=st.integers(1, 200),
    share=st.floats(0, 1),
    weight=st.floats(0.01, 100),
)
@settings(max_examples=100, deadline=None)
def test_random_sound_serverless_configurations_stay_clean(
    memory: int, concurrency: int, share: float, weight: float
) -> None:
    changes: dict[str, object] = {
        f"{SERVERLESS}.MemorySizeInMB": memory,
        f"{SERVERLESS}.MaxConcurrency": concurrency,
        f"{SERVERLESS}.ProvisionedConcurrency": max(1, int(concurrency * share)),
        "Config.ProductionVariants.0.InitialVariantWeight": weight,
    }
    assert judge(changed(serverless(), changes)) == []


@given(count=st.integers(1, 4), volume=st.integers(1, 512), timeout=st.integers(60, 3600))
@settings(max_examples=100, deadline=None)
def test_random_sound_real_time_configurations_stay_clean(count: int, volume: int, timeout: int) -> None:
    variant = "Config.ProductionVariants.0"
    changes: dict[str, object] = {
        f"{variant}.InitialInstanceCount": count,
        f"{variant}.VolumeSizeInGB": volume,
        f"{variant}.ContainerStartupHealthCheckTimeoutInSeconds": timeout,
        f"{variant}.ModelDataDownloadTimeoutInSeconds": timeout,
    }
    assert judge(changed(realtime(), changes)) == []


@given(st.integers(max_value=0) | st.integers(min_value=201))
def test_any_step_over_a_boundary_is_found(concurrency: int) -> None:
    assert "SLS-CONC" in broken(changed(serverless(), {f"{SERVERLESS}.MaxConcurrency": concurrency}))


def test_a_fault_in_one_branch_of_a_condition_is_found() -> None:
    document = changed(serverless(), {f"{SERVERLESS}.MemorySizeInMB": {"Fn::If": ["IsProd", 2048, 1500]}})
    document["Conditions"] = {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}}
    assert broken(document) == {"SLS-MEM"}


def test_a_fault_that_needs_two_conditions_which_never_hold_together_is_not_reported() -> None:
    document = changed(
        serverless(),
        {
            f"{SERVERLESS}.MaxConcurrency": {"Fn::If": ["IsProd", 50, 5]},
            f"{SERVERLESS}.ProvisionedConcurrency": {"Fn::If": ["IsTest", 5, {"Fn::If": ["IsProd", 40, 1]}]},
        },
    )
    document["Conditions"] = {
        "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "IsTest": {"Fn::Equals": [{"Ref": "Env"}, "test"]},
    }
    assert judge(document) == []


def with_parameter(**parameter: object) -> dict[str, Any]:
    document = changed(serverless(), {f"{SERVERLESS}.MemorySizeInMB": {"Ref": "Memory"}})
    document["Parameters"] = {"Memory": {"Type": "Number", **parameter}}
    return document


def test_a_parameter_is_not_judged() -> None:
    assert judge(with_parameter()) == []
    assert judge(with_parameter(Default=2048)) == []


def test_what_is_refused_with_the_default_of_a_parameter_is_a_warning() -> None:
    [found] = judge(with_parameter(Default=1500))
    assert (found.rule, found.severity) == ("SLS-MEM", Severity.WARNING)
    assert found.message.startswith("with the default values of parameters: MemorySizeInMB must be")


def test_advice_on_the_default_of_a_parameter_is_not_given() -> None:
    assert judge(with_parameter(Default=6144)) == []


def test_a_name_from_a_parameter_is_not_fixed_even_if_it_has_a_default() -> None:
    document = changed(serverless(), {"Config.EndpointConfigName": {"Ref": "Name"}})
    document["Parameters"] = {"Name": {"Type": "String", "Default": "pigeons"}}
    assert judge(document) == []


def test_the_same_fault_in_several_scenarios_is_reported_once() -> None:
    document = changed(
        serverless(), {f"{SERVERLESS}.MemorySizeInMB": 1500, "Model.ModelName": {"Fn::If": ["C", "a", "b"]}}
    )
    assert [finding.rule for finding in judge(document)].count("SLS-MEM") == 1


@pytest.mark.parametrize("document", [{}, {"Resources": None}, {"Resources": []}, {"Resources": {"A": 1}}])
def test_a_template_without_resources_is_clean(document: dict[str, Any]) -> None:
    assert judge(document) == []


def test_findings_come_in_the_order_of_the_resources() -> None:
    broken = changed(serverless(), {f"{SERVERLESS}.MemorySizeInMB": 1500})["Resources"]["Config"]
    document = {"Resources": {"Z": broken, "A": broken}}
    assert [finding.logical_id for finding in judge(document) if finding.rule == "SLS-MEM"] == ["Z", "A"]


@pytest.fixture
def failing_rule() -> Iterable[str]:
    """A rule that raises, beside all others."""

    def check(template: Template) -> Iterable[Problem]:
        raise ZeroDivisionError("a mistake")

    limit = Limit(id="A-MISTAKE", what="", unit="", allowed=Never(), source="here", checked_on=date(2026, 11, 21))
    rules.cache_clear()
    REGISTRY[limit.id] = Rule(limit, "It fails.", [check])
    yield limit.id
    del REGISTRY[limit.id]
    rules.cache_clear()


def test_a_rule_that_fails_is_reported_and_loses_nothing_of_the_others(failing_rule: str) -> None:
    found = {finding.rule: finding for finding in judge(changed(serverless(), {f"{SERVERLESS}.MemorySizeInMB": 1500}))}
    assert set(found) == {failing_rule, "SLS-MEM"}
    assert found[failing_rule].severity is Severity.WARNING
    assert "ZeroDivisionError: a mistake" in found[failing_rule].message


def test_every_rule_has_a_sentence_as_its_title() -> None:
    assert [known.id for known in rules().values() if not known.title or known.title.endswith(("..", ","))] == []


def test_every_rule_id_can_be_acknowledged_in_cdk() -> None:
    assert [name for name in rules() if "::" in name or name != name.upper()] == []


def test_a_row_with_a_range_and_a_path_is_a_rule() -> None:
    assert all(
        known.checks or known.limit.paths for known in rules().values() if isinstance(known.limit.allowed, Range)
    )
