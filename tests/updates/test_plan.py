"""What becomes of an endpoint: as CloudFormation's schemas and SageMaker's refusals have it."""

from __future__ import annotations

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.updates.plan import EndpointPlan, Outcome, plan
from tests.updates.templates import (
    Template,
    body,
    canary,
    changed,
    get,
    host,
    on_instances,
    rolling,
    served,
    serverless,
)

NEW_MODEL = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/classifier:2"}
ASYNC = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://answers/"}}}
ON_HOST = {"VariantName": "A", "Specification": {"ModelName": get("Model", "ModelName")}}


def planned(old: Template, new: Template) -> EndpointPlan:
    (found,) = plan(old, new).endpoints
    return found


def refused_by(old: Template, new: Template) -> set[str]:
    found = planned(old, new)
    rules = {finding.rule for finding in found.findings if finding.severity is Severity.ERROR}
    assert (found.outcome is Outcome.REFUSED) == bool(rules)
    return rules


def warned_by(old: Template, new: Template) -> set[str]:
    found = planned(old, new)
    assert found.outcome is not Outcome.REFUSED
    return {finding.rule for finding in found.findings}


def test_the_same_template_changes_nothing() -> None:
    found = planned(served(scaled=("A",)), served(scaled=("A",)))
    assert (found.outcome, found.deploys, found.changes, found.findings) == (Outcome.UNCHANGED, False, (), ())


def test_a_number_and_its_text_are_the_same() -> None:
    assert planned(served(on_instances(count=2)), served(on_instances(InitialInstanceCount="2"))).outcome == "unchanged"


def test_another_model_is_deployed_in_place_through_the_configuration_that_refers_to_it() -> None:
    found = planned(served(), changed(served(), "Model", PrimaryContainer=NEW_MODEL))
    assert (found.outcome, found.deploys) == (Outcome.IN_PLACE, True)
    assert [(change.logical_id, change.path) for change in found.changes] == [
        ("Model", "PrimaryContainer.Image"),
        ("Model", "PrimaryContainer.ModelDataUrl"),
    ]


def test_tags_of_model_and_configuration_deploy_nothing() -> None:
    tags = [{"Key": "team", "Value": "fraud"}]
    new = changed(changed(served(), "Model", Tags=tags), "Config", Tags=tags)
    found = planned(served(), new)
    assert (found.outcome, found.deploys) == (Outcome.IN_PLACE, False)


def test_a_deployment_config_alone_deploys_nothing() -> None:
    found = planned(served(), served(endpoint={"DeploymentConfig": canary()}))
    assert (found.outcome, found.deploys, found.estimate) == (Outcome.IN_PLACE, False, None)


def test_another_endpoint_name_makes_another_endpoint_which_nothing_guards() -> None:
    old = served(endpoint={"EndpointName": "blue", "DeploymentConfig": canary()})
    new = changed(old, "Endpoint", EndpointName="green")
    assert planned(old, new).outcome is Outcome.REPLACED
    assert warned_by(old, new) == {"CFN-EP-UPDATE", "DEP-NOEFFECT"}
    assert plan(old, new).replaces


def test_an_endpoint_comes_and_an_endpoint_goes() -> None:
    assert planned({}, served()).outcome is Outcome.CREATED
    found = plan(served(), {})
    assert [endpoint.outcome for endpoint in found.endpoints] == [Outcome.DELETED]
    assert found.replaces
    assert not found.is_refused


def test_another_role_by_another_resource_replaces_the_model() -> None:
    def with_role(logical_id: str) -> Template:
        template = served(model={"ExecutionRoleArn": get(logical_id, "Arn")})
        template["Resources"][logical_id] = body("AWS::IAM::Role", {})
        return template

    assert planned(with_role("One"), with_role("Two")).deploys


def test_a_resource_that_is_replaced_changes_what_refers_to_it() -> None:
    def named(name: str) -> Template:
        template = served(model={"ExecutionRoleArn": get("Role", "Arn")})
        template["Resources"]["Role"] = body("AWS::IAM::Role", {"RoleName": name})
        return template

    assert planned(named("one"), named("two")).deploys
    assert not planned(named("one"), named("one")).deploys


def test_what_is_known_at_deploy_time_only_counts_as_changed_where_it_is_written_otherwise() -> None:
    one, two = ({"Fn::ImportValue": f"Network{each}"} for each in ("One", "Two"))
    old, same, other = (served(config={"KmsKeyId": key}) for key in (one, one, two))
    assert not planned(old, same).deploys
    found = planned(old, other)
    assert found.deploys
    assert [change.path for change in found.changes] == ["KmsKeyId"]


