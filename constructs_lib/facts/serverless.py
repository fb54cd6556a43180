"""Serverless endpoints."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Range

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html"
_INVOKE = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-invoke.html"

PAYLOAD = Limit(
    id="PAY-SLS",
    what="request and response payload of a serverless endpoint",
    unit="bytes",
    allowed=Range(0, 4_194_304),
    source=_INVOKE,
    checked_on=_CHECKED,
)
INVOCATION_TIMEOUT = Limit(
    id="TMO-SLS",
    what="time in which a container answers /invocations",
    unit="s",
    allowed=Range(0, 60),
    source=_INVOKE,
    checked_on=_CHECKED,
)
MEMORY_SIZE_IN_MB = Limit(
    id="SLS-MEM",
    what="MemorySizeInMB",
    unit="MB",
    allowed=Choice((1024, 2048, 3072, 4096, 5120, 6144)),
    source=_GUIDE,
    checked_on=_CHECKED,
)
MAX_CONCURRENCY = Limit(
    id="SLS-CONC",
    what="MaxConcurrency",
    unit="concurrent invocations",
    allowed=Range(1, 200),
    source=f"{_API}: ServerlessMaxConcurrency",
    checked_on=_CHECKED,
)
PROVISIONED_CONCURRENCY = Limit(
    id="SLS-PC",
    what="ProvisionedConcurrency, which is at most MaxConcurrency",
    unit="concurrent invocations",
    allowed=Range(1, 200),
    source=f"{_API}: ProductionVariantServerlessConfig.ProvisionedConcurrency",
    checked_on=_CHECKED,
)
