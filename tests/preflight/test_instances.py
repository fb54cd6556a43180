"""Quotas of instances: what starts, what an update doubles, what scaling reaches, beside what runs already."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.preflight.account import Account
from constructs_lib.preflight.instances import INSTANCE_QUOTAS
from constructs_lib.rules.examples.bases import realtime, scaled
from constructs_lib.rules.examples.example import Document, changed
from constructs_lib.rules.examples.transform import batch
from tests.preflight.conftest import ACCOUNT, ALL, EACH, TYPE, Aws, Preflight, refusal, row

COUNT = "Config.ProductionVariants.0.InitialInstanceCount"
INSTANCE_TYPE = "Config.ProductionVariants.0.InstanceType"
ROLLING = {"RollingUpdatePolicy": {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}}}


def instances(count: int) -> Document:
    return changed(realtime(), {COUNT: count})


def runs(aws: Aws, name: str, count: int, type_: str = "ml.m5.large") -> None:
    """An endpoint of the account that runs already."""
    listed = aws_endpoint(name)
    aws.on("ListEndpoints", {"Endpoints": [listed]})
    variant = {"VariantName": "A", "CurrentInstanceCount": count}
    described = {**listed, "EndpointConfigName": "config", "ProductionVariants": [variant]}
    aws.on("DescribeEndpoint", described, EndpointName=name)
    config = {"VariantName": "A", "InstanceType": type_}
    answer = {"EndpointConfigName": "config", "EndpointConfigArn": "arn:" + "x" * 20, "ProductionVariants": [config]}
    aws.on("DescribeEndpointConfig", {**answer, "CreationTime": 0}, EndpointConfigName="config")


def aws_endpoint(name: str) -> dict[str, Any]:
    arn = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/{name.lower()}"
    times = {"CreationTime": 0, "LastModifiedTime": 0}
    return {"EndpointName": name, "EndpointArn": arn, "EndpointStatus": "InService", **times}


def is_own(aws: Aws, name: str) -> None:
    """The stack is deployed, and its endpoint has this name."""
    found = resource(aws_endpoint(name)["EndpointArn"])
    aws.on("ListStackResources", {"StackResourceSummaries": [found]})


def resource(physical_id: str, logical_id: str = "Endpoint") -> dict[str, Any]:
    return {
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceType": "any",
        "LastUpdatedTimestamp": 0,
        "ResourceStatus": "CREATE_COMPLETE",
    }


def test_a_fleet_within_all_quotas_is_clean(aws: Aws, preflight: Preflight) -> None:
    aws.quotas = {TYPE: 4, ALL: 4, EACH: 2}
    assert preflight(INSTANCE_QUOTAS, instances(2)) == []


def test_more_instances_than_the_quota_of_their_type_are_an_error_with_the_command(
    aws: Aws, preflight: Preflight
) -> None:
    aws.quotas[TYPE] = 1
    (finding,) = preflight(INSTANCE_QUOTAS, instances(2))
    assert (finding.rule, finding.severity, finding.logical_id) == ("Q-TYPE-EP", Severity.ERROR, "Config")
    assert finding.message.startswith(f"{TYPE} is 1 in account {ACCOUNT} in eu-west-1, this takes 2 as it starts")
    assert (
        "aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-614B09FD "
        "--desired-value 4 --region eu-west-1"
    ) in finding.fix
    assert finding.source.startswith("https://")


@pytest.mark.parametrize(("quota", "rule"), [(ALL, "Q-EP-TOTAL"), (EACH, "Q-EP-PER")])
def test_the_quotas_of_all_endpoints_and_of_each_are_judged_too(
    aws: Aws, preflight: Preflight, quota: str, rule: str
) -> None:
    aws.quotas[quota] = 1
    assert [finding.rule for finding in preflight(INSTANCE_QUOTAS, instances(2))] == [rule]


def test_instances_that_run_already_count(aws: Aws, preflight: Preflight) -> None:
    runs(aws, "Other", 3)
    aws.quotas[TYPE] = 6
    (finding,) = preflight(INSTANCE_QUOTAS, instances(2))
    assert finding.message.startswith(f"{TYPE} is 6")
    assert "4 in a later update beside 3 that run already" in finding.message
    assert "--desired-value 7 " in finding.fix


def test_instances_of_another_type_count_for_all_endpoints_alone(aws: Aws, preflight: Preflight) -> None:
    runs(aws, "Other", 3, "ml.c5.large")
    aws.quotas |= {TYPE: 4, ALL: 6}
    assert [finding.rule for finding in preflight(INSTANCE_QUOTAS, instances(2))] == ["Q-EP-TOTAL"]


def test_the_stack_s_own_endpoint_is_not_counted_twice(aws: Aws, preflight: Preflight) -> None:
    runs(aws, "Mine", 2)
    is_own(aws, "Mine")
    aws.quotas[TYPE] = 4
    assert preflight(INSTANCE_QUOTAS, instances(2)) == []


def test_two_fleets_over_the_quota_warn_before_the_first_deployment(aws: Aws, preflight: Preflight) -> None:
    aws.quotas[TYPE] = 3
    (finding,) = preflight(INSTANCE_QUOTAS, instances(2))
    assert (finding.severity, "4 in a later update" in finding.message) == (Severity.WARNING, True)


def test_two_fleets_over_the_quota_fail_the_update_of_an_endpoint_that_is_there(aws: Aws, preflight: Preflight) -> None:
    aws.quotas[TYPE] = 3
    runs(aws, "Mine", 2)
    is_own(aws, "Mine")
    (finding,) = preflight(INSTANCE_QUOTAS, instances(2))
    assert (finding.severity, "4 in this update" in finding.message) == (Severity.ERROR, True)


def test_an_update_to_another_type_starts_that_alone(aws: Aws, preflight: Preflight) -> None:
    runs(aws, "Mine", 2, "ml.c5.large")
    is_own(aws, "Mine")
    aws.quotas[TYPE] = 2
    (finding,) = preflight(INSTANCE_QUOTAS, instances(2))
    assert (finding.severity, "4 in a later update" in finding.message) == (Severity.WARNING, True)


def test_an_update_finds_what_scaling_has_made_of_the_fleet(aws: Aws, preflight: Preflight) -> None:
    runs(aws, "Mine", 9)
    is_own(aws, "Mine")
    aws.quotas[TYPE] = 10
    (finding,) = preflight(INSTANCE_QUOTAS, instances(2))
    assert (finding.severity, "11 in this update" in finding.message) == (Severity.ERROR, True)


def test_endpoints_of_nested_stacks_are_the_stack_s_own(aws: Aws, preflight: Preflight) -> None:
    runs(aws, "Nested", 2)
    aws.on("ListStackResources", {"StackResourceSummaries": [resource("arn:any:stack/Inner/1", "Inner")]})
    inner = resource(aws_endpoint("Nested")["EndpointArn"])
    aws.on("ListStackResources", {"StackResourceSummaries": [inner]}, StackName="arn:any:stack/Inner/1")
    aws.quotas[TYPE] = 4
    assert preflight(INSTANCE_QUOTAS, instances(2)) == []


def test_a_rolling_update_needs_one_batch_more(aws: Aws, preflight: Preflight) -> None:
    aws.quotas[TYPE] = 3
    assert preflight(INSTANCE_QUOTAS, changed(instances(2), {"Endpoint.DeploymentConfig": ROLLING})) == []
    aws.quotas[TYPE] = 2
    (finding,) = preflight(INSTANCE_QUOTAS, changed(instances(2), {"Endpoint.DeploymentConfig": ROLLING}))
    assert "3 in a later update" in finding.message


def test_scaling_beyond_the_quota_is_a_warning(aws: Aws, preflight: Preflight) -> None:
    aws.quotas[TYPE] = 9
    (finding,) = preflight(INSTANCE_QUOTAS, changed(scaled(), {"Target.MaxCapacity": 10}))
    assert (finding.severity, "10 when it has scaled out" in finding.message) == (Severity.WARNING, True)


def test_a_quota_without_an_applied_value_has_its_default(aws: Aws, preflight: Preflight) -> None:
    del aws.quotas[TYPE]
    aws.on("GetAWSDefaultServiceQuota", {"Quota": row(TYPE, 0)}, QuotaCode="L-614B09FD")
    (finding,) = preflight(INSTANCE_QUOTAS, instances(2))
    assert finding.message.startswith(f"{TYPE} is 0")


def test_a_code_that_means_another_quota_by_now_is_not_believed(aws: Aws, preflight: Preflight) -> None:
    other = {**row(TYPE, 1000), "QuotaName": "something else"}
    aws.on("GetServiceQuota", {"Quota": other}, QuotaCode="L-614B09FD")
    aws.on("ListAWSDefaultServiceQuotas", {"Quotas": [row(TYPE, 0, "L-OLD00000")]})
    aws.on("ListServiceQuotas", {"Quotas": [row(TYPE, 1, "L-NEW00000")]})
    (finding,) = preflight(INSTANCE_QUOTAS, instances(2))
    assert finding.message.startswith(f"{TYPE} is 1 ")
    assert "--quota-code L-NEW00000 " in finding.fix


def test_a_quota_that_service_quotas_lacks_is_said_to_be_unjudged(aws: Aws, preflight: Preflight) -> None:
    aws.on("ListAWSDefaultServiceQuotas", {"Quotas": []})
    aws.on("ListServiceQuotas", {"Quotas": []})
    found = preflight(INSTANCE_QUOTAS, changed(realtime(), {INSTANCE_TYPE: "ml.x9.huge"}))
    assert [(finding.rule, finding.severity) for finding in found] == [("PREFLIGHT-UNJUDGED", Severity.INFO)]
    assert "ml.x9.huge for endpoint usage" in found[0].message


def test_what_is_learned_is_kept(account: Account, preflight: Preflight) -> None:
    preflight(INSTANCE_QUOTAS, instances(2))
    assert {name: learned.value for name, learned in account.learned.items()} == {TYPE: 1000, ALL: 1000, EACH: 1000}


def test_quotas_that_may_not_be_seen_are_named_and_endpoints_that_may_not_be_seen_lose_nothing(
    aws: Aws, preflight: Preflight
) -> None:
    aws.on("ListEndpoints", refusal())
    aws.quotas[TYPE] = 1
    found = preflight(INSTANCE_QUOTAS, instances(2))
    assert {"PREFLIGHT-DENIED", "Q-TYPE-EP"} == {finding.rule for finding in found}
    aws.on("GetServiceQuota", refusal(message="User is not authorized"))
    found = preflight(INSTANCE_QUOTAS, instances(2))
    assert {finding.rule for finding in found} == {"PREFLIGHT-DENIED"}
    assert all("servicequotas:GetServiceQuota is not allowed" in finding.message for finding in found)
    assert all("User is not authorized" in finding.message for finding in found)


def test_a_count_by_parameter_is_judged_by_its_value_and_said_to_be_unjudged_without(
    aws: Aws, preflight: Preflight
) -> None:
    aws.quotas[TYPE] = 1
    document = changed(realtime(), {COUNT: {"Ref": "Instances"}}) | {"Parameters": {"Instances": {"Type": "Number"}}}
    unknown = [finding for finding in preflight(INSTANCE_QUOTAS, document) if "InitialInstanceCount" in finding.message]
    assert [(finding.rule, finding.fix) for finding in unknown] == [
        ("PREFLIGHT-UNJUDGED", "give --parameter Instances=VALUE")
    ]
    found = preflight(INSTANCE_QUOTAS, document, given={"Instances": "2"})
    assert [finding.rule for finding in found] == ["Q-TYPE-EP"]


def test_transform_jobs_are_held_to_the_quotas_of_theirs(aws: Aws, preflight: Preflight) -> None:
    aws.quotas["Number of instances across all transform jobs"] = 1000
    name = "ml.m5.large for transform job usage"
    aws.on("GetServiceQuota", {"Quota": row(name, 0, "L-ANY00000")}, QuotaCode=_code_of_transform())
    (finding,) = preflight(INSTANCE_QUOTAS, batch())
    assert (finding.rule, finding.severity) == ("Q-TYPE-TR", Severity.WARNING)
    assert finding.message.startswith(f"{name} is 0")


def _code_of_transform() -> str:
    from constructs_lib.facts.instances import quota

    code = quota("ml.m5.large", "transform").code
    assert code is not None
    return code
