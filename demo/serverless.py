"""Serverless: the test split scored, and the payload limit met to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from constructs_lib.facts.serverless import PAYLOAD
from demo.outcome import Check, Outcome, expect_equal
from demo.scoring import invoke, outcome_of, score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceServerless"


def serve(aws: LocalAws, outputs: Mapping[str, str], data: DataSet, _steps: Steps) -> Outcome:
    """Score every row, then send a payload exactly as large as allowed and one a byte larger."""
    runtime = aws.client("sagemaker-runtime")
    endpoint_name = outputs["EndpointName"]
    scores = score(runtime, endpoint_name, data)
    largest = padded(data.lines[0], int(PAYLOAD.maximum))
    taken = largest_taken(runtime, endpoint_name, largest)
    refused = oversize_refused(runtime, endpoint_name, largest + b"\n")
    return outcome_of(scores, answered=(taken,), refused=(refused,))


def padded(line: str, size: int) -> bytes:
    """The row followed by line breaks up to `size` bytes: CSV that means one row whatever its size."""
    return line.encode().ljust(size, b"\n")


def largest_taken(runtime: Any, endpoint_name: str, body: bytes) -> Check:
    """A payload of exactly the limit has to be answered."""
    what = f"a payload of {len(body)} bytes answered"
    try:
        return Check(what, ok=bool(invoke(runtime, endpoint_name, body)), found="an empty answer")
    except ClientError as error:
        return Check(what, ok=False, found=str(error))


def oversize_refused(runtime: Any, endpoint_name: str, body: bytes) -> Check:
    """A payload over the limit has to be refused with AWS's error, not by the container."""
    what = f"a payload of {len(body)} bytes refused"
    try:
        answer = invoke(runtime, endpoint_name, body)
    except ClientError as error:
        return expect_equal(what, error.response["Error"]["Code"], "ValidationError")
    return Check(what, ok=False, found=f"answered {answer[:40]!r}")
