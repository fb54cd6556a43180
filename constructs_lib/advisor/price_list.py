"""The prices of today, from the AWS Price List API; needs ``pricing:GetProducts``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.errors import InferenceError
from constructs_lib.facts.prices import Price

_SERVICE = "AmazonSageMaker"
ENDPOINT_REGION = "us-east-1"  # the API has few endpoints; this one knows the prices of all Regions
# Each filter fetches products of several uses; what they are is read from their usage type.
_FILTERS: tuple[Mapping[str, str], ...] = (
    {"productFamily": "ML Instance"},
    {"productFamily": "ML Serverless"},
    {"operation": "Invoke-Endpoint"},
    {"volumeType": "General Purpose-Hosting"},
)
# Usage types begin with the code of a Region, such as USE1-; in some products without.
_USES = tuple(
    (re.compile(rf"(?:[A-Z0-9]+-)?{pattern}"), kind, factor)
    for pattern, kind, factor in (
        (r"Host:(ml\.\S+)", "endpoint", 1),
        (r"AsyncInf:(ml\.\S+)", "async", 1),
        (r"Tsform:(ml\.\S+)", "transform", 1),
        (r"ServerlessInf:Mem-(\d+)GB", "serverless", 1024),
        (r"\S*ProvisionedConcurrency:Mem-(\d+)GB", "provisioned", 1024),
        (r"\S*ProvisionedConcurrency:Usage-(\d+)GB", "provisioned-use", 1024),
        (r"\S*Data-Bytes-(In|Out)", "data", 1),
        (r"Host:VolumeUsage\.gp2", "volume", 1),
    )
)


class PricesUnavailable(InferenceError):
    """AWS could not be asked, or gave no prices."""


def fetch(region: str, *, today: date, client: Any = None) -> list[Price]:
    """Every price of a Region that the advisor reckons with.

    :param client: a ``pricing`` client; one of the default credentials by default.
    :raises PricesUnavailable: when AWS refuses, or has no price of an instance there.
    """
    try:
        pricing = client or boto3.client("pricing", region_name=ENDPOINT_REGION)
        found = {
            price.name: price for product in _products(pricing, region) for price in _prices(product, region, today)
        }
    except (BotoCoreError, ClientError) as error:
        known = "those of the library are used without it"
        raise PricesUnavailable(f"the AWS Price List API could not be asked: {error}; {known}") from error
    if not any(name.startswith("endpoint:") for name in found):
        raise PricesUnavailable(f"the AWS Price List API has no price of an instance in {region}; is it a Region?")
    return list(found.values())


def _products(client: Any, region: str) -> Iterator[Mapping[str, Any]]:
    paginator = client.get_paginator("get_products")
    for wanted in _FILTERS:
        fields = {**wanted, "regionCode": region}
        filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in fields.items()]
        for page in paginator.paginate(ServiceCode=_SERVICE, FormatVersion="aws_v1", Filters=filters):
            # Each product is a JSON document inside a string.
            yield from (json.loads(product) for product in page["PriceList"])


def _prices(product: Mapping[str, Any], region: str, today: date) -> Iterator[Price]:
    name = _name(product["product"]["attributes"].get("usagetype", ""))
    usd = _usd(product)
    if name is not None and usd is not None:
        source = f"AWS Price List API, SKU {product['product']['sku']}"
        yield Price(name=name, region=region, usd=usd, on=today, source=source)


def _name(usage_type: str) -> str | None:
    """``endpoint:ml.m5.large`` of ``USE1-Host:ml.m5.large``; ``None`` for training, notebooks and the rest."""
    for pattern, kind, factor in _USES:
        match = pattern.fullmatch(usage_type)
        if match is None:
            continue
        if not match.groups():
            return f"{kind}:endpoint"
        what = match[1].lower()
        return f"{kind}:{int(what) * factor}" if factor > 1 else f"{kind}:{what}"
    return None


def _usd(product: Mapping[str, Any]) -> float | None:
    """What a unit costs on demand once a free amount is used up; ``None`` for what is sold otherwise."""
    tiers = [
        dimension
        for term in product.get("terms", {}).get("OnDemand", {}).values()
        for dimension in term["priceDimensions"].values()
    ]
    last = [tier for tier in tiers if tier.get("endRange") == "Inf"]
    amounts = [float(tier["pricePerUnit"]["USD"]) for tier in last if "USD" in tier["pricePerUnit"]]
    return _highest(amounts)


def _highest(amounts: Iterable[float]) -> float | None:
    """Among several offers of one product, the one that is not free."""
    return max(amounts, default=None)
