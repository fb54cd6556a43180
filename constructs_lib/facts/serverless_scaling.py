"""Provisioned concurrency of serverless endpoints, and what an update does to it."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Severity, Told

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg"

# The target in AWS's guide (serverless-endpoints-autoscale): half is in use, the other half takes what comes meanwhile.
UTILIZATION_IN_GUIDE = 0.5
UPDATE_OF_CONCURRENCY = Limit(
    id="SLS-PC-UPDATE",
    what="provisioned concurrency after an update of the endpoint",
    unit="",
    allowed=Told(
        "what the new configuration says: RetainAllVariantProperties keeps DesiredInstanceCount and DesiredWeight alone"
    ),
    source=f"{_API}: VariantPropertyType; {_DOCS}/serverless-endpoints-update.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
