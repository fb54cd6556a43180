"""What CloudFormation replaces, held against its own schemas, and what the API's shapes say."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import botocore
import pytest

from constructs_lib.facts import updates
from tests.schemas import schema


@pytest.mark.parametrize("type_", updates.CREATE_ONLY)
def test_create_only_properties_are_those_of_the_schema(type_: str) -> None:
    given = {path.split("/")[2] for path in schema(type_).get("createOnlyProperties", ())}
    assert given == updates.CREATE_ONLY[type_]


def test_what_cannot_change_of_a_component_is_what_its_update_does_not_take() -> None:
    path = Path(botocore.__file__).parent / "data/sagemaker/2017-07-24/service-2.json.gz"
    shapes = json.loads(gzip.decompress(path.read_bytes()))["shapes"]
    taken = shapes["UpdateInferenceComponentInput"]["members"].keys() - {"InferenceComponentName"}
    properties = schema("AWS::SageMaker::InferenceComponent")["properties"].keys()
    assert set(updates.COMPONENT_FIXED_PROPERTIES) <= properties - taken


def test_what_is_retained_is_what_the_api_names() -> None:
    path = Path(botocore.__file__).parent / "data/sagemaker/2017-07-24/service-2.json.gz"
    shapes = json.loads(gzip.decompress(path.read_bytes()))["shapes"]
    assert all(updates.RETAINED.allows(each) for each in shapes["VariantPropertyType"]["enum"])
    for each in (updates.RETAINED_COUNT, updates.RETAINED_WEIGHT, updates.RETAINED_CAPTURE):
        assert each in shapes["VariantPropertyType"]["enum"]
