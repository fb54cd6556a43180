"""Transform jobs: how input is cut into requests and how answers are put together."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.facts import transform


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
