"""Quotas of serverless endpoints, across all of the account."""

from __future__ import annotations

from constructs_lib.facts.limit import Severity
from constructs_lib.preflight.concurrency import SERVERLESS_QUOTAS
from constructs_lib.rules.examples.bases import realtime, serverless
from constructs_lib.rules.examples.example import changed
from tests.preflight.conftest import CONCURRENCY, SERVERLESS, Aws, Preflight
from tests.preflight.test_instances import aws_endpoint, is_own

MAX_CONCURRENCY = "Config.ProductionVariants.0.ServerlessConfig.MaxConcurrency"


def runs(aws: Aws, name: str, concurrency: int) -> None:
    """A serverless endpoint of the account."""
    aws.on("ListEndpoints", {"Endpoints": [aws_endpoint(name)]})
    current = {"MemorySizeInMB": 2048, "MaxConcurrency": concurrency}
    variant = {"VariantName": "A", "CurrentServerlessConfig": current}
    described = {**aws_endpoint(name), "EndpointConfigName": "config", "ProductionVariants": [variant]}
    aws.on("DescribeEndpoint", described, EndpointName=name)


def test_a_template_without_serverless_endpoints_asks_nothing(aws: Aws, preflight: Preflight) -> None:
    assert preflight(SERVERLESS_QUOTAS, realtime()) == []
    assert aws.asked("GetServiceQuota") == []


def test_concurrency_is_judged_together_with_what_is_deployed(aws: Aws, preflight: Preflight) -> None:
    runs(aws, "Other", 5)
    aws.quotas[CONCURRENCY] = 10
    assert preflight(SERVERLESS_QUOTAS, changed(serverless(), {MAX_CONCURRENCY: 5})) == []
    (finding,) = preflight(SERVERLESS_QUOTAS, changed(serverless(), {MAX_CONCURRENCY: 6}))
    assert (finding.rule, finding.severity) == ("SLS-ACC-CONC", Severity.ERROR)
    assert "is 10 in account 123456789012 in eu-west-1, this takes 6 beside 5 of other endpoints" in finding.message
    assert "--quota-code L-96300102 --desired-value 11 --region eu-west-1" in finding.fix


def test_the_endpoint_that_is_updated_is_not_counted_twice(aws: Aws, preflight: Preflight) -> None:
    runs(aws, "Mine", 5)
    is_own(aws, "Mine")
    aws.quotas |= {CONCURRENCY: 5, SERVERLESS: 1}
    assert preflight(SERVERLESS_QUOTAS, serverless()) == []


def test_the_number_of_serverless_endpoints_has_a_quota_too(aws: Aws, preflight: Preflight) -> None:
    runs(aws, "Other", 1)
    aws.quotas[SERVERLESS] = 1
    (finding,) = preflight(SERVERLESS_QUOTAS, serverless())
    assert (finding.rule, finding.severity) == ("SLS-ACC-ENDPOINTS", Severity.ERROR)


def test_concurrency_that_is_not_known_is_said_to_be_unjudged(preflight: Preflight) -> None:
    document = changed(serverless(), {MAX_CONCURRENCY: {"Ref": "Most"}}) | {"Parameters": {"Most": {"Type": "Number"}}}
    (finding,) = preflight(SERVERLESS_QUOTAS, document)
    assert (finding.rule, finding.fix) == ("PREFLIGHT-UNJUDGED", "give --parameter Most=VALUE")
