"""What the function is told through its environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field a variable of the environment, whose name is the field's in capitals; all of them must be there.

    An empty ``suffixes`` takes every object, a ``modified_within_hours`` of 0 one of any age, an empty
    ``ready_suffix`` knows no markers. ``shard_by`` is ``count``, ``objects`` or ``megabytes``, and ``shard_size``
    how many. ``fingerprint`` changes with all but the input that decides what the answers are, and begins with the
    name of the model and a slash.
    """

    input_bucket_name: str
    input_prefix: str
    output_bucket_name: str
    work_prefix: str
    results_prefix: str
    success_name: str
    job_name_prefix: str
    suffixes: Sequence[str]
    modified_within_hours: int
    ready_suffix: str
    split_type: str
    compression_type: str
    max_payload_in_mb: int
    shard_by: str
    shard_size: int
    max_shards: int
    is_idempotent: bool
    fingerprint: str
    time_zone: str

    @property
    def model_name(self) -> str:
        """The model that answers."""
        return self.fingerprint.partition("/")[0]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read them; raises ``ValueError`` that names every variable that is missing or of the wrong kind."""
        values: dict[str, object] = {}
        problems = []
        for field in fields(cls):
            name = field.name.upper()
            try:
                values[field.name] = _READERS[str(field.type)](environment[name])
            except (KeyError, ValueError):
                problems.append(f"{name} must be {field.type}, got {environment.get(name)!r}")
        if problems:
            raise ValueError("; ".join(problems))
        return cls(**values)  # type: ignore[arg-type]  # each was read as the type that its field names


def _read_bool(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _read_texts(text: str) -> Sequence[str]:
    value = json.loads(text)
    if not isinstance(value, list):
        raise ValueError(text)
    return tuple(str(each) for each in value)


_READERS: Mapping[str, Callable[[str], object]] = {
    "str": str,
    "int": int,
    "bool": _read_bool,
    "Sequence[str]": _read_texts,
}
