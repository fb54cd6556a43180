"""What the functions are told through their environment: the watch over an endpoint, and the gate before a batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from drift.judgement import Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """One field a variable of the environment, whose name is the field's in capitals; all of them must be there.

    ``thresholds`` is a JSON object with a member for each field of ``Thresholds``. At most ``max_megabytes`` are read,
    and at most ``max_records`` records, of requests and of answers.
    """

    baseline_bucket_name: str
    baseline_key: str
    report_bucket_name: str
    thresholds: Thresholds
    max_megabytes: int
    max_records: int
    metric_namespace: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read them; raises ``ValueError`` that names every variable that is missing or of the wrong kind."""
        values: dict[str, object] = {}
        problems = []
        for field in fields(cls):
            name = field.name.upper()
            try:
                values[field.name] = _READERS[str(field.type)](environment[name])
            except (KeyError, ValueError, TypeError):
                problems.append(f"{name} must be {field.type}, got {environment.get(name)!r}")
        if problems:
            raise ValueError("; ".join(problems))
        return cls(**values)  # type: ignore[arg-type]  # each was read as the type that its field names


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Common):
    """The watch: ``capture_prefix`` ends with endpoint and variant, as data capture writes them.

    ``processing`` is a JSON object with what ``CreateProcessingJob`` is to be told, or ``{}`` where all is done here.
    """

    endpoint_name: str
    variant_name: str
    capture_bucket_name: str
    capture_prefix: str
    report_prefix: str
    window_in_hours: int
    processing: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings(Common):
    """The gate: ``columns`` are the positions of those that the model gets, an empty list for all of them.

    The bucket of the reports is the output bucket of the batch, where its plan is, too.
    """

    gate_name: str
    content_type: str
    is_packed: bool
    columns: list[int]
    refuses_unjudged: bool


def _read_bool(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _read_columns(text: str) -> list[int]:
    return [int(position) for position in json.loads(text)]


_READERS: Mapping[str, Callable[[str], object]] = {
    "str": str,
    "int": int,
    "bool": _read_bool,
    "list[int]": _read_columns,
    "Mapping[str, Any]": lambda text: dict(json.loads(text)),
    "Thresholds": lambda text: Thresholds(**json.loads(text)),
}
