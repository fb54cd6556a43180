"""A workload from a YAML or JSON file, with times and sizes as people write them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from constructs_lib.advisor.quantities import count, seconds, share, size, whole
from constructs_lib.advisor.workload import Workload
from constructs_lib.errors import InvalidConfiguration
from constructs_lib.templates.files import check_extent
from constructs_lib.templates.yaml import load

FIELDS = tuple(field.name for field in fields(Workload))
TIMES = ("latency", "processing_time", "freshness")
SIZES = ("payload", "response", "memory", "image")
COUNTS = ("requests_per_day", "peak_rps")
WHOLE_COUNTS = ("records_per_run", "models")
READERS: Mapping[str, Callable[[str], float]] = {
    **dict.fromkeys(TIMES, seconds),
    **dict.fromkeys(SIZES, size),
    **dict.fromkeys(COUNTS, count),
    **dict.fromkeys(WHOLE_COUNTS, whole),
    "precomputable": share,
}


def read_workload(path: Path) -> Workload:
    """The workload that a file describes, by the names of the fields: ``payload: 8MB``.

    :raises InvalidConfiguration: with everything that is wrong in it.
    :raises OSError: for a file that cannot be read.
    """
    try:
        document = load(path.read_text("utf-8"))
        check_extent(document)
    except (ValueError, RecursionError) as error:
        raise InvalidConfiguration(str(path), [f"must be YAML or JSON, got {error}"]) from error
    if not isinstance(document, dict):
        raise InvalidConfiguration(str(path), ["must be a mapping such as payload: 8MB"])
    return workload_of(document, str(path))


def workload_of(given: Mapping[str, Any], subject: str = "Workload") -> Workload:
    """The workload of a mapping; texts such as ``100ms`` become numbers, and hyphens are as good as underscores.

    :raises InvalidConfiguration: with every unknown name, every text that is no quantity, and every wrong value.
    """
    problems: list[str] = []
    arguments: dict[str, Any] = {}
    for key, value in given.items():
        name = str(key).replace("-", "_")
        if name not in FIELDS:
            problems.append(_unknown(str(key)))
            continue
        try:
            arguments[name] = READERS[name](value) if name in READERS and isinstance(value, str) else value
        except ValueError as error:
            problems.append(f"{key}: {error}")
    try:
        workload = Workload(**arguments)
    except InvalidConfiguration as error:
        raise InvalidConfiguration(subject, [*problems, *error.problems]) from error
    if problems:
        raise InvalidConfiguration(subject, problems)
    return workload


def _unknown(key: str) -> str:
    near = difflib.get_close_matches(key.replace("-", "_"), FIELDS, n=1)
    return f"there is no field {key!r}{f'; did you mean {near[0]}?' if near else ''}"
