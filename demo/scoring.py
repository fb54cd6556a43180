"""Scoring rows one request at a time on an endpoint that answers at once, as real-time and serverless ones do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.outcome import share_right

if TYPE_CHECKING:
    from demo.dataset import DataSet

CSV = "text/csv"


@dataclass(frozen=True)
class Scores:
    """What came back: a label or None for each row in order, the milliseconds of each answered request, the errors."""

    predicted: tuple[int | None, ...]
    latencies: tuple[float, ...]
    errors: tuple[str, ...]
    accuracy: float

    @property
    def succeeded(self) -> int:
        """How many requests were answered."""
        return len(self.latencies)

    @property
    def found(self) -> str:
        """The errors in short, for a check that did not hold."""
        return f"{self.succeeded} answered; first error: {self.errors[0]}" if self.errors else ""


def score(runtime: Any, endpoint_name: str, data: DataSet) -> Scores:
    """Ask for each row on its own, one after the other."""
    predicted: list[int | None] = []
    latencies: list[float] = []
    errors: list[str] = []
    for line in data.lines:
        began = time.perf_counter()
        try:
            answer = invoke(runtime, endpoint_name, line.encode())
            predicted.append(int(answer))
        except (ClientError, ValueError) as error:
            predicted.append(None)
            errors.append(str(error))
        else:
            latencies.append((time.perf_counter() - began) * 1000)
    return Scores(tuple(predicted), tuple(latencies), tuple(errors), share_right(predicted, data.labels))


def invoke(runtime: Any, endpoint_name: str, body: bytes) -> bytes:
    """One InvokeEndpoint with CSV in and out; raises botocore's ClientError."""
    response = runtime.invoke_endpoint(EndpointName=endpoint_name, ContentType=CSV, Accept=CSV, Body=body)
    answer: bytes = response["Body"].read()
    return answer
