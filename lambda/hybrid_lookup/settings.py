"""What the function is told through its environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field a variable of the environment, whose name is the field's in capitals; all of them must be there.

    ``model_version`` is the one that the endpoint serves. ``timeout_milliseconds`` is for a request as a whole.
    ``default_answer`` is JSON, a text or null. ``id_length`` is in bytes, ``payload_bytes`` is for the payloads of a
    request together, and for the answers. ``comparison_share``, from 0 to 1, is of the stored answers that come with a
    payload.
    """

    table_name: str
    model_version: str
    max_age_seconds: int
    compute_function_name: str
    timeout_milliseconds: int
    default_answer: str | None
    max_requests: int
    keys_per_read: int
    id_length: int
    payload_bytes: int
    comparison_share: float
    metric_namespace: str

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


def _read_json_text(text: str) -> str | None:
    value = json.loads(text)
    if value is not None and not isinstance(value, str):
        raise ValueError(text)
    return value


_READERS: Mapping[str, Callable[[str], object]] = {
    "str": str,
    "int": int,
    "float": float,
    "str | None": _read_json_text,
}
