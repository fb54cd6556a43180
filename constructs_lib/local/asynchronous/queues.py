"""Asynchronous endpoints: a queue for each, worked off by as many invocations as its instances take."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from constructs_lib.facts import asynchronous_metrics
from constructs_lib.local.asynchronous.request import AsyncRequest, Outcome
from constructs_lib.local.asynchronous.results import Results
from constructs_lib.local.containers.process import ContainerUnreachable, InvocationTimedOut
from constructs_lib.local.endpoints.traffic import fleet_for_request
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import EndpointRecord, Payload, VariantRecord

# Without MaxConcurrentInvocationsPerInstance SageMaker chooses; this is what is chosen here.
_CHOSEN_CONCURRENCY = 4
# Threads of one endpoint, whatever the configuration allows, in one process on one machine.
_MOST_WORKERS = 32
# A request that takes the container down with it each time is given up after so many retries.
_MOST_CRASHES = 4
# Real seconds between two looks at a queue whose requests may expire or whose container is coming back.
_LOOK_EVERY = 0.05
# A container computes at its own speed, however fast the clock runs: it always gets so many real seconds, if asked for.
_LEAST_REAL_TIMEOUT = 5.0


_Work = Callable[[AsyncRequest], Outcome | None]


class AsyncQueues:
    """The queues by endpoint."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self._sagemaker = sagemaker
        self._lock = threading.Lock()
        self._queues: dict[str, _Queue] = {}

    def start(self, endpoint: EndpointRecord) -> None:
        """Begin to serve an endpoint; one that is served already keeps its queue, under its new configuration."""
        with self._lock:
            if endpoint.name not in self._queues:
                self._queues[endpoint.name] = _Queue(self._sagemaker, endpoint)
        self._sagemaker.autoscaling.loop.start()

    def submit(self, endpoint: EndpointRecord, request: Payload) -> Payload:
        """Take a request in: OutputLocation, FailureLocation and InferenceId; raises AwsError for a wrong one."""
        config = endpoint.asynchronous
        queue = self._queues.get(endpoint.name)
        if config is None or queue is None:
            raise AwsError("ValidationError", f"Endpoint {endpoint.name} is not configured for asynchronous inference.")
        accepted = AsyncRequest.accept_request(request, config, self._sagemaker.clock.now())
        queue.put(accepted)
        answer = {"InferenceId": accepted.inference_id, "OutputLocation": accepted.output_location}
        return answer | ({"FailureLocation": accepted.failure_location} if accepted.failure_location else {})

    def backlog(self, endpoint_name: str) -> tuple[int, float] | None:
        """Requests not yet answered, and the age of the oldest in seconds; None for an endpoint without a queue."""
        queue = self._queues.get(endpoint_name)
        return queue.backlog() if queue else None

    def stop(self, endpoint: EndpointRecord) -> None:
        """End an endpoint's queue with its threads; what still waits is dropped with it, as on AWS."""
        with self._lock:
            queue = self._queues.pop(endpoint.name, None)
        if queue:
            queue.stop()

    def close(self) -> None:
        """End every queue."""
        with self._lock:
            queues, self._queues = list(self._queues.values()), {}
        for queue in queues:
            queue.stop()


