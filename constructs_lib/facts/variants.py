"""Endpoint configurations and their production variants."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Pattern, Range

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"

VARIANT_NAME = Limit(
    id="VAR-NAME",
    what="VariantName",
    unit="",
    allowed=Pattern(_NAME, 63),
    source=f"{_API}: VariantName",
    checked_on=_CHECKED,
)
ENDPOINT_CONFIG_NAME = Limit(
    id="CFG-NAME",
    what="EndpointConfigName",
    unit="",
    allowed=Pattern(_NAME, 63),
    source=f"{_API}: EndpointConfigName",
    checked_on=_CHECKED,
)
ENDPOINT_NAME = Limit(
    id="EP-NAME",
    what="EndpointName",
    unit="",
    allowed=Pattern(_NAME, 63),
    source=f"{_API}: EndpointName",
    checked_on=_CHECKED,
)
INITIAL_INSTANCE_COUNT = Limit(
    id="VAR-INITCOUNT",
    what="InitialInstanceCount",
    unit="instances",
    allowed=Range(1, None),
    source=f"{_API}: InitialTaskCount",
    checked_on=_CHECKED,
)
INSTANCE_TYPE = Limit(
    id="VAR-TYPE",
    what="InstanceType of a variant or a transform job",
    unit="",
    allowed=Pattern(r"ml\.[a-z0-9-]+\.[a-z0-9-]+", 64),
    source=f"{_API}: ProductionVariantInstanceType, TransformInstanceType (each value has this form)",
    checked_on=_CHECKED,
)
