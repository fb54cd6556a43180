"""What a client raises. AWS's own refusals (``botocore.exceptions.ClientError``) pass unchanged."""

from __future__ import annotations

from constructs_lib.errors import InferenceError


class InferenceFailed(InferenceError):
    """The model, or SageMaker on its behalf, gave an error instead of an answer.

    ``reason`` is the container's message, ``status`` its HTTP status where SageMaker tells it, ``inference_id`` and
    ``failure_location`` are those of an asynchronous request.
    """

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        inference_id: str | None = None,
        failure_location: str | None = None,
    ) -> None:
        self.reason = reason
        self.status = status
        self.inference_id = inference_id
        self.failure_location = failure_location
        whose = f"request {inference_id} failed" if inference_id else "the model failed"
        super().__init__(f"{whose}{f' ({status})' if status else ''}: {reason}")


class BatchFailed(InferenceError):
    """An execution of a batch pipeline ended without its results: ``error`` and ``cause`` are Step Functions' own."""

    def __init__(self, execution_arn: str, status: str, error: str, cause: str) -> None:
        self.execution_arn = execution_arn
        self.status = status
        self.error = error
        self.cause = cause
        why = ": ".join(part for part in (error, cause) if part) or "Step Functions gives no cause"
        super().__init__(f"{execution_arn} ended {status}: {why}")


class LookupFailed(InferenceError):
    """A look-up or an override was refused, or its function failed; the message says why."""


class PayloadTooLarge(InferenceError, ValueError):
    """A payload is over what the way of serving takes; the message names one that takes it. Nothing was sent."""


class UnsupportedPayload(InferenceError, TypeError):
    """A payload cannot be written in the content type asked for. Nothing was sent."""


class TimedOut(InferenceError, TimeoutError):
    """A call or a wait took longer than it was given."""


class NoRegion(InferenceError, LookupError):
    """Neither the environment nor a profile says in which Region to look."""


class StackNotFound(InferenceError, LookupError):
    """There is no such stack in this account and Region."""


class NotDeployed(InferenceError, LookupError):
    """The client was asked for something that it knows no resource for; the message says what it does know."""
