"""The boto3 clients of one session, with real time-outs; boto3 itself is loaded with the first of them."""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from typing import Any

from botocore.config import Config

from constructs_lib.client.deadline import Deadline
from constructs_lib.client.errors import NoRegion

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 30.0
"""Seconds without a byte from a service that answers at once; more than the longest poll of a queue."""
POOL = 32
_TRIES = 5
_KEPT = 32


class Connections:
    """Makes each client once; botocore's clients may be shared by threads, but not made by several at once."""

    def __init__(self, session: Any = None) -> None:
        self._session = session
        self._lock = threading.RLock()
        self._services: dict[str, Any] = {}
        self._runtimes = lru_cache(maxsize=_KEPT)(self._make_runtime)

    def service(self, name: str) -> Any:
        """A client that repeats throttled calls by itself."""
        with self._lock:
            if name not in self._services:
                retries = {"total_max_attempts": _TRIES, "mode": "standard"}
                self._services[name] = self._make(name, READ_TIMEOUT, retries)
            return self._services[name]

    def runtime(self, read_timeout: float) -> Any:
        """A client of SageMaker's runtime that waits ``read_timeout`` seconds for an answer and tries once."""
        with self._lock:
            return self._runtimes(read_timeout)

    def _make_runtime(self, read_timeout: float) -> Any:
        return self._make("sagemaker-runtime", read_timeout, {"total_max_attempts": 1})

    def _make(self, service: str, read_timeout: float, retries: dict[str, Any]) -> Any:
        if self._session is None:
            self._session = _session()
        config = Config(
            connect_timeout=min(CONNECT_TIMEOUT, read_timeout),
            read_timeout=read_timeout,
            retries=retries,
            max_pool_connections=POOL,
        )
        return self._session.client(service, config=config)


def _session() -> Any:
    """boto3's own session; in a Region that the environment names as other SDKs read it, where boto3 finds none."""
    import boto3

    session = boto3.session.Session()
    if session.region_name is None:
        region = os.environ.get("AWS_REGION")
        if not region:
            raise NoRegion("no Region is configured; set AWS_REGION, or hand in session=boto3.Session(region_name=...)")
        session = boto3.session.Session(region_name=region)
    return session


def read_timeout(longest: float, deadline: Deadline) -> float:
    """How long one attempt may wait for its answer: ``longest`` seconds, less when the call has to be over sooner.

    botocore sets time-outs for a client, not for a call. So that few clients are made, an attempt gets its time in
    whole eighths, rounded.
    """
    if deadline.left >= longest:
        return longest
    eighth = deadline.seconds / 8
    eighths = round(deadline.left / eighth)
    if not eighths:
        raise deadline.over()
    return min(longest, eighths * eighth)
