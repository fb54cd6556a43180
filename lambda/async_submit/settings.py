"""What the function is told through its environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field a variable of the environment, whose name is the field's in capitals; all of them must be there.

    ``content_types`` is a JSON object from suffix to content type. A TTL or time-out of 0 leaves it to SageMaker; an
    empty ``status_table_name`` writes no status. The two lengths are the longest inference id and the longest output
    path that SageMaker takes from here.
    """

    endpoint_name: str
    input_prefix: str
    content_types: Mapping[str, str]
    default_content_type: str
    request_ttl_seconds: int
    invocation_timeout_seconds: int
    claim_bucket_name: str
    claim_prefix: str
    claim_seconds: int
    inference_id_length: int
    output_path_length: int
    status_table_name: str
    status_expires_in_days: int

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


def _read_mapping(text: str) -> Mapping[str, str]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(text)
    return {str(key): str(each) for key, each in value.items()}


_READERS: Mapping[str, Callable[[str], object]] = {"str": str, "int": int, "Mapping[str, str]": _read_mapping}
