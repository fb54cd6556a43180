"""What is wrong with a batch pipeline across its options, said before anything is synthesized."""

from __future__ import annotations

import re
from collections.abc import Sequence

from constructs_lib.checks import Checks
from constructs_lib.facts import schedules, transform, variants
from constructs_lib.options import TransformOptions
from constructs_lib.options.time_zones import is_unknown
from constructs_lib.tokens import is_token

# Formats whose bytes have no lines, and formats that are nothing but lines.
_BINARY = re.compile(r"(image|audio|video)/.+|application/(x-image|x-npy|x-npz|x-recordio.*|(x-|vnd\.apache\.)parquet)")
_TEXT = re.compile(r"text/.+|application/(json|jsonlines|x-jsonlines|x-ndjson)")


def check_instances(
    checks: Checks, instance_types: Sequence[str], instance_count: int, options: TransformOptions
) -> None:
    """Note every problem of the instances of the jobs, the first type being the pipeline's own."""
    fallbacks = len(instance_types) - 1
    names = ("instance_type", *(f"recovery.fallback_instance_types[{index}]" for index in range(fallbacks)))
    for name, instance_type in zip(names, instance_types, strict=True):
        checks.limit(name, instance_type, variants.INSTANCE_TYPE, "choose one such as ml.m5.large")
        options.check_instance_type(checks, instance_type)
    checks.limit("instance_count", instance_count, transform.INSTANCE_COUNT)


def check_split(checks: Checks, options: TransformOptions) -> None:
    """Note a problem if inputs of that content type cannot be split in that way; unknown types pass."""
    split, content_type = options.split_type, options.content_type
    if is_token(split) or is_token(content_type):
        return
    bare = content_type.partition(";")[0].strip().lower()
    is_cut = split == "Line" and _BINARY.fullmatch(bare)
    problem = f"options.split_type Line cuts {content_type} anywhere; give None, or the record format of the objects"
    checks.require(not is_cut, problem, transform.SPLIT_TYPE)
    is_unframed = split in ("RecordIO", "TFRecord") and _TEXT.fullmatch(bare)
    problem = f"options.split_type {split} finds no records in {content_type}; give Line or None"
    checks.require(not is_unframed, problem, transform.SPLIT_TYPE)


def check_start(checks: Checks, expression: str | None, time_zone: str, ready_suffix: str | None) -> None:
    """Note every problem of what starts a batch by itself."""
    checks.limit("schedule", expression, schedules.EXPRESSION, "for instance cron(0 1 * * ? *)")
    unknown = not is_token(time_zone) and is_unknown(time_zone)
    problem = f"the time zone of schedule must be one such as Europe/Berlin, got {time_zone}; write it as IANA does"
    checks.require(not unknown, problem, schedules.TIME_ZONE)
    empty = "ready_suffix must not be empty, got ''; every object would start a batch"
    checks.require(ready_suffix != "", empty, schedules.EXPRESSION)


def check_prefix(checks: Checks, input_prefix: str) -> None:
    """Note a problem unless ``input_prefix`` can be the beginning of a key."""
    problem = f"input_prefix must be a part of the input bucket, got {input_prefix!r}; give one such as input/"
    checks.require(not input_prefix.startswith(("/", "s3://")), problem, transform.S3_URI)
