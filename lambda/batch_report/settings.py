"""What the function is told through its environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field a variable of the environment, whose name is the field's in capitals; all of them must be there.

    ``prices_per_hour`` is a JSON object from instance type to the price of an hour; an empty one knows no cost.
    """

    output_bucket_name: str
    prices_per_hour: Mapping[str, float]

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


def _read_prices(text: str) -> Mapping[str, float]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(text)
    return {str(name): float(price) for name, price in value.items()}


_READERS: Mapping[str, Callable[[str], object]] = {"str": str, "Mapping[str, float]": _read_prices}
