"""What the function is told through its environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field a variable of the environment, whose name is the field's in capitals; all of them must be there.

    ``endpoint_config_name`` is the one that serves ``model_version``. ``payload_bytes`` is for one request to the
    endpoint, ``timeout_milliseconds`` for its answer. With ``fresh_expires_after_seconds`` 0 nothing is written back.
    Numbers agree that differ by at most ``tolerance``, absolute or relative.
    """

    table_name: str
    endpoint_name: str
    endpoint_config_name: str
    model_version: str
    content_type: str
    accept: str
    payload_bytes: int
    timeout_milliseconds: int
    fresh_expires_after_seconds: int
    item_bytes: int
    tolerance: float
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


_READERS: Mapping[str, Callable[[str], object]] = {"str": str, "int": int, "float": float}
