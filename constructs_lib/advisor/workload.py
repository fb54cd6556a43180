"""What is to be served: the question that the advisor answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from constructs_lib.errors import InvalidConfiguration
from constructs_lib.facts import instances, variants


class Traffic(StrEnum):
    """How requests come.

    ``STEADY``: all the time. ``SPIKY``: in bursts, quiet between. ``INTERMITTENT``: now and then. ``SCHEDULED``: at
    times that are known. ``STREAM``: events that arrive without end.
    """

    STEADY = "steady"
    SPIKY = "spiky"
    INTERMITTENT = "intermittent"
    SCHEDULED = "scheduled"
    STREAM = "stream"


class Compare(StrEnum):
    """How a candidate is judged: ``LIVE``: it answers a part of the users. ``MIRROR``: nobody sees its answers."""

    LIVE = "live"
    MIRROR = "mirror"


_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d")
_DUE = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_POSITIVE = ("latency", "processing_time", "requests_per_day", "peak_rps", "freshness", "memory")
_WHOLE = ("models", "records_per_run")
_NOT_NEGATIVE = ("payload", "response", "image")


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload:
    """What is known of a workload. What is not given is not known; a field of application alone decides nothing.

    :param latency: seconds in which an answer has to be there, as a caller or a reader sees it.
    :param payload: bytes of the largest request.
    :param response: bytes of the largest answer.
    :param processing_time: seconds that the model works on one request; more than a request may take
        (an hour) is what a whole run takes, where there are runs.
    :param traffic: how requests come.
    :param requests_per_day: how many in a day, on average.
    :param peak_rps: most requests in a second.
    :param records_per_run: how many records are there together, to be worked through as a whole.
    :param models: how many models there are to be asked.
    :param same_framework: whether one container can hold all of them.
    :param independent_scaling: whether each model is to have a capacity of its own.
    :param gpu: whether the model needs a GPU.
    :param memory: bytes that the model needs.
    :param image: bytes of the container image.
    :param scale_to_zero: whether nothing may run, or be paid for, while nobody asks.
    :param cold_start_ok: whether the first answer after a pause may take seconds longer.
    :param vpc: whether the model has to be in a VPC.
    :param caller_waits: whether somebody holds the line until the answer is there.
    :param precomputable: the share of the requests, 0 to 1, whose answers can be computed before they are asked for.
    :param freshness: seconds that an answer may be old when it is read.
    :param notify: whether a notification tells when an answer is there.
    :param chained_steps: whether each request goes through several containers in a row.
    :param compare: how a candidate is judged beside the model in production.
    :param due: the time of day by which a scheduled run has to be done, such as ``08:00``.
    :param region: where it is to run.
    :param instance_type: such as ``ml.m5.large``; the cheapest that fits, among those with a known price, by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    latency: float | None = None
    payload: int | None = None
    response: int | None = None
    processing_time: float | None = None
    traffic: Traffic | None = None
    requests_per_day: float | None = None
    peak_rps: float | None = None
    records_per_run: int | None = None
    models: int = 1
    same_framework: bool | None = None
    independent_scaling: bool = False
    gpu: bool = False
    memory: int | None = None
    image: int | None = None
    scale_to_zero: bool = False
    cold_start_ok: bool | None = None
    vpc: bool = False
    caller_waits: bool | None = None
    precomputable: float | None = None
    freshness: float | None = None
    notify: bool = False
    chained_steps: bool = False
    compare: Compare | None = None
    due: str | None = None
    region: str | None = None
    instance_type: str | None = None

    def __post_init__(self) -> None:
        # A file says "spiky", a caller may too.
        for name, kind in (("traffic", Traffic), ("compare", Compare)):
            value = getattr(self, name)
            if isinstance(value, str) and value in list(kind):
                object.__setattr__(self, name, kind(value))
        problems = [*self._wrong_numbers(), *self._wrong_words()]
        if problems:
            raise InvalidConfiguration("Workload", problems)

    def _wrong_numbers(self) -> Iterator[str]:
        for name in (*_POSITIVE, *_NOT_NEGATIVE, *_WHOLE, "precomputable"):
            value = getattr(self, name)
            if value is None:
                continue
            if (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or value != value
                or value == float("inf")
            ):
                yield f"{name} must be a number, got {value!r}"
            elif name in _POSITIVE and value <= 0:
                yield f"{name} must be above 0, got {value}; leave it out if it is not known"
            elif name in _NOT_NEGATIVE and value < 0:
                yield f"{name} must be at least 0, got {value}; leave it out if it is not known"
            elif name == "precomputable" and not 0 <= value <= 1:
                yield f"precomputable must be a share from 0 to 1, got {value}; 0.95 is 95 %"
            elif name in _WHOLE and (value < 1 or value != int(value)):
                yield f"{name} must be a whole number of at least 1, got {value}"

    def _wrong_words(self) -> Iterator[str]:
        for name, kind in (("traffic", Traffic), ("compare", Compare)):
            value = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                yield f"{name} must be one of {', '.join(kind)}, got {value!r}"
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type in ("bool", "bool | None") and not (isinstance(value, bool) or value is None):
                yield f"{field.name} must be true or false, got {value!r}"
        if self.due is not None and not _DUE.fullmatch(str(self.due)):
            yield f"due must be a time of day such as 08:00, got {self.due!r}"
        if self.instance_type is not None:
            yield from self._wrong_instance_type(self.instance_type)
        if self.region is not None and not _REGION.fullmatch(str(self.region)):
            yield f"region must be written like us-east-1, got {self.region!r}"

    def _wrong_instance_type(self, given: str) -> Iterator[str]:
        if given in instances.types() or instances.may_be_newer(given):
            return
        near = instances.nearest(given, region=self.region or "")
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        yield f"instance_type must be one that SageMaker has, got {given!r}{hint} ({variants.INSTANCE_TYPE.source})"

    @property
    def largest_body(self) -> int:
        """The larger of request and answer in bytes; 0 where neither is known."""
        return max(self.payload or 0, self.response or 0)

    @property
    def needs_gpu(self) -> bool:
        """Whether it was said so, or an instance type with GPUs was chosen."""
        return self.gpu or (self.instance_type is not None and instances.is_gpu(self.instance_type))

    @property
    def is_data_set(self) -> bool:
        """Whether many records are there together."""
        return self.records_per_run is not None and self.records_per_run > 1
