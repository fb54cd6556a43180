"""Scoring rows a few at a time on an endpoint that answers at once, as real-time and serverless ones do."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.client import InferenceError
from demo.outcome import Check, Outcome, expect_accuracy, median, percentile, share_right

if TYPE_CHECKING:
    from constructs_lib.client import InferenceClient
    from demo.dataset import DataSet

CSV = "text/csv"
ROWS = 3
"""Rows in a request."""


@dataclass(frozen=True)
class Scores:
    """What came back: the milliseconds of each answered request, an error for each other one, the rows' accuracy."""

    requests: int
    latencies: tuple[float, ...]
    errors: tuple[str, ...]
    accuracy: float

    @property
    def succeeded(self) -> int:
        """How many requests were answered."""
        return len(self.latencies)

    @property
    def every_row_answered(self) -> Check:
        """The check that no request failed, with the first error where one did."""
        found = f"{self.succeeded} of {self.requests} requests answered; {self.errors[0]}" if self.errors else ""
        return Check("every row answered", not self.errors, found)


def outcome_of(scores: Scores, *, answered: tuple[Check, ...] = (), refused: tuple[Check, ...]) -> Outcome:
    """The outcome of a way of serving: its scores, and one more request for each of the checks."""
    return Outcome(
        requests=scores.requests + len(answered) + len(refused),
        succeeded=scores.succeeded + sum(check.ok for check in answered),
        failed_as_expected=sum(check.ok for check in refused),
        accuracy=scores.accuracy,
        median_ms=median(scores.latencies),
        p99_ms=percentile(scores.latencies, 99),
        checks=(scores.every_row_answered, expect_accuracy(scores.accuracy), *answered, *refused),
    )


def score(client: InferenceClient, data: DataSet) -> Scores:
    """Ask for all rows, one request after the other."""
    predicted: list[int | None] = []
    latencies: list[float] = []
    errors: list[str] = []
    parts = data.parts(math.ceil(len(data) / ROWS))
    for part in parts:
        began = time.perf_counter()
        try:
            answer = client.predict("\n".join(part.lines), content_type=CSV, accept=CSV).body
            milliseconds = (time.perf_counter() - began) * 1000
            predicted += labels_for(part, answer)
        except (InferenceError, BotoCoreError, ClientError, ValueError) as error:
            predicted += [None] * len(part)
            errors.append(str(error))
        else:
            latencies.append(milliseconds)
    return Scores(len(parts), tuple(latencies), tuple(errors), share_right(predicted, data.labels))


def labels_for(part: DataSet, answer: bytes) -> list[int]:
    """The labels of an answer in CSV; raises ValueError when it is none, or not one a row."""
    labels = [int(line) for line in answer.split()]
    if len(labels) != len(part):
        raise ValueError(f"{len(part)} rows must have as many labels, got {len(labels)}")
    return labels
