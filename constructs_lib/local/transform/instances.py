"""The instances that transform jobs run on: as many as are asked for, until somebody limits a type.

AWS limits them in two ways: it refuses a job beyond the account's quota, and a job fails that gets no capacity.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from constructs_lib.facts import transform_instances
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import Payload

# The operation by which the limits are set; no part of AWS's API.
LIMIT_INSTANCES = "LimitLocalInstances"


class NoCapacity(Exception):
    """There is no capacity for a job; the message is its FailureReason."""


class Instances:
    """What is limited and what is used, by instance type."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._available: dict[str, int] = {}
        self._quotas: dict[str, int] = {}
        self._asked: Counter[str] = Counter()
        self._running: Counter[str] = Counter()

    def limit(self, request: Payload) -> Payload:
        """Set what there is of a type from now on: Available and Quota, in instances; none: no limit."""
        for limits, name in ((self._available, "Available"), (self._quotas, "Quota")):
            limits.pop(request["InstanceType"], None)
            if request.get(name) is not None:
                limits[request["InstanceType"]] = int(request[name])
        return {}

    def ask(self, instance_type: str, count: int) -> None:
        """Count the instances of a new job; raises ResourceLimitExceeded beyond the quota."""
        with self._lock:
            quota, used = self._quotas.get(instance_type), self._asked[instance_type]
            if quota is not None and used + count > quota:
                raise AwsError(
                    "ResourceLimitExceeded",
                    f"The account-level service limit '{instance_type} for transform job usage' is {quota} Instances, "
                    f"with current utilization of {used} Instances and a request delta of {count} Instances. Please "
                    "use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not "
                    "available, contact AWS support to request an increase for this quota.",
                )
            self._asked[instance_type] += count

    def release(self, instance_type: str, count: int) -> None:
        """Count them no longer: the job has ended."""
        with self._lock:
            self._asked[instance_type] -= count

    @contextmanager
    def provision(self, instance_type: str, count: int) -> Iterator[None]:
        """Hold the instances for a while; raises NoCapacity where there are not as many."""
        with self._lock:
            available = self._available.get(instance_type)
            if available is not None and self._running[instance_type] + count > available:
                raise NoCapacity(transform_instances.CAPACITY.aws_says)
            self._running[instance_type] += count
        try:
            yield
        finally:
            with self._lock:
                self._running[instance_type] -= count
