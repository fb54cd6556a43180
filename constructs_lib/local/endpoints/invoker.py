"""One invocation of a variant's containers: its place among the concurrent ones, its time-out, its errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from constructs_lib.facts import realtime, serverless
from constructs_lib.local.api.model_errors import refused_by_container, timed_out, unreachable
from constructs_lib.local.containers.served import (
    Answer,
    ContainerUnreachable,
    InvocationTimedOut,
    Served,
    StreamedAnswer,
)
from constructs_lib.local.endpoints.targets import TARGET_CONTAINER, TARGET_MODEL
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.local.endpoints.invocation_metrics import Observation
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import VariantRecord

# What the container gets to see of the caller's headers; the targets are read on the way.
_PASSED_ON = (
    "content-type",
    "accept",
    "x-amzn-sagemaker-custom-attributes",
    "x-amzn-sagemaker-inference-id",
    TARGET_CONTAINER,
    TARGET_MODEL,
)


class Invoker:
    """Asks containers. Every request, that of a shadow variant too, comes through here."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self._sagemaker = sagemaker

    def take_slot(self, endpoint: str, variant: VariantRecord) -> None:
        """Count an invocation as under way; serverless ones are limited to MaxConcurrency (ThrottlingException).

        Call it under the store's lock, together with the choice of the variant: an update waits for what is under way.
        """
        if variant.serverless and variant.in_flight >= variant.serverless["MaxConcurrency"]:
            raise AwsError(
                "ThrottlingException",
                f"Maximum concurrency of {variant.serverless['MaxConcurrency']} of endpoint {endpoint} reached. "
                "Try again later.",
            )
        variant.in_flight += 1
        self._sagemaker.autoscaling.count_invocation(endpoint, variant.name)

    def give_slot_back(self, variant: VariantRecord) -> None:
        """The invocation is over."""
        with self._sagemaker.store.lock:
            variant.in_flight -= 1

    def answer(self, endpoint: str, variant: VariantRecord, headers: Mapping[str, str], body: bytes) -> Answer:
        """A 2xx answer of the container, within the limits; raises AwsError for everything else."""
        with _translated(endpoint), self._observed(endpoint, variant) as seen:
            status, found, answer = self._served(variant).invoke(body, _passed_on(headers), _timeout(variant))
            seen.status = status
        if variant.serverless and len(answer) > serverless.PAYLOAD.maximum:
            status, answer = 413, b"Response payload size exceeded the limit"
        if not 200 <= status < 300:
            raise refused_by_container(endpoint, status, found, answer)
        return status, found, answer

    def stream(self, endpoint: str, variant: VariantRecord, headers: Mapping[str, str], body: bytes) -> StreamedAnswer:
        """A 2xx answer whose body is still coming; raises AwsError for everything else."""
        with _translated(endpoint), self._observed(endpoint, variant) as seen:
            answer = self._served(variant).stream(body, _passed_on(headers), _timeout(variant))
            seen.status = answer.status
            if not 200 <= answer.status < 300:
                raise refused_by_container(endpoint, answer.status, answer.headers, answer.whole())
        return answer

    def _observed(self, endpoint: str, variant: VariantRecord) -> AbstractContextManager[Observation]:
        return self._sagemaker.autoscaling.loop.signals.invocations.observed(endpoint, variant)

    def _served(self, variant: VariantRecord) -> Served:
        return self._sagemaker.container(variant.model_name)


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in _PASSED_ON if name in headers}


def _timeout(variant: VariantRecord) -> float:
    return float((serverless if variant.serverless else realtime).INVOCATION_TIMEOUT.maximum)


@contextmanager
def _translated(endpoint: str) -> Iterator[None]:
    try:
        yield
    except InvocationTimedOut as error:
        raise timed_out(endpoint, error) from error
    except ContainerUnreachable as error:
        raise unreachable(endpoint, error) from error
