"""Names of endpoints: free, or the stack's own."""

from __future__ import annotations

from constructs_lib.facts.limit import Severity
from constructs_lib.preflight.names import ENDPOINT_NAMES
from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import changed
from tests.preflight.conftest import Aws, Preflight, refusal
from tests.preflight.test_instances import aws_endpoint, is_own

NAMED = changed(realtime(), {"Endpoint.EndpointName": "Fraud"})


def taken(aws: Aws) -> None:
    aws.on("DescribeEndpoint", {**aws_endpoint("Fraud"), "EndpointConfigName": "any"}, EndpointName="Fraud")


def test_a_name_that_nobody_has_is_free(aws: Aws, preflight: Preflight) -> None:
    aws.on("DescribeEndpoint", refusal("ValidationException", 'Could not find endpoint "Fraud".'))
    assert preflight(ENDPOINT_NAMES, NAMED) == []


def test_a_name_that_is_taken_is_an_error(aws: Aws, preflight: Preflight) -> None:
    taken(aws)
    (finding,) = preflight(ENDPOINT_NAMES, NAMED)
    assert (finding.rule, finding.severity, finding.logical_id) == ("EP-EXISTS", Severity.ERROR, "Endpoint")
    assert "there is an endpoint Fraud in account 123456789012 in eu-west-1" in finding.message


def test_the_stack_s_own_endpoint_keeps_its_name(aws: Aws, preflight: Preflight) -> None:
    taken(aws)
    is_own(aws, "Fraud")
    assert preflight(ENDPOINT_NAMES, NAMED) == []


def test_without_a_stack_a_name_that_is_taken_is_a_warning(aws: Aws, preflight: Preflight) -> None:
    taken(aws)
    (finding,) = preflight(ENDPOINT_NAMES, NAMED, stack_name=None)
    assert (finding.severity, "--stack" in finding.fix) == (Severity.WARNING, True)


def test_a_name_that_cloudformation_makes_asks_nothing(aws: Aws, preflight: Preflight) -> None:
    assert preflight(ENDPOINT_NAMES, realtime()) == []
    assert aws.asked("DescribeEndpoint") == []


def test_an_answer_that_nobody_expects_is_said_and_ends_nothing(aws: Aws, preflight: Preflight) -> None:
    aws.on("DescribeEndpoint", refusal("InternalFailure", "come back later"))
    (finding,) = preflight(ENDPOINT_NAMES, NAMED)
    assert (finding.rule, finding.severity) == ("PREFLIGHT-UNJUDGED", Severity.WARNING)
    assert "come back later" in finding.message
