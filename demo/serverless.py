"""Serverless: the test split scored, and the payload limit met to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from constructs_lib.client import InferenceClient, InferenceError, PayloadTooLarge
from constructs_lib.facts.serverless import PAYLOAD
from demo.outcome import Check, Outcome, expect_equal
from demo.scoring import CSV, outcome_of, score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceServerless"


def serve(aws: LocalAws, outputs: Mapping[str, str], data: DataSet, _steps: Steps) -> Outcome:
    """Score every row, then send a payload exactly as large as allowed and one a byte larger."""
    client = InferenceClient.for_stack(STACK, session=aws.session())
    largest = padded(data.lines[0], PAYLOAD.maximum)
    scores, taken = score(client, data), largest_taken(client, largest)
    refused = oversize_refused(aws.client("sagemaker-runtime"), outputs["EndpointName"], client, largest + b"\n")
    return outcome_of(scores, answered=(taken,), refused=(refused,))


def padded(line: str, size: int) -> bytes:
    """The row followed by line breaks up to `size` bytes: CSV that means one row whatever its size."""
    return line.encode().ljust(size, b"\n")


def largest_taken(client: InferenceClient, body: bytes) -> Check:
    """A payload of exactly the limit has to be answered."""
    what = f"a payload of {len(body)} bytes answered"
    try:
        answer = client.predict(body, content_type=CSV, accept=CSV)
    except (InferenceError, ClientError) as error:
        return Check(what, ok=False, found=str(error))
    return Check(what, ok=bool(answer.body), found="an empty answer")


def oversize_refused(runtime: Any, endpoint_name: str, client: InferenceClient, body: bytes) -> Check:
    """A payload over the limit has to be refused by the client unsent, and with AWS's error if it is sent."""
    what = f"a payload of {len(body)} bytes refused"
    try:
        answer = client.predict(body, content_type=CSV).body
    except PayloadTooLarge:
        try:
            answer = runtime.invoke_endpoint(EndpointName=endpoint_name, ContentType=CSV, Body=body)["Body"].read()
        except ClientError as error:
            return expect_equal(what, error.response["Error"]["Code"], "ValidationError")
    return Check(what, ok=False, found=f"answered {answer[:40]!r}")
