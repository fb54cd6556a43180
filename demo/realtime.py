"""Real-time: the test split scored, and a row that the container refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.outcome import Check, Outcome, expect_equal
from demo.scoring import invoke, outcome_of, score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceRealtime"
REFUSED = b"not a number"


def serve(aws: LocalAws, outputs: Mapping[str, str], data: DataSet, _steps: Steps) -> Outcome:
    """Score every row, then send one that is malformed."""
    runtime = aws.client("sagemaker-runtime")
    endpoint_name = outputs["EndpointName"]
    scores = score(runtime, endpoint_name, data)
    return outcome_of(scores, refused=(malformed(runtime, endpoint_name),))


def malformed(runtime: Any, endpoint_name: str) -> Check:
    """A row that is no row has to come back as ModelError with the container's own status."""
    what = "a malformed row refused by the container with 400"
    try:
        answer = invoke(runtime, endpoint_name, REFUSED)
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response.get("OriginalStatusCode")
        return expect_equal(what, (code, status), ("ModelError", 400))
    return Check(what, ok=False, found=f"answered {answer[:40]!r}")