def test_long_values_are_shown_where_they_part() -> None:
    artifacts = [f"s3://models/{'a' * 90}{end}.tar.gz" for end in ("one", "two")]
    old, new = (changed(served(), "Model", PrimaryContainer=NEW_MODEL | {"ModelDataUrl": url}) for url in artifacts)
    (change,) = planned(old, new).changes
    assert (change.old, change.new) == (f"...{'a' * 20}one.tar.gz", f"...{'a' * 20}two.tar.gz")


def test_values_of_environment_variables_are_not_shown() -> None:
    new = changed(served(), "Model", PrimaryContainer=NEW_MODEL | {"Environment": {"TOKEN": "secret"}})
    newer = changed(served(), "Model", PrimaryContainer=NEW_MODEL | {"Environment": {"TOKEN": "hidden"}})
    for old, after in ((served(), new), (new, newer)):
        assert not {"secret", "hidden"} & set(" ".join(map(str, planned(old, after).changes)).split())
    assert [change.path for change in planned(new, newer).changes] == ["PrimaryContainer.Environment.TOKEN"]


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("SLS-CONVERT", served(), served(serverless())),
        ("ASYNC-REMOVE", served(config=ASYNC), served()),
        ("AS-UPDATE-TYPE", served(scaled=("A",)), served(on_instances(type_="ml.c5.large"), scaled=("A",))),
        ("AS-UPDATE-TYPE", served(scaled=("A",)), served(on_instances(type_="ml.c5.large"))),
        ("AS-UPDATE-TYPE", served(scaled=("A",)), served(on_instances("B"))),
        ("AS-UPDATE-TYPE", served(serverless(ProvisionedConcurrency=1), scaled=("A",)), served(serverless("B"))),
        (
            "DEP-SAMEVAR",
            served(on_instances("A")),
            served(on_instances("B"), endpoint={"DeploymentConfig": canary()}),
        ),
        ("DEP-SAMEVAR", served(), served(on_instances("B"), endpoint={"DeploymentConfig": rolling()})),
        (
            "DEP-ROLL-NO",
            served(on_instances("A"), on_instances("B"), endpoint={"DeploymentConfig": rolling()}),
            served(on_instances("A", count=3), on_instances("B"), endpoint={"DeploymentConfig": rolling()}),
        ),
        ("DEP-CANARY", served(), served(on_instances(count=3), endpoint={"DeploymentConfig": canary(percent=60)})),
        ("IC-VARIANT-NAME", served(host(), component=ON_HOST), served(host("B"), component=ON_HOST)),
        ("IC-VARIANT-NAME", served(host(), component=ON_HOST), served(on_instances())),
        ("IC-FIXED", served(host(), component=ON_HOST), served(host(), component=ON_HOST | {"VariantName": "B"})),
        (
            "IC-FIXED",
            served(host(), component=ON_HOST, endpoint={"EndpointName": "one"}),
            served(host(), component=ON_HOST, endpoint={"EndpointName": "two"}),
        ),
        (
            "CFN-CFG-REPLACE",
            served(config={"EndpointConfigName": "fixed"}),
            served(on_instances(count=3), config={"EndpointConfigName": "fixed"}),
        ),
        (
            "CFN-MODEL-REPLACE",
            served(model={"ModelName": "fixed"}),
            served(model={"ModelName": "fixed", "PrimaryContainer": NEW_MODEL}),
        ),
    ],
)
def test_what_sagemaker_refuses_is_told_by_its_rule(rule: str, old: Template, new: Template) -> None:
    assert rule in refused_by(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (served(scaled=("A",)), changed(served(scaled=("A",)), "Model", PrimaryContainer=NEW_MODEL)),
        (served(), served(on_instances(type_="ml.c5.large"), scaled=("A",))),
        (served(on_instances("A")), served(on_instances("B"))),
        (served(on_instances("A")), served(on_instances("A"), on_instances("B"))),
        (served(), served(on_instances(count=3), endpoint={"DeploymentConfig": canary()})),
        (served(config=ASYNC), served(on_instances(count=3), config=ASYNC)),
        (served(serverless()), served(serverless(MaxConcurrency=9))),
        (served(host(), component=ON_HOST), served(host(count=3), component=ON_HOST)),
        (
            served(config={"EndpointConfigName": "one"}),
            served(on_instances(count=3), config={"EndpointConfigName": "two"}),
        ),
    ],
)
def test_what_sagemaker_takes_is_in_place(old: Template, new: Template) -> None:
    assert refused_by(old, new) == set()
    assert planned(old, new).outcome is Outcome.IN_PLACE


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("SLS-CONVERT", served(serverless()), served()),
        ("ASYNC-ONLY", served(), served(config=ASYNC)),
        ("AS-RETAIN", served(scaled=("A",)), served(on_instances(count=3), scaled=("A",))),
        (
            "UPD-RETAINED",
            served(),
            served(on_instances(InitialVariantWeight=5), endpoint={"RetainAllVariantProperties": True}),
        ),
        (
            "UPD-RETAINED",
            served(serverless(ProvisionedConcurrency=1), scaled=("A",)),
            served(serverless(ProvisionedConcurrency=1, MaxConcurrency=9), scaled=("A",)),
        ),
        (
            "IC-COMPAT",
            served(host(), component=ON_HOST),
            served(host(), component=ON_HOST, config={"EnableNetworkIsolation": True}),
        ),
        (
            "DEP-NO-MKT",
            served(on_instances(type_="ml.inf1.xlarge")),
            served(on_instances(type_="ml.inf1.xlarge", count=3), endpoint={"DeploymentConfig": canary()}),
        ),
    ],
)
def test_what_nobody_may_expect_is_a_warning(rule: str, old: Template, new: Template) -> None:
    assert warned_by(old, new) == {rule}


