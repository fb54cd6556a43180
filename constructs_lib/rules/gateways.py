"""API Gateway in front of an endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator

from constructs_lib.facts import gateways
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import METHOD, REST_API
from constructs_lib.rules.rows import judged
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.template import HOLE, Node, Template

EDGE = "EDGE"
STREAM = "STREAM"

_RUNTIME = re.compile(r"^arn:[^:]*:apigateway:[^:]*:runtime\.sagemaker(.*)")


@rule(gateways.REST_TIMEOUT)
def timeout_of_an_integration(template: Template) -> Iterator[Problem]:
    """The integration of a REST API answers within 29 seconds, or within a quota that is raised."""
    for method in template.of(METHOD):
        if _may_stream(method):
            continue
        timeout = method.at("Integration", "TimeoutInMillis")
        for problem in judged(gateways.REST_TIMEOUT, timeout):
            if (timeout.number or 0) <= gateways.REST_TIMEOUT.maximum or _is_edge_optimized(template, method):
                yield problem
            else:
                remedy = f"{problem.fix}, or have the quota raised, as regional and private APIs can"
                yield Problem(timeout, f"{problem.message}, unless the quota is raised", remedy, Severity.WARNING)


@rule(gateways.REST_STREAM_TIMEOUT)
def timeout_of_a_streaming_integration(template: Template) -> Iterator[Problem]:
    """The integration of a REST API that streams its response ends within 15 minutes."""
    for method in template.of(METHOD):
        if method.at("Integration", "ResponseTransferMode").text == STREAM:
            yield from judged(gateways.REST_STREAM_TIMEOUT, method.at("Integration", "TimeoutInMillis"))


def _may_stream(method: Node) -> bool:
    """Whether an integration may stream its response: it does, or that is known only at deploy time."""
    mode = method.at("Integration", "ResponseTransferMode")
    return mode.given and (not mode.known or mode.text == STREAM)


def _is_edge_optimized(template: Template, method: Node) -> bool:
    """Whether the method's API is edge-optimized, which an API is that does not say what it is."""
    api = template.follow(method.at("RestApiId"), REST_API)
    if api is None or api.at("Parameters", "endpointConfigurationTypes").given:
        return False
    types = api.at("EndpointConfiguration", "Types")
    return types.missing or any(item.text == EDGE for item in types.items)


@rule(gateways.CREDENTIALS)
def integrations_have_credentials(template: Template) -> Iterator[Problem]:
    """An integration with SageMaker has a role to call the endpoint with."""
    for integration in _integrations(template):
        credentials = integration.at("Credentials")
        if credentials.missing and integration.at("Type").text == "AWS":
            yield Problem(
                credentials,
                f"Credentials is required for an integration with SageMaker: {gateways.CREDENTIALS}",
                "give a role that apigateway.amazonaws.com can assume, with sagemaker:InvokeEndpoint on the endpoint",
            )


@rule(gateways.INTEGRATION_TYPE)
def integrations_are_of_type_aws(template: Template) -> Iterator[Problem]:
    """An integration with SageMaker is of type AWS."""
    for integration in _integrations(template):
        yield from judged(gateways.INTEGRATION_TYPE, integration.at("Type"))


@rule(gateways.INTEGRATION_METHOD)
def integrations_have_a_method(template: Template) -> Iterator[Problem]:
    """An integration with SageMaker says with which method it calls the endpoint."""
    for integration in _integrations(template):
        method = integration.at("IntegrationHttpMethod")
        if method.missing:
            yield Problem(method, "IntegrationHttpMethod is required for an integration with SageMaker", "give POST")


@rule(gateways.URI)
def uris_have_a_path(template: Template) -> Iterator[Problem]:
    """The Uri of an integration with SageMaker goes on with path/ or action/ after the service."""
    for integration in _integrations(template):
        uri = integration.at("Uri")
        found = _RUNTIME.match(uri.outline)
        after = found[1] if found is not None else ""
        if not after.startswith((":path/", ":action/", HOLE, f":{HOLE}")):
            yield Problem(
                uri, f"{gateways.URI.what} must be {gateways.URI}", 'put "path/" before the path of the endpoint'
            )


def _integrations(template: Template) -> list[Node]:
    """The integrations of REST APIs with the runtime of SageMaker."""
    return template.once(_integrations_with_sagemaker)


def _integrations_with_sagemaker(template: Template) -> list[Node]:
    found = [method.at("Integration") for method in template.of(METHOD)]
    return [
        integration
        for integration in found
        # A mock ignores its Uri.
        if integration.at("Type").text not in (None, "MOCK") and _RUNTIME.match(integration.at("Uri").outline)
    ]
