"""API Gateway in front of an endpoint."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Range, Told
from constructs_lib.facts.paths import HTTP_INTEGRATION

_CHECKED = date(2026, 11, 21)
_API = "apigateway API model 2015-07-09 (botocore 1.44.5)"
_REST = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"
_HTTP = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"
_PREFLIGHT = "https://github.com/badmintoncryer/cdk-preflight"

REST_TIMEOUT = Limit(
    id="APIGW-REST",
    what="TimeoutInMillis of a REST API's integration",
    unit="ms",
    allowed=Range(50, 29_000),
    default=29_000,
    source=_REST,
    checked_on=_CHECKED,
    aws_says="Timeout should be between 50 ms and 29000 ms",
)
REST_STREAM_TIMEOUT = Limit(
    id="APIGW-REST-STREAM",
    what="TimeoutInMillis of a REST API's integration that streams its response",
    unit="ms",
    allowed=Range(50, 900_000),
    source="https://docs.aws.amazon.com/apigateway/latest/developerguide/response-streaming-http.html",
    checked_on=_CHECKED,
)
REST_PAYLOAD = Limit(
    id="APIGW-REST-PAYLOAD",
    what="payload of a REST API",
    unit="bytes",
    allowed=Range(0, 10_485_760),
    source=_REST,
    checked_on=_CHECKED,
)
HTTP_TIMEOUT = Limit(
    id="APIGW-HTTP",
    what="TimeoutInMillis of an HTTP API's integration",
    unit="ms",
    allowed=Range(50, 30_000),
    default=30_000,
    source=_HTTP,
    checked_on=_CHECKED,
    paths=(f"{HTTP_INTEGRATION}/TimeoutInMillis",),
    shape="apigatewayv2.CreateIntegrationRequest.TimeoutInMillis",
)
HTTP_PAYLOAD = Limit(
    id="APIGW-HTTP-PAYLOAD",
    what="payload of an HTTP API",
    unit="bytes",
    allowed=Range(0, 10_485_760),
    source=_HTTP,
    checked_on=_CHECKED,
)
CREDENTIALS = Limit(
    id="APIGW-CREDENTIALS",
    what="Credentials of an integration with SageMaker",
    unit="",
    allowed=Told("a role that API Gateway assumes to call the endpoint"),
    source="https://github.com/serverless/examples/issues/687",
    checked_on=_CHECKED,
    aws_says="Role ARN must be specified for AWS integrations",
)
URI = Limit(
    id="APIGW-URI",
    what="Uri of an integration with SageMaker",
    unit="",
    allowed=Told("arn:<partition>:apigateway:<Region>:runtime.sagemaker:path/endpoints/<endpoint>/invocations"),
    source=f"{_API}: PutIntegrationRequest.uri",
    checked_on=_CHECKED,
    aws_says="AWS ARN for integration must contain path or action",
)
INTEGRATION_TYPE = Limit(
    id="APIGW-TYPE",
    what="Type of an integration with SageMaker",
    unit="",
    allowed=Choice(("AWS",)),
    source=f"{_API}: IntegrationType",
    checked_on=_CHECKED,
    fix="give AWS: the proxy types pass requests to functions and to web servers",
)
INTEGRATION_METHOD = Limit(
    id="APIGW-METHOD",
    what="IntegrationHttpMethod of an integration with SageMaker",
    unit="",
    allowed=Told("POST, and never left out"),
    source=f"{_PREFLIGHT}: rules/apigateway/pf-apigw-integration-http-method",
    checked_on=_CHECKED,
    aws_says="Enumeration value for HttpMethod must be non-empty",
)