def test_an_excluded_property_is_not_kept() -> None:
    excluded = {
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
    }
    assert warned_by(served(), served(on_instances(InitialVariantWeight=5), endpoint=excluded)) == set()


def test_what_only_a_deployment_knows_is_not_judged() -> None:
    parameter = {"Ref": "Given"}
    assert refused_by(served(scaled=("A",)), served(on_instances(InstanceType=parameter), scaled=("A",))) == set()
    retained = served(on_instances(count=3), scaled=("A",), endpoint={"RetainAllVariantProperties": parameter})
    assert warned_by(served(scaled=("A",)), retained) == set()
    unknown = {"AsyncInferenceConfig": {"Fn::ImportValue": "Any"}}
    assert refused_by(served(config=unknown), served()) == set()


def test_data_capture_that_is_retained_does_not_change() -> None:
    capture = {"DataCaptureConfig": {"EnableCapture": True, "InitialSamplingPercentage": 10}}
    retained = {"RetainAllVariantProperties": True}
    assert warned_by(served(), served(config=capture, endpoint=retained)) == {"UPD-RETAINED"}


def test_a_name_that_an_endpoint_of_another_id_bears_is_taken() -> None:
    named = served(endpoint={"EndpointName": "fraud"})
    moved = {
        "Resources": {f"New{name}" if name == "Endpoint" else name: raw for name, raw in named["Resources"].items()}
    }
    found = plan(named, moved)
    assert {endpoint.logical_id: endpoint.outcome.value for endpoint in found.endpoints} == {
        "NewEndpoint": "refused",
        "Endpoint": "deleted",
    }
    assert [finding.rule for finding in found.endpoints[0].findings] == ["EP-EXISTS"]


def test_a_fixed_name_of_a_model_that_no_endpoint_serves_is_found_too() -> None:
    def batch(image: str) -> Template:
        return {
            "Resources": {
                "Scorer": body("AWS::SageMaker::Model", {"ModelName": "s", "PrimaryContainer": {"Image": image}})
            }
        }

    found = plan(batch("one"), batch("two"))
    assert found.endpoints == ()
    assert [finding.rule for finding in found.findings] == ["CFN-MODEL-REPLACE"]
    assert found.is_refused


def test_a_name_that_is_a_parameter_may_be_given_anew() -> None:
    def named(count: int) -> Template:
        template = served(on_instances(count=count), config={"EndpointConfigName": {"Ref": "Name"}})
        return template | {"Parameters": {"Name": {"Type": "String"}}}

    assert refused_by(named(2), named(3)) == set()


def test_parameters_choose_values_and_branches() -> None:
    template = served(on_instances(InitialInstanceCount={"Fn::If": ["IsLarge", 8, 1]})) | {
        "Parameters": {"Size": {"Type": "String", "Default": "small"}},
        "Conditions": {"IsLarge": {"Fn::Equals": [{"Ref": "Size"}, "large"]}},
    }
    assert plan(template, template).endpoints[0].outcome is Outcome.UNCHANGED
    found = plan(template, template, new_parameters={"Size": "large"})
    assert [(change.old, change.new) for change in found.endpoints[0].changes] == [("1", "8")]


def test_an_endpoint_whose_configuration_is_of_another_stack_is_judged_by_its_name_alone() -> None:
    one, two = ({"EndpointConfigName": {"Fn::ImportValue": name}} for name in ("One", "Two"))
    found = planned(served(endpoint=one), served(endpoint=two))
    assert (found.outcome, found.deploys) == (Outcome.IN_PLACE, True)
    assert [change.path for change in found.changes] == ["EndpointConfigName"]
