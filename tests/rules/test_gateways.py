"""API Gateway in front of an endpoint."""

from __future__ import annotations

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import Finding, judge
from constructs_lib.rules.examples.bases import realtime, serverless
from constructs_lib.rules.examples.example import ABSENT, Document, changed, get, join
from constructs_lib.rules.examples.gateways import fronted

SERVICE = "arn:aws:apigateway:eu-west-1:runtime.sagemaker:"
PSEUDO = ["arn:", {"Ref": "AWS::Partition"}, ":apigateway:", {"Ref": "AWS::Region"}, ":runtime.sagemaker:"]


def found(document: Document, **integration: object) -> list[Finding]:
    """What is found in ``document`` with other properties of the integration."""
    return judge(changed(document, {f"Method.Integration.{name}": value for name, value in integration.items()}))


def ids(document: Document, **integration: object) -> list[str]:
    return [finding.rule for finding in found(document, **integration)]


@pytest.mark.parametrize("document", [realtime(), serverless()])
def test_an_endpoint_behind_a_rest_api_is_sound(document: Document) -> None:
    assert judge(fronted(document)) == []


@pytest.mark.parametrize(
    ("types", "severity"),
    [
        (["EDGE"], Severity.ERROR),
        (ABSENT, Severity.ERROR),
        (["REGIONAL"], Severity.WARNING),
        (["PRIVATE"], Severity.WARNING),
        ({"Ref": "Types"}, Severity.WARNING),
        ([{"Ref": "Type"}], Severity.WARNING),
    ],
)
def test_only_an_edge_optimized_api_can_never_wait_longer(types: object, severity: Severity) -> None:
    document = changed(fronted(realtime()), {"Api.EndpointConfiguration.Types": types})
    [finding] = found(document, TimeoutInMillis="60000")
    assert (finding.rule, finding.severity) == ("APIGW-REST", severity)
    assert (finding.logical_id, finding.path) == ("Method", "Properties.Integration.TimeoutInMillis")
    assert "from 50 to 29000 ms, got '60000'" in finding.message
    assert "lower it to 29000 or less" in finding.fix


def test_an_api_whose_type_comes_with_its_import_or_from_elsewhere_may_wait_longer() -> None:
    imported = changed(fronted(realtime()), {"Api.Parameters.endpointConfigurationTypes": "REGIONAL"})
    elsewhere = changed(fronted(realtime()), {"Method.RestApiId": {"Fn::ImportValue": "Api"}})
    for document in (imported, elsewhere):
        assert [finding.severity for finding in found(document, TimeoutInMillis=60_000)] == [Severity.WARNING]


def test_no_api_may_wait_less_than_the_minimum() -> None:
    document = changed(fronted(realtime()), {"Api.EndpointConfiguration.Types": ["REGIONAL"]})
    assert [finding.severity for finding in found(document, TimeoutInMillis=49)] == [Severity.ERROR]


@pytest.mark.parametrize("timeout", [{"Ref": "Timeout"}, {"Ref": "AWS::NoValue"}, "29000"])
def test_a_timeout_that_may_be_allowed_is_not_judged(timeout: object) -> None:
    assert ids(fronted(realtime()), TimeoutInMillis=timeout) == []


def test_a_response_that_may_be_streamed_may_take_longer() -> None:
    for mode in ("STREAM", {"Ref": "Mode"}):
        assert ids(fronted(realtime()), TimeoutInMillis=900_000, ResponseTransferMode=mode) == []
    assert ids(fronted(realtime()), TimeoutInMillis=900_000, ResponseTransferMode="BUFFERED") == ["APIGW-REST"]


@pytest.mark.parametrize("start", [SERVICE, join(*PSEUDO)])
@pytest.mark.parametrize(
    "end", ["endpoints/classifier/invocations", "/endpoints/classifier/invocations", "pathology/x"]
)
def test_a_uri_without_a_path_is_found(start: object, end: str) -> None:
    [finding] = found(fronted(realtime()), Uri=join(start, end))
    assert (finding.rule, finding.path) == ("APIGW-URI", "Properties.Integration.Uri")
    assert finding.fix == 'put "path/" before the path of the endpoint'


@pytest.mark.parametrize(
    "uri",
    [
        join(SERVICE, {"Ref": "Path"}),
        join("arn:aws:apigateway:eu-west-1:runtime.sagemaker", {"Ref": "Path"}),
        join(*PSEUDO, "path//endpoints/classifier/invocations"),
        join(*PSEUDO, "action/InvokeEndpoint"),
        {"Ref": "Uri"},
    ],
)
def test_a_uri_that_has_or_may_have_a_path_is_not_judged(uri: object) -> None:
    assert ids(fronted(realtime()), Uri=uri) == []


@pytest.mark.parametrize(
    "uri",
    [
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:f/invocations",
        "https://example.com/runtime.sagemaker:endpoints",
        {"Ref": "Uri"},
    ],
)
def test_an_integration_with_something_else_needs_no_credentials(uri: object) -> None:
    assert ids(fronted(realtime()), Uri=uri, Credentials=ABSENT, IntegrationHttpMethod=ABSENT) == []


def test_credentials_known_only_at_deploy_time_are_credentials() -> None:
    assert ids(fronted(realtime()), Credentials=get("Role", "Arn")) == []
    assert ids(fronted(realtime()), Credentials={"Ref": "AWS::NoValue"}) == ["APIGW-CREDENTIALS"]


def test_both_branches_of_the_credentials_are_judged() -> None:
    document = fronted(realtime())
    document["Conditions"] = {"Open": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}}
    credentials = {"Fn::If": ["Open", {"Ref": "AWS::NoValue"}, "arn:aws:iam::123456789012:role/Gateway"]}
    assert ids(document, Credentials=credentials) == ["APIGW-CREDENTIALS"]


@pytest.mark.parametrize("type_", ["MOCK", {"Ref": "Type"}])
def test_an_integration_that_may_not_call_the_endpoint_is_not_judged(type_: object) -> None:
    assert ids(fronted(realtime()), Type=type_, Credentials=ABSENT, IntegrationHttpMethod=ABSENT) == []