class _Queue:
    """First in, first out; a dispatcher starts one thread an invocation, never more than the instances take."""

    def __init__(self, sagemaker: LocalSageMaker, endpoint: EndpointRecord) -> None:
        self._sagemaker = sagemaker
        self._endpoint = endpoint
        self._results = Results(sagemaker, endpoint)
        self._measured = sagemaker.autoscaling.loop.signals.requests
        self._waiting: deque[AsyncRequest] = deque()
        self._running: dict[str, tuple[AsyncRequest, threading.Thread]] = {}
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._dispatcher = threading.Thread(target=self._dispatch, name=f"async-{endpoint.name}", daemon=True)
        self._dispatcher.start()

    def put(self, request: AsyncRequest) -> None:
        with self._changed:
            self._waiting.append(request)
            self._changed.notify()

    def backlog(self) -> tuple[int, float]:
        with self._changed:
            waiting = [*self._waiting, *(request for request, _ in self._running.values())]
        oldest = min((request.received for request in waiting), default=None)
        return len(waiting), 0.0 if oldest is None else self._sagemaker.clock.now() - oldest

    def stop(self) -> None:
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
            threads = [self._dispatcher, *(thread for _, thread in self._running.values())]
        deadline = time.monotonic() + _LEAST_REAL_TIMEOUT
        for thread in threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def _dispatch(self) -> None:
        while not self._stopping.is_set():
            with self._changed:
                expired = [each for each in self._waiting if each.expires <= self._sagemaker.clock.now()]
                for each in expired:
                    self._waiting.remove(each)
                    self._run(each, self._expire)
                while self._waiting and len(self._running) < self._slots():
                    self._run(self._waiting.popleft(), self._serve)
                # With work in the queue a time-out is due: instances come, and requests expire, without a word.
                self._changed.wait(_LOOK_EVERY if self._waiting else None)

    def _slots(self) -> int:
        client = (self._endpoint.asynchronous or {}).get("ClientConfig", {})
        each = int(client.get("MaxConcurrentInvocationsPerInstance", _CHOSEN_CONCURRENCY))
        instances = sum(variant.current_instance_count for variant in self._endpoint.variants.values())
        return min(each * instances, _MOST_WORKERS)

    def _run(self, request: AsyncRequest, work: _Work) -> None:
        def carry_out() -> None:
            outcome: Outcome | None = None
            begun = self._sagemaker.clock.now()
            try:
                outcome = work(request)
                if outcome is not None:
                    problems = self._results.deliver(request, outcome)
                    self._measured.answered(self._dimensions(), request, outcome, begun, problems)
            finally:
                with self._changed:
                    del self._running[request.key]
                    if outcome is None and not self._stopping.is_set():
                        # It was not answered: its turn comes again, before those that came after it.
                        self._waiting.appendleft(request)
                    self._changed.notify()

        thread = threading.Thread(target=carry_out, name=f"async-{self._endpoint.name}-{request.key}", daemon=True)
        self._running[request.key] = (request, thread)
        thread.start()

    def _expire(self, request: AsyncRequest) -> Outcome:
        reason = f"Request was in the queue for longer than its RequestTTLSeconds of {request.ttl:g}."
        return Outcome.failure(reason, asynchronous_metrics.EXPIRED_REQUESTS)

    def _serve(self, request: AsyncRequest) -> Outcome | None:
        """The outcome, or None when the request has to wait for an instance again."""
        body, problem = self._results.read_input(request)
        if body is None:
            return Outcome.failure(problem, asynchronous_metrics.REQUEST_DOWNLOAD_FAILURES)
        crashes = 0
        while not self._stopping.is_set():
            variant = self._variant()
            if variant is None:
                return None
            try:
                return self._invoke(variant, request, body)
            except (ContainerUnreachable, AwsError) as error:
                # The instance went away with the request in flight; it is asked again once it is back.
                was_cut_off = isinstance(error, ContainerUnreachable)
                crashes += was_cut_off and not isinstance(error.__cause__, ConnectionRefusedError)
                if crashes > _MOST_CRASHES:
                    return Outcome.answered(502, "text/plain", b"the container crashed each time it got this request")
                if request.expires <= self._sagemaker.clock.now():
                    return self._expire(request)
                time.sleep(_LOOK_EVERY)
        return None

    def _invoke(self, variant: VariantRecord, request: AsyncRequest, body: bytes) -> Outcome:
        container = self._sagemaker.container(variant.model_name)
        timeout = max(request.timeout / self._sagemaker.clock.speed, min(request.timeout, _LEAST_REAL_TIMEOUT))
        try:
            status, headers, answer = container.invoke(body, request.container_headers(), timeout)
        except InvocationTimedOut:
            return Outcome.failure(f"Model did not respond within the time-out of {request.timeout:g} seconds.")
        return Outcome.answered(status, headers.get("content-type"), answer)

    def _dimensions(self) -> dict[str, str]:
        with self._sagemaker.store.lock:
            variant = next(iter(self._endpoint.variants), "")
        return {"EndpointName": self._endpoint.name, "VariantName": variant}

    def _variant(self) -> VariantRecord | None:
        with self._sagemaker.store.lock:
            fleet = fleet_for_request(self._endpoint)
            served = [each for each in fleet.variants.values() if each.current_instance_count]
        return served[0] if served else None
