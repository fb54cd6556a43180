"""A new instance type of a scaled variant: another endpoint if asked, and names that neither collide nor change."""

from __future__ import annotations

from itertools import product

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from constructs import Construct

from constructs_lib import Autoscaling, InvalidConfiguration, Model, RealtimeEndpoint, Variant
from constructs_lib.endpoints.rollout import Rollout
from constructs_lib.facts.variants import ENDPOINT_NAME
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_artifact, any_image, any_model, only, synthesize


def endpoint_of(template: Template) -> tuple[str, str | None]:
    """The logical id and the physical name of the endpoint."""
    ((logical_id, resource),) = template.find_resources("AWS::SageMaker::Endpoint").items()
    return logical_id, resource["Properties"].get("EndpointName")


def on(instance_type: str, *, scaled: bool = True, replace: bool = True, name: str = "AllTraffic") -> Template:
    autoscaling = Autoscaling(max_capacity=4, invocations_per_instance=100) if scaled else None

    def build(stack: cdk.Stack) -> None:
        variant = Variant(model=any_model(stack), name=name, instance_type=instance_type, autoscaling=autoscaling)
        RealtimeEndpoint(stack, "Endpoint", variants=[variant], replace_on_instance_type_change=replace)

    return synthesize(build)


def test_a_new_instance_type_of_a_scaled_variant_makes_a_new_endpoint_if_asked() -> None:
    old, new = endpoint_of(on("ml.m5.large")), endpoint_of(on("ml.c5.xlarge"))
    assert old[0] == new[0]
    assert old[1] != new[1]


def test_the_scalable_target_follows_the_new_endpoint() -> None:
    template = on("ml.m5.large")
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint")
    target = only(template, "AWS::ApplicationAutoScaling::ScalableTarget")["ResourceId"]
    assert {"Fn::GetAtt": [endpoint, "EndpointName"]} in target["Fn::Join"][1]
    assert_no_limit_findings(template)


def test_another_scaled_variant_in_its_place_makes_a_new_endpoint_if_asked() -> None:
    assert endpoint_of(on("ml.m5.large", name="blue"))[1] != endpoint_of(on("ml.m5.large", name="green"))[1]


def test_the_same_endpoint_has_the_same_name_in_every_synthesis() -> None:
    assert endpoint_of(on("ml.m5.large")) == endpoint_of(on("ml.m5.large"))


@pytest.mark.parametrize("replace", [False, True])
def test_an_unscaled_endpoint_is_never_replaced(replace: bool) -> None:
    old = endpoint_of(on("ml.m5.large", scaled=False, replace=replace))
    assert old == endpoint_of(on("ml.c5.xlarge", scaled=False, replace=replace))
    assert old[1] is None


def test_a_scaled_endpoint_is_never_replaced_unasked() -> None:
    assert endpoint_of(on("ml.m5.large", replace=False)) == endpoint_of(on("ml.c5.xlarge", replace=False))


def test_the_logical_id_depends_on_nothing_but_the_path() -> None:
    ways = product(("ml.m5.large", "ml.c5.xlarge"), (False, True), (False, True))
    assert len({endpoint_of(on(type_, scaled=scaled, replace=replace))[0] for type_, scaled, replace in ways}) == 1


def test_an_endpoint_with_a_fixed_name_cannot_be_replaced() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    model = any_model(stack)
    with pytest.raises(InvalidConfiguration, match="endpoint_name must be left out with replace_on_instance_type"):
        RealtimeEndpoint(
            stack,
            "E",
            model=model,
            instance_type="ml.m5.large",
            endpoint_name="classifier",
            replace_on_instance_type_change=True,
        )


def test_a_type_that_is_known_at_deploy_time_only_cannot_replace_an_endpoint() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    model = any_model(stack)
    with pytest.raises(InvalidConfiguration, match="must be known in the synthesis"):
        RealtimeEndpoint(
            stack,
            "E",
            model=model,
            instance_type=cdk.CfnParameter(stack, "Type").value_as_string,
            autoscaling=Autoscaling(max_capacity=4, invocations_per_instance=100),
            replace_on_instance_type_change=True,
        )


def guarded(scope: Construct, id: str, instance_type: str = "ml.m5.large") -> RealtimeEndpoint:
    model = Model(scope, f"{id}Model", image=any_image(), artifact=any_artifact())
    return RealtimeEndpoint(scope, id, model=model, instance_type=instance_type, rollout=Rollout.all_at_once())


def name_in(stack: cdk.Stack, logical_part: str = "") -> str:
    found = Template.from_stack(stack).find_resources("AWS::SageMaker::Endpoint").items()
    (name,) = [body["Properties"]["EndpointName"] for logical_id, body in found if logical_part in logical_id]
    return str(name)


def test_a_name_that_is_made_up_does_not_change_with_the_endpoint() -> None:
    stacks = [cdk.Stack(cdk.App(), "Stack") for _ in range(2)]
    for stack, instance_type in zip(stacks, ("ml.m5.large", "ml.c5.xlarge"), strict=True):
        guarded(stack, "Endpoint", instance_type)
    assert name_in(stacks[0]) == name_in(stacks[1])


def test_no_two_endpoints_have_the_same_made_up_name() -> None:
    app = cdk.App()
    first, second = cdk.Stack(app, "First"), cdk.Stack(app, "Second")
    nested = cdk.NestedStack(first, "Nested")
    for stack in (first, second, nested):
        guarded(stack, "One")
        guarded(stack, "Two")
    names = {name_in(stack, part) for stack in (first, second, nested) for part in ("One", "Two")}
    assert len(names) == 6
    assert all(ENDPOINT_NAME.allows(name) for name in names)


def test_a_long_path_makes_a_name_that_sagemaker_takes() -> None:
    stack = cdk.Stack(cdk.App(), "Stack", stack_name="s" * 100)
    scope = Construct(stack, "a_b" * 30)
    RealtimeEndpoint(
        scope,
        "Endpoint",
        model=any_model(stack),
        instance_type="ml.m5.large",
        autoscaling=Autoscaling(max_capacity=4, invocations_per_instance=100),
        replace_on_instance_type_change=True,
        rollout=Rollout.all_at_once(),
    )
    name = name_in(stack)
    assert len(name) <= 63
    assert ENDPOINT_NAME.allows(name)
