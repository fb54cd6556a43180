"""Real-time: the test split scored, and a row that the container refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.client import InferenceClient, InferenceFailed
from demo.outcome import Check, Outcome, expect_equal
from demo.scoring import CSV, outcome_of, score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceRealtime"
REFUSED = "not a number"


def serve(aws: LocalAws, _outputs: Mapping[str, str], data: DataSet, _steps: Steps) -> Outcome:
    """Score every row, then send one that is malformed."""
    client = InferenceClient.for_stack(STACK, session=aws.session())
    return outcome_of(score(client, data), refused=(malformed(client),))


def malformed(client: InferenceClient) -> Check:
    """A row that is no row has to come back as the container's own error, with its status."""
    what = "a malformed row refused by the container with 400"
    try:
        answer = client.predict(REFUSED, content_type=CSV, accept=CSV)
    except InferenceFailed as failure:
        return expect_equal(what, failure.status, 400)
    return Check(what, ok=False, found=f"answered {answer.body[:40]!r}")
