"""From an uploaded object to a request: which version it is, what it is called, and where its answer goes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import botocore.session
import pytest

from async_submit.logic import Upload, content_type, inference_id, output_path, receipt_of, request_of
from async_submit.settings import Settings
from constructs_lib.facts import asynchronous, realtime
from tests.handlers.messages import SUBMIT_ENVIRONMENT, created

SETTINGS = Settings.from_environment(SUBMIT_ENVIRONMENT)
MEMBERS = (
    botocore.session.get_session()
    .get_service_model("sagemaker-runtime")
    .operation_model("InvokeEndpointAsync")
    .input_shape.members
)


def id_of(*arguments: Any, **members: Any) -> str:
    return inference_id(Upload.from_event(created(*arguments, **members)), SETTINGS.inference_id_length)


def matches(member: str, value: str) -> bool:
    """Whether SageMaker takes ``value``, as its model says in the notation of another language."""
    pattern = MEMBERS[member].metadata["pattern"].replace(r"\p{Print}", r"\x20-\x7e").replace(r"\z", r"\Z")
    return re.search(pattern, value) is not None and len(value) <= MEMBERS[member].metadata["max"]


def test_a_repeated_event_has_the_same_id() -> None:
    assert id_of() == id_of()


@pytest.mark.parametrize(
    "other",
    [
        {"bucket": "others"},
        {"key": "input/rows2.csv"},
        {"etag": "0a52730597fb4ffa01fc117d9e71e3a9"},
        {"version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"},
    ],
)
def test_another_version_or_object_has_another_id(other: dict[str, Any]) -> None:
    assert id_of(**other) != id_of()


def test_the_same_bytes_put_again_are_another_request() -> None:
    assert id_of(sequencer="00617F08299329D200") != id_of()


def test_a_version_id_decides_alone() -> None:
    assert id_of(**{"version-id": "v1", "sequencer": "1"}) == id_of(**{"version-id": "v1", "sequencer": "2"})


def test_the_version_of_a_bucket_without_versions_is_none() -> None:
    """S3 calls the version ``null`` that was written while versioning was suspended; each write overwrites it."""
    assert id_of(**{"version-id": "null", "sequencer": "1"}) != id_of(**{"version-id": "null", "sequencer": "2"})


def test_sagemaker_takes_the_id_and_the_file_name() -> None:
    request = request_of(Upload.from_event(created()), SETTINGS)
    assert len(request["InferenceId"]) in realtime.INFERENCE_ID_LENGTH.allowed
    assert len(request["Filename"]) in asynchronous.FILENAME_LENGTH.allowed
    assert matches("InferenceId", request["InferenceId"])
    assert matches("Filename", request["Filename"])


def test_a_request_says_where_the_input_is_what_it_is_and_how_long_it_may_wait() -> None:
    request = request_of(Upload.from_event(created()), SETTINGS)
    assert set(request) <= set(MEMBERS)
    assert request["EndpointName"] == "scorer"
    assert request["InputLocation"] == "s3://inputs/input/rows.csv"
    assert request["ContentType"] == "text/csv"
    assert request["RequestTTLSeconds"] == 600


def test_a_time_out_that_nobody_chose_is_left_to_sagemaker() -> None:
    upload = Upload.from_event(created())
    assert "InvocationTimeoutSeconds" not in request_of(upload, SETTINGS)
    chosen = replace(SETTINGS, invocation_timeout_seconds=90)
    assert request_of(upload, chosen)["InvocationTimeoutSeconds"] == 90


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("input/a.csv", "text/csv"),
        ("input/A.CSV", "text/csv"),
        ("input/a.csv.json", "application/json"),
        ("input/a.bin", "application/octet-stream"),
        ("input/csv", "application/octet-stream"),
    ],
)
def test_the_content_type_follows_from_the_end_of_the_key(key: str, expected: str) -> None:
    assert content_type(key, SETTINGS) == expected


def test_the_longest_suffix_decides() -> None:
    settings = replace(SETTINGS, content_types={**SETTINGS.content_types, ".csv.gz": "text/csv+gzip"})
    assert content_type("input/a.csv.gz", settings) == "text/csv+gzip"
    assert content_type("input/a.gz", settings) == "application/gzip"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("input/rows.csv", "rows.csv"),
        ("input/2026/11/21/rows.csv", "2026/11/21/rows.csv"),
        ("input/größe & more?.csv", "gr__e___more_.csv"),
    ],
)
def test_the_answer_s_path_is_the_key_below_the_prefix_in_characters_that_sagemaker_takes(
    key: str, expected: str
) -> None:
    assert output_path(key, SETTINGS) == expected
    assert matches("S3OutputPathExtension", expected)


def test_a_long_path_is_cut_from_the_front() -> None:
    path = output_path("input/" + "x" * 600 + ".csv", SETTINGS)
    assert len(path) == asynchronous.OUTPUT_PATH_EXTENSION_LENGTH.maximum
    assert path.endswith("x.csv")


def test_what_consoles_put_for_a_folder_is_no_request() -> None:
    assert Upload.from_event(created("input/2026/")).is_folder
    assert not Upload.from_event(created("input/2026")).is_folder


def test_the_receipt_holds_what_a_later_question_needs() -> None:
    request = request_of(Upload.from_event(created()), SETTINGS)
    receipt = receipt_of(request, {"OutputLocation": "s3://outputs/success/x.out"}, now=1_000.9)
    assert receipt == {
        "InferenceId": request["InferenceId"],
        "EndpointName": "scorer",
        "InputLocation": "s3://inputs/input/rows.csv",
        "OutputLocation": "s3://outputs/success/x.out",
        "SubmittedTime": 1000,
    }


def test_every_missing_or_wrong_variable_is_named_at_the_cold_start() -> None:
    environment = SUBMIT_ENVIRONMENT | {"CLAIM_SECONDS": "soon", "CONTENT_TYPES": "[]"}
    del environment["ENDPOINT_NAME"]
    with pytest.raises(ValueError, match="ENDPOINT_NAME must be str") as caught:
        Settings.from_environment(environment)
    assert "CLAIM_SECONDS must be int, got 'soon'" in str(caught.value)
    assert "CONTENT_TYPES must be Mapping[str, str], got '[]'" in str(caught.value)
