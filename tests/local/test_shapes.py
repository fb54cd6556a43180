"""The checker of answers itself: it must see what is wrong, and it must look at every answer."""

from typing import Any

import pytest
from botocore.model import Shape

from constructs_lib.local.api.checks import service_model
from tests.local.shapes import check_answers, problems_of, raw_answer

RIGHT = {"EndpointName": "a", "EndpointArn": "arn", "EndpointConfigName": "c", "EndpointStatus": "InService"}
TIMES = {"CreationTime": 1.5, "LastModifiedTime": 2}


def shape() -> Shape:
    return service_model("sagemaker").operation_model("DescribeEndpoint").output_shape


def test_a_right_answer_has_no_problems() -> None:
    assert list(problems_of(shape(), RIGHT | TIMES)) == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (RIGHT, "answer.CreationTime is missing"),
        (RIGHT | TIMES | {"Colour": "red"}, "answer.Colour is unknown"),
        (RIGHT | TIMES | {"EndpointStatus": "Happy"}, "not one of"),
        (RIGHT | TIMES | {"CreationTime": "today"}, "not a timestamp"),
        (RIGHT | TIMES | {"ProductionVariants": [{}]}, "answer.ProductionVariants[0].VariantName is missing"),
    ],
)
def test_a_wrong_answer_is_told(answer: dict[str, Any], problem: str) -> None:
    assert any(problem in told for told in problems_of(shape(), answer))


def test_headers_and_payload_count_as_members() -> None:
    operation = service_model("sagemaker-runtime").operation_model("InvokeEndpoint")
    response = {"headers": {"Content-Type": "text/csv"}, "body": b"1,2", "status_code": 200}
    assert raw_answer(operation, response) == {"ContentType": "text/csv", "Body": b"1,2"}


def test_a_client_s_wrong_answer_fails_its_call(sagemaker: Any) -> None:
    def spoil(response_dict: dict[str, Any], **_: object) -> None:
        response_dict["body"] = b'{"Endpoints": [], "Colour": "red"}'

    sagemaker.meta.events.register_first("before-parse.sagemaker.ListEndpoints", spoil)
    try:
        with pytest.raises(AssertionError, match="Colour is unknown"):
            check_answers(sagemaker).list_endpoints()
    finally:
        sagemaker.meta.events.unregister("before-parse.sagemaker.ListEndpoints", spoil)
