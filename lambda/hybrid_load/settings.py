"""What the function is told through its environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field a variable of the environment, whose name is the field's in capitals; all of them must be there.

    Answers are lines of ``answer_type``, ``text/csv`` or ``application/jsonlines``. In CSV the two members are numbers
    of columns, negative ones from the end: the answer is that column and all after it, but for the id's; in JSON lines
    they are names. ``id_length`` is in bytes; ``letter_bytes`` is for the messages of one request together. With less
    than ``seconds_to_spare`` left a call ends, and the next one goes on.
    """

    table_name: str
    dead_letter_url: str
    answer_type: str
    id_member: str
    answer_member: str
    row_expires_after_seconds: int
    id_length: int
    item_bytes: int
    rows_per_write: int
    writes_at_once: int
    letters_per_send: int
    letter_bytes: int
    seconds_to_spare: int
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


_READERS: Mapping[str, Callable[[str], object]] = {"str": str, "int": int}
