"""API Gateway in front of an endpoint."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import (
    ABSENT,
    Document,
    Example,
    boundary,
    changed,
    get,
    join,
    resource,
    template,
)

_SERVICE = "arn:aws:apigateway:eu-west-1:runtime.sagemaker:"
CREDENTIALS = "arn:aws:iam::123456789012:role/Gateway"


def fronted(document: Document) -> Document:
    """``document`` with Api and Method: an edge-optimized REST API in front of its endpoint."""
    integration = {
        "Type": "AWS",
        "IntegrationHttpMethod": "POST",
        "Uri": join(f"{_SERVICE}path//endpoints/", get("Endpoint", "EndpointName"), "/invocations"),
        "Credentials": CREDENTIALS,
    }
    method = resource(
        "AWS::ApiGateway::Method",
        RestApiId={"Ref": "Api"},
        ResourceId=get("Api", "RootResourceId"),
        HttpMethod="POST",
        AuthorizationType="AWS_IAM",
        Integration=integration,
    )
    return template(**document["Resources"], Api=resource("AWS::ApiGateway::RestApi", Name="classify"), Method=method)


_REST = fronted(realtime())
_REGIONAL = changed(_REST, {"Api.EndpointConfiguration": {"Types": ["REGIONAL"]}})
_STREAMING = changed(
    _REST,
    {
        "Method.Integration": {
            "Type": "HTTP_PROXY",
            "IntegrationHttpMethod": "POST",
            "Uri": "https://example.com/chat",
            "ResponseTransferMode": "STREAM",
        }
    },
)
_HTTP = template(
    Integration=resource(
        "AWS::ApiGatewayV2::Integration",
        ApiId="a1b2c3d4e5",
        IntegrationType="AWS_PROXY",
        IntegrationUri="arn:aws:lambda:eu-west-1:123456789012:function:caller",
        PayloadFormatVersion="2.0",
    )
)

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "APIGW-REST": (
        boundary(_REST, "Method.Integration.TimeoutInMillis", passes=29_000, fails=29_001),
        boundary(_REST, "Method.Integration.TimeoutInMillis", passes=50, fails=49),
        boundary(_REGIONAL, "Method.Integration.TimeoutInMillis", passes=29_000, fails=29_001),
    ),
    "APIGW-REST-STREAM": boundary(_STREAMING, "Method.Integration.TimeoutInMillis", passes=900_000, fails=900_001),
    "APIGW-HTTP": boundary(_HTTP, "Integration.TimeoutInMillis", passes=30_000, fails=30_001),
    "APIGW-CREDENTIALS": boundary(_REST, "Method.Integration.Credentials", passes=CREDENTIALS, fails=ABSENT),
    "APIGW-METHOD": boundary(_REST, "Method.Integration.IntegrationHttpMethod", passes="POST", fails=ABSENT),
    "APIGW-TYPE": boundary(_REST, "Method.Integration.Type", passes="AWS", fails="AWS_PROXY"),
    "APIGW-URI": boundary(
        _REST,
        "Method.Integration.Uri",
        passes=f"{_SERVICE}path/endpoints/classifier/invocations",
        fails=f"{_SERVICE}endpoints/classifier/invocations",
    ),
}
