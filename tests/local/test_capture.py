"""Data capture: JSON lines in S3, in AWS's format and under AWS's names."""

import base64
import json
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.endpoints.capture import encode
from tests.local.conftest import Serve, any_name, on_instances, refused, without_instances

BOTH = [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]
LISTED = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}


@pytest.fixture(scope="module")
def bucket(local_aws: LocalAws) -> str:
    name = any_name("captured")
    local_aws.client("s3").create_bucket(Bucket=name)
    return name


class Capturing:
    """Makes endpoints that capture below a prefix of their own, and reads what they wrote."""

    def __init__(self, aws: LocalAws, serve: Serve, bucket: str) -> None:
        self._s3 = aws.client("s3")
        self._serve = serve
        self._bucket = bucket
        self.prefix = any_name("prefix")

    def config(self, **members: Any) -> dict[str, Any]:
        uri = f"s3://{self._bucket}/{self.prefix}"
        return {"InitialSamplingPercentage": 100, "DestinationS3Uri": uri, "CaptureOptions": BOTH} | members

    def endpoint(self, **members: Any) -> str:
        config = self._serve.config(on_instances(self._serve.model()), DataCaptureConfig=self.config(**members))
        return self._serve.endpoint(config)

    def written(self) -> list[str]:
        found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=f"{self.prefix}/").get("Contents", [])
        return [each["Key"] for each in found]

    def lines(self, count: int = 1) -> list[dict[str, Any]]:
        """What was captured, once it is at least `count` lines."""
        deadline = time.monotonic() + 10
        found: list[dict[str, Any]] = []
        while len(found) < count and time.monotonic() < deadline:
            time.sleep(0.1)
            bodies = [self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read() for key in self.written()]
            found = [json.loads(line) for body in bodies for line in body.decode().splitlines()]
        return found


@pytest.fixture
def capturing(local_aws: LocalAws, serve: Serve, bucket: str) -> Capturing:
    return Capturing(local_aws, serve, bucket)


def test_a_line_holds_the_request_and_its_answer(runtime: Any, capturing: Capturing) -> None:
    endpoint = capturing.endpoint(CaptureContentTypeHeader=LISTED)
    runtime.invoke_endpoint(EndpointName=endpoint, Body=b"a,b", ContentType="text/csv", Accept="application/json")
    (line,) = capturing.lines()
    assert line["captureData"] == {
        "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT", "data": "a,b", "encoding": "CSV"},
        "endpointOutput": {
            "observedContentType": "application/json",
            "mode": "OUTPUT",
            "data": "A,B",
            "encoding": "JSON",
        },
    }
    assert line["eventVersion"] == "0"
    assert line.keys() == {"captureData", "eventMetadata", "eventVersion"}


def test_the_metadata_tells_the_event_its_time_and_the_caller_s_marks(runtime: Any, capturing: Capturing) -> None:
    endpoint, before = capturing.endpoint(), datetime.now(UTC).replace(microsecond=0)
    runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x", CustomAttributes="c=1", InferenceId="id-1")
    metadata = capturing.lines()[0]["eventMetadata"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", metadata.pop("eventId"))
    at = datetime.strptime(metadata.pop("inferenceTime"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert before <= at <= datetime.now(UTC)
    assert metadata == {"customAttributes": ["c=1"], "inferenceId": "id-1"}


def test_a_type_that_is_not_listed_is_captured_in_base64(runtime: Any, capturing: Capturing) -> None:
    endpoint = capturing.endpoint()
    runtime.invoke_endpoint(EndpointName=endpoint, Body=b"hello", ContentType="text/csv")
    captured = capturing.lines()[0]["captureData"]["endpointInput"]
    assert (captured["encoding"], base64.b64decode(captured["data"])) == ("BASE64", b"hello")


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("text/csv", "CSV"),
        ("text/csv; charset=utf-8", "CSV"),
        ("TEXT/CSV", "CSV"),
        ("application/json", "JSON"),
        ("application/x-npy", "BASE64"),
        ("", "BASE64"),
    ],
)
def test_the_content_type_decides_on_the_encoding(content_type: str, encoding: str) -> None:
    assert encode(b"1", content_type, LISTED)[0] == encoding


def test_what_is_no_text_is_captured_in_base64_whatever_its_type() -> None:
    assert encode(b"\xff\xfe", "text/csv", LISTED) == ("BASE64", "//4=")


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (["Input"], {"endpointInput"}),
        (["Output"], {"endpointOutput"}),
        (["InputAndOutput"], {"endpointInput", "endpointOutput"}),
    ],
    ids=["input", "output", "both in one"],
)
def test_the_options_say_what_is_kept(runtime: Any, capturing: Capturing, options: list[str], kept: set[str]) -> None:
    endpoint = capturing.endpoint(CaptureOptions=[{"CaptureMode": mode} for mode in options])
    runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")
    assert capturing.lines()[0]["captureData"].keys() == kept


