"""Options that two or more constructs share, or that a construct has or has not. Frozen, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.facts import scaling, transform
from constructs_lib.facts.limit import Limit

_COOLDOWN = scaling.COOLDOWN.default or 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scaling:
    """What both kinds of target tracking have in common."""

    max_capacity: int
    min_capacity: int
    scale_in_cooldown_in_seconds: int = _COOLDOWN
    scale_out_cooldown_in_seconds: int = _COOLDOWN

    def _check(self, minimum: Limit, remedy: str, target: str) -> None:
        checks = Checks(type(self).__name__)
        checks.limit("min_capacity", self.min_capacity, minimum, remedy)
        checks.limit("max_capacity", self.max_capacity, scaling.MAX_CAPACITY)
        checks.at_most(
            ("min_capacity", self.min_capacity),
            ("max_capacity", self.max_capacity),
            scaling.MAX_CAPACITY,
            "lower it or raise max_capacity",
        )
        checks.limit(target, getattr(self, target), scaling.TARGET_VALUE)
        for cooldown in ("scale_in_cooldown_in_seconds", "scale_out_cooldown_in_seconds"):
            checks.limit(cooldown, getattr(self, cooldown), scaling.COOLDOWN)
        checks.done()


@dataclass(frozen=True, kw_only=True, slots=True)
class Autoscaling(_Scaling):
    """Target tracking of a real-time variant on ``InvocationsPerInstance``.

    :param invocations_per_instance: invocations a minute that one instance is to take on average.
    :param max_capacity: instances at most.
    :param min_capacity: instances at least; 1 or more, as a real-time variant cannot be woken from zero.
    :param scale_in_cooldown_in_seconds: time after a scale-in before the next; AWS's default is 300.
    :param scale_out_cooldown_in_seconds: time after a scale-out before the next; AWS's default is 300.
    :raises InvalidConfiguration: with every wrong value.
    """

    invocations_per_instance: float
    min_capacity: int = 1

    def __post_init__(self) -> None:
        self._check(scaling.MIN_CAPACITY_REALTIME, "use AsyncEndpoint to scale to zero", "invocations_per_instance")


@dataclass(frozen=True, kw_only=True, slots=True)
class BacklogScaling(_Scaling):
    """Scaling of an asynchronous variant by its queue, down to zero and back.

    Target tracking follows ``ApproximateBacklogSizePerInstance``. It is blind at zero instances, so with
    ``min_capacity=0`` a step policy on ``HasBacklogWithoutCapacity`` wakes the first instance.

    :param backlog_per_instance: waiting and running requests that one instance is to have on average.
    :param max_capacity: instances at most.
    :param min_capacity: instances at least; 0 by default: nothing runs, and nothing is paid for, while nobody asks.
    :param scale_in_cooldown_in_seconds: time after a scale-in before the next; AWS's default is 300.
    :param scale_out_cooldown_in_seconds: time after a scale-out before the next; AWS's default is 300.
    :raises InvalidConfiguration: with every wrong value.
    """

    backlog_per_instance: float
    min_capacity: int = 0

    def __post_init__(self) -> None:
        self._check(scaling.MIN_CAPACITY_ASYNC, "", "backlog_per_instance")


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiration:
    """After how many days S3 deletes the objects of a construct's own buckets; ``None`` keeps them for ever."""

    inputs_in_days: int | None = 7
    outputs_in_days: int | None = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class TransformOptions:
    """How a transform job cuts its input into requests and puts the answers together.

    :param content_type: media type of the input.
    :param accept: media type of the output; ``None``: the container's own choice.
    :param split_type: ``Line``, ``RecordIO``, ``TFRecord``, or ``None`` (the word) for one request an object.
    :param batch_strategy: ``MultiRecord`` fills requests up to ``max_payload_in_mb``, ``SingleRecord`` does not.
    :param assemble_with: ``Line`` puts a line break between answers, ``None`` (the word) does not.
    :param max_payload_in_mb: largest request in MB, 0 to 100; 0 sends an object as one chunked request.
    :param max_concurrent_transforms: requests at once and instance; 0 asks the container, ``None`` leaves it to
        SageMaker.
    :raises InvalidConfiguration: with every wrong value; payload times concurrency stays within 100 MB.
    """

    content_type: str = "text/csv"
    accept: str | None = None
    split_type: str = "Line"
    batch_strategy: str = "MultiRecord"
    assemble_with: str = "Line"
    max_payload_in_mb: int = transform.MAX_PAYLOAD_IN_MB.default or 0
    max_concurrent_transforms: int | None = None

    def __post_init__(self) -> None:
        checks = Checks("TransformOptions")
        checks.limit("split_type", self.split_type, transform.SPLIT_TYPE)
        checks.limit("batch_strategy", self.batch_strategy, transform.BATCH_STRATEGY)
        checks.limit("assemble_with", self.assemble_with, transform.ASSEMBLE_WITH)
        checks.limit("max_payload_in_mb", self.max_payload_in_mb, transform.MAX_PAYLOAD_IN_MB)
        checks.limit("max_concurrent_transforms", self.max_concurrent_transforms, transform.MAX_CONCURRENT_TRANSFORMS)
        if self.max_concurrent_transforms is not None:
            checks.product(
                ("max_payload_in_mb", self.max_payload_in_mb),
                ("max_concurrent_transforms", self.max_concurrent_transforms),
                transform.PAYLOAD_TIMES_CONCURRENCY,
                "lower one of the two",
            )
        checks.done()
