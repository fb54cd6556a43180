"""Requests that are answered later: asynchronous endpoints."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from constructs_lib.checks import Checks
from constructs_lib.client.base import BaseClient, given
from constructs_lib.client.correlation import new_id
from constructs_lib.client.deadline import Deadline
from constructs_lib.client.errors import UnsupportedPayload
from constructs_lib.client.limits import check_size, is_inline
from constructs_lib.client.many import AsyncResults, submit_each
from constructs_lib.client.notifications import Outcome, Status
from constructs_lib.client.payloads import Encoded, encode
from constructs_lib.client.progress import Tell, teller
from constructs_lib.client.results import AsyncResult
from constructs_lib.client.watch import Request
from constructs_lib.facts import asynchronous, calls, realtime
from constructs_lib.outputs import InferenceOption

# Seconds in which a request is taken in, its upload included.
_SUBMIT = 900.0
_CONCURRENCY = 16


class AsynchronousCalls(BaseClient):
    """``submit``, ``submit_all`` and ``result_of``."""

    def submit(
        self,
        payload: object = None,
        *,
        input_location: str | None = None,
        content_type: str | None = None,
        accept: str | None = None,
        inference_id: str | None = None,
        custom_attributes: str | None = None,
        request_ttl_seconds: int | None = None,
        invocation_timeout_seconds: int | None = None,
        timeout: float = _SUBMIT,
    ) -> AsyncResult:
        """Hand a request to an asynchronous endpoint; small ones go along, larger ones through S3.

        :param payload: as in ``predict``, but not ``None``; a file (``pathlib.Path``) of up to 1 GB is read piece by
            piece.
        :param input_location: in place of a payload, ``s3://...`` of one that is in S3 already.
        :param inference_id: one of your own, unique among all requests of the endpoint, at most 64 characters.
        :param request_ttl_seconds: how long it may wait in the queue, 60 to 21600.
        :param invocation_timeout_seconds: how long the model may work on it, 1 to 3600.
        :param timeout: seconds in which it has to be taken in, its upload included.
        :raises InvalidConfiguration: before anything is sent, with everything that AWS would refuse.
        :raises PayloadTooLarge: before anything is sent.
        """
        self._refuse_unless(InferenceOption.ASYNC, call="submit")
        checks = _checked(inference_id, custom_attributes, request_ttl_seconds, invocation_timeout_seconds)
        got = "neither" if payload is None else "both"
        one = f"either a payload or input_location must be given, got {got}; keep one of them"
        checks.require((payload is None) is bool(input_location), one, asynchronous.INPUT_LOCATION_LENGTH)
        checks.done()
        deadline = Deadline(timeout, "submit")
        request = Request(inference_id=inference_id or new_id())
        sent: dict[str, object] = {
            "InferenceId": request.inference_id,
            "Accept": accept,
            "CustomAttributes": custom_attributes,
            "RequestTTLSeconds": request_ttl_seconds,
            "InvocationTimeoutSeconds": invocation_timeout_seconds,
        }
        if input_location:
            sent |= {"InputLocation": input_location, "ContentType": content_type}
        else:
            sent |= self._input(encode(payload, content_type), request.inference_id, deadline)
        # Before it is sent, so that a message about it is not taken for somebody else's.
        self._watch.follow(request)
        answer = self._runtime.invoke_async(given(sent), deadline, calls.SOCKET_TIMEOUT.minimum)
        request.output_location = answer["OutputLocation"]
        request.failure_location = answer.get("FailureLocation")
        return self._result(request, _longest_wait(request_ttl_seconds, invocation_timeout_seconds))

    def submit_all(
        self,
        payloads: Iterable[object],
        *,
        content_type: str | None = None,
        accept: str | None = None,
        custom_attributes: str | None = None,
        request_ttl_seconds: int | None = None,
        invocation_timeout_seconds: int | None = None,
        concurrency: int = _CONCURRENCY,
        progress: Tell | bool = True,
        timeout: float = _SUBMIT,
    ) -> AsyncResults:
        """Submit many payloads; returns when all were taken in, and before they are answered.

        One that cannot be sent does not stop the others: its result raises why.

        :param payloads: each as in ``submit``; an iterator is read no faster than its payloads are sent.
        :param concurrency: how many are sent at a time.
        :param progress: True draws a bar on standard error if that is a terminal; a function is called with
            ``Progress`` instead, of what is submitted and then of what is answered.
        :param timeout: seconds in which each has to be taken in.
        :raises InvalidConfiguration: before anything is sent, with everything that AWS would refuse.
        :raises UnsupportedPayload: for one payload in place of many.
        """
        self._refuse_unless(InferenceOption.ASYNC, call="submit_all")
        if isinstance(payloads, (str, bytes, Path)):
            kind = type(payloads).__name__
            raise UnsupportedPayload(f"payloads must be several, got one {kind}; use submit() for it, or [...]")
        _checked(None, custom_attributes, request_ttl_seconds, invocation_timeout_seconds).done()
        longest = _longest_wait(request_ttl_seconds, invocation_timeout_seconds)

        def submit(payload: object) -> AsyncResult:
            try:
                return self.submit(
                    payload,
                    content_type=content_type,
                    accept=accept,
                    custom_attributes=custom_attributes,
                    request_ttl_seconds=request_ttl_seconds,
                    invocation_timeout_seconds=invocation_timeout_seconds,
                    timeout=timeout,
                )
            except Exception as error:  # noqa: BLE001 - its result raises it
                return self._result(_unsent(error), longest)

        tell = teller(progress)
        return AsyncResults(submit_each(payloads, submit, concurrency, tell), self._watch, tell, longest)

    def result_of(
        self, inference_id: str, *, output_location: str = "", failure_location: str | None = None
    ) -> AsyncResult:
        """The result of a request that was sent elsewhere, or before this process began.

        Of an id alone that the status table has not, ``status()`` says ``Unknown``, and a wait goes on to its time-out.

        :param output_location: as SageMaker gave it; not needed where the stack keeps the status of requests.
        :param failure_location: the same for the error.
        :raises NotDeployed: without a location and a status table: SageMaker itself finds no request by its id.
        """
        if not output_location:
            self.deployed.need("status_table", "result_of without output_location")
        request = self._watch.known(inference_id) or Request(inference_id=inference_id)
        request.output_location = request.output_location or output_location
        request.failure_location = request.failure_location or failure_location
        self._watch.follow(request)
        return self._result(request, _longest_wait(None, None))

    def _result(self, request: Request, longest: float) -> AsyncResult:
        return AsyncResult(request, self._watch, self._objects, longest)

    def _input(self, payload: Encoded, inference_id: str, deadline: Deadline) -> dict[str, object]:
        """The members that carry a payload, which is uploaded if it has to be."""
        size = payload.size
        check_size(size, InferenceOption.ASYNC)
        if is_inline(size):
            return {"Body": payload.read(), "ContentType": payload.content_type}
        bucket = self.deployed.need("input_bucket", f"submit of {size} bytes")
        key = f"{self.deployed.input_prefix}{inference_id}{payload.suffix}"
        location = self._objects.upload(payload, bucket, key, deadline)
        return {"InputLocation": location, "ContentType": payload.content_type}


def _checked(
    inference_id: str | None, attributes: str | None, ttl: int | None, invocation_timeout: int | None
) -> Checks:
    """What is wrong with them; whoever asks adds the rest, and raises."""
    checks = Checks("submit")
    for argument, text, limit in (
        ("inference_id", inference_id, realtime.INFERENCE_ID_LENGTH),
        ("custom_attributes", attributes, realtime.CUSTOM_ATTRIBUTES_LENGTH),
    ):
        checks.limit(f"length of {argument}", None if text is None else len(text), limit)
    checks.limit("request_ttl_seconds", ttl, asynchronous.REQUEST_TTL)
    checks.limit("invocation_timeout_seconds", invocation_timeout, asynchronous.INVOCATION_TIMEOUT)
    return checks


def _longest_wait(ttl: int | None, invocation_timeout: int | None) -> float:
    """Seconds after which SageMaker has given a request up."""
    ttl = ttl or asynchronous.REQUEST_TTL.default or 0
    return float(ttl + (invocation_timeout or asynchronous.INVOCATION_TIMEOUT.default or 0))


def _unsent(error: Exception) -> Request:
    request = Request(inference_id="", unsent=error)
    request.outcome.set_result(Outcome(status=Status.FAILED, reason=str(error)))
    return request