def test_the_file_lies_under_endpoint_variant_and_hour(runtime: Any, capturing: Capturing) -> None:
    endpoint = capturing.endpoint()
    runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")
    capturing.lines()
    (key,) = capturing.written()
    folder = rf"{capturing.prefix}/{endpoint}/all/\d{{4}}/\d\d/\d\d/\d\d"
    assert re.fullmatch(rf"{folder}/\d\d-\d\d-\d{{3}}-[0-9a-f-]{{36}}\.jsonl", key)


def test_every_request_is_captured_at_a_hundred_percent(runtime: Any, capturing: Capturing) -> None:
    endpoint = capturing.endpoint(CaptureContentTypeHeader=LISTED)
    for number in range(20):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=str(number).encode(), ContentType="text/csv")
    captured = [line["captureData"]["endpointInput"]["data"] for line in capturing.lines(20)]
    assert sorted(captured, key=int) == [str(number) for number in range(20)]


def test_a_share_of_the_requests_is_captured(runtime: Any, capturing: Capturing) -> None:
    endpoint = capturing.endpoint(InitialSamplingPercentage=50)
    for _ in range(60):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")
    time.sleep(1.5)
    # Outside of these bounds once in ten million times.
    assert 10 <= len(capturing.lines()) <= 50


@pytest.mark.parametrize("members", [{"EnableCapture": False}, {"InitialSamplingPercentage": 0}], ids=["off", "none"])
def test_nothing_is_captured_when_it_is_not_wanted(runtime: Any, capturing: Capturing, members: dict[str, Any]) -> None:
    endpoint = capturing.endpoint(**members)
    runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")
    time.sleep(1.5)
    assert capturing.written() == []


def test_capture_without_a_switch_is_on(sagemaker: Any, capturing: Capturing) -> None:
    answer = sagemaker.describe_endpoint(EndpointName=capturing.endpoint(InitialSamplingPercentage=30))
    capture = answer["DataCaptureConfig"]
    assert (capture["EnableCapture"], capture["CaptureStatus"]) == (True, "Started")
    assert capture["CurrentSamplingPercentage"] == 30


def test_capture_that_is_off_is_described_as_stopped(sagemaker: Any, capturing: Capturing) -> None:
    answer = sagemaker.describe_endpoint(EndpointName=capturing.endpoint(EnableCapture=False))
    assert answer["DataCaptureConfig"]["CaptureStatus"] == "Stopped"


def test_the_answers_of_a_shadow_are_captured_under_its_name(runtime: Any, serve: Serve, capturing: Capturing) -> None:
    config = serve.config(
        on_instances(serve.model(COLOUR="live"), "live"),
        ShadowProductionVariants=[on_instances(serve.model(COLOUR="shadow"), "shadow")],
        DataCaptureConfig=capturing.config(CaptureContentTypeHeader={"CsvContentTypes": ["text/csv"]}),
    )
    endpoint = serve.endpoint(config)
    runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!environment COLOUR", Accept="text/csv")
    lines = capturing.lines(2)
    assert {line["captureData"]["endpointOutput"]["data"] for line in lines} == {"live", "shadow"}
    assert {key.split("/")[2] for key in capturing.written()} == {"live", "shadow"}


def test_a_bucket_that_is_not_there_fails_no_request(runtime: Any, capturing: Capturing) -> None:
    endpoint = capturing.endpoint(DestinationS3Uri=f"s3://{any_name('nowhere')}/x")
    for _ in range(2):
        assert runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")["Body"].read() == b"X"
        time.sleep(0.7)


def test_serverless_variants_are_not_captured(sagemaker: Any, serve: Serve, capturing: Capturing) -> None:
    error = refused(
        sagemaker.create_endpoint_config,
        EndpointConfigName=any_name(),
        ProductionVariants=[without_instances(serve.model())],
        DataCaptureConfig=capturing.config(),
    ).response["Error"]
    assert "DataCaptureConfig of a serverless endpoint configuration" in error["Message"]
