"""Prices from the AWS Price List API, as its documentation shows the answers.

``price_list.json`` is written by hand in the form of the documentation (GetProducts: a list of JSON documents, each in
a string); nobody has recorded it from AWS. botocore checks requests and answers against the API's own model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from constructs_lib.advisor.price_list import PricesUnavailable, fetch
from constructs_lib.facts.prices import Price

TODAY = date(2026, 12, 1)
PRODUCTS = json.loads(Path(__file__).with_name("price_list.json").read_text("utf-8"))
FILTERS = (
    ("productFamily", "ML Instance"),
    ("productFamily", "ML Serverless"),
    ("operation", "Invoke-Endpoint"),
    ("volumeType", "General Purpose-Hosting"),
)


@pytest.fixture
def pricing() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("pricing", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        yield client, stub


def expected(field: str, value: str, **more: str) -> dict[str, Any]:
    filters = [
        {"Type": "TERM_MATCH", "Field": field, "Value": value},
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"},
    ]
    return {"ServiceCode": "AmazonSageMaker", "FormatVersion": "aws_v1", "Filters": filters, **more}


def page(products: list[Any], **more: str) -> dict[str, Any]:
    return {"FormatVersion": "aws_v1", "PriceList": [json.dumps(product) for product in products], **more}


def fetched(pricing: tuple[Any, Stubber], products: list[Any]) -> dict[str, Price]:
    """The prices when the first of the four questions has two pages, and the others none."""
    client, stub = pricing
    half = len(products) // 2
    stub.add_response("get_products", page(products[:half], NextToken="more"), expected(*FILTERS[0]))
    stub.add_response("get_products", page(products[half:]), expected(*FILTERS[0], NextToken="more"))
    for wanted in FILTERS[1:]:
        stub.add_response("get_products", page([]), expected(*wanted))
    found = fetch("us-east-1", today=TODAY, client=client)
    stub.assert_no_pending_responses()
    return {price.name: price for price in found}


def test_prices_of_all_pages_become_names_and_what_is_not_for_inference_is_left_out(
    pricing: tuple[Any, Stubber],
) -> None:
    found = fetched(pricing, PRODUCTS)
    assert {name: price.usd for name, price in found.items()} == {
        "endpoint:ml.m5.large": 0.115,
        "async:ml.m5.large": 0.116,
        "transform:ml.m5.large": 0.117,
        "serverless:4096": 0.00008,
        "provisioned:4096": 0.00002,
        "provisioned-use:4096": 0.00003,
        "data:in": 0.016,
        "volume:endpoint": 0.14,
    }


def test_a_price_says_its_region_its_day_and_its_product(pricing: tuple[Any, Stubber]) -> None:
    assert fetched(pricing, PRODUCTS)["endpoint:ml.m5.large"] == Price(
        name="endpoint:ml.m5.large",
        region="us-east-1",
        usd=0.115,
        on=TODAY,
        source="AWS Price List API, SKU AAAAAAAAAAAAAAA1",
    )


def test_a_region_without_a_price_of_an_instance_is_an_error(pricing: tuple[Any, Stubber]) -> None:
    with pytest.raises(PricesUnavailable, match="no price of an instance in us-east-1"):
        fetched(pricing, PRODUCTS[3:5])


def test_a_refusal_of_aws_is_an_error_with_its_reason(pricing: tuple[Any, Stubber]) -> None:
    client, stub = pricing
    stub.add_client_error("get_products", "AccessDeniedException", "not authorized to perform: pricing:GetProducts")
    with pytest.raises(PricesUnavailable, match="not authorized to perform: pricing:GetProducts"):
        fetch("us-east-1", today=TODAY, client=client)
