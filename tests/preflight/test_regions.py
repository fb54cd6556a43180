"""Instance types that the Region offers: the table first, today's prices where it says no."""

from __future__ import annotations

import json
from typing import Any

from constructs_lib.facts.limit import Severity
from constructs_lib.preflight.regions import OFFERED_TYPES
from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import Document, changed
from constructs_lib.rules.examples.transform import batch
from tests.preflight.conftest import Aws, Preflight, refusal

NOT_IN_THE_TABLE = "ml.g6e.xlarge"


def of(type_: str) -> Document:
    return changed(realtime(), {"Config.ProductionVariants.0.InstanceType": type_})


def prices(*types: str) -> dict[str, Any]:
    """An answer of the Price List API in the form of its documentation."""
    return {"PriceList": [json.dumps(_product(name)) for name in types]}


def _product(name: str) -> dict[str, Any]:
    dimension = {"endRange": "Inf", "beginRange": "0", "pricePerUnit": {"USD": "1.0"}}
    return {
        "product": {"sku": "ANY", "attributes": {"usagetype": f"EU-Host:{name}"}},
        "terms": {"OnDemand": {"ANY.ANY": {"priceDimensions": {"ANY": dimension}}}},
    }


def test_a_type_that_the_table_has_asks_nothing(aws: Aws, preflight: Preflight) -> None:
    assert preflight(OFFERED_TYPES, of("ml.g6.xlarge")) == []
    assert aws.asked("GetProducts") == []


def test_a_type_without_a_price_today_is_an_error(aws: Aws, preflight: Preflight) -> None:
    aws.on("GetProducts", prices("ml.g6.xlarge"))
    (finding,) = preflight(OFFERED_TYPES, of(NOT_IN_THE_TABLE))
    assert (finding.rule, finding.severity) == ("CFN-REGIONTYPES", Severity.ERROR)
    assert "price for hosting in eu-west-1, ml.g6e.xlarge has none" in finding.message
    assert "ml.g6.xlarge" in finding.fix


def test_a_type_that_has_a_price_by_now_is_offered(aws: Aws, preflight: Preflight) -> None:
    aws.on("GetProducts", prices("ml.g6.xlarge", NOT_IN_THE_TABLE))
    assert preflight(OFFERED_TYPES, of(NOT_IN_THE_TABLE)) == []


def test_a_type_of_a_transform_job_needs_a_price_for_that(aws: Aws, preflight: Preflight) -> None:
    place = "Machine.Definition.States.Transform.Arguments.TransformResources.InstanceType"
    aws.on("GetProducts", prices("ml.g6.xlarge"))
    (finding,) = preflight(OFFERED_TYPES, changed(batch(), {place: "ml.g6.xlarge"}))
    assert (finding.rule, finding.severity) == ("TR-REGION", Severity.ERROR)
    assert "price for batch transform in eu-west-1, ml.g6.xlarge has none" in finding.message


def test_without_the_permission_the_table_alone_warns(aws: Aws, preflight: Preflight) -> None:
    aws.on("GetProducts", refusal())
    denied, finding = preflight(OFFERED_TYPES, of(NOT_IN_THE_TABLE))
    assert (denied.rule, "pricing:GetProducts is not allowed" in denied.message) == ("PREFLIGHT-DENIED", True)
    assert (finding.rule, finding.severity) == ("CFN-REGIONTYPES", Severity.WARNING)
