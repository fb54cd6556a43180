"""What the function is told through its environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field a variable of the environment, whose name is the field's in capitals; all of them must be there.

    One of ``result_stream_name`` and ``delivery_stream_name`` is empty: results go to a Kinesis stream, or to Firehose.
    A ``content_type`` that has ``json`` in its name is of JSON lines, any other one of plain lines, as CSV has them; an
    empty ``accept`` leaves the form of the answers to the model. ``max_bytes_per_result`` counts the partition key too.
    The function stops ``reserve_seconds`` before Lambda would stop it, and begins no request that could take longer.
    What it remembers of a record expires ``state_expires_in_seconds`` after its results were put.
    """

    endpoint_name: str
    content_type: str
    accept: str
    max_records_per_request: int
    max_bytes_per_request: int
    request_timeout_seconds: int
    result_stream_name: str
    delivery_stream_name: str
    max_records_per_put: int
    max_bytes_per_put: int
    max_bytes_per_result: int
    state_table_name: str
    state_expires_in_seconds: int
    failure_bucket_name: str
    failure_prefix: str
    reserve_seconds: int
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
        if bool(values.get("result_stream_name")) == bool(values.get("delivery_stream_name")):
            problems.append("one of RESULT_STREAM_NAME and DELIVERY_STREAM_NAME must be given")
        if problems:
            raise ValueError("; ".join(problems))
        return cls(**values)  # type: ignore[arg-type]  # each was read as the type that its field names


_READERS: Mapping[str, Callable[[str], object]] = {"str": str, "int": int}
