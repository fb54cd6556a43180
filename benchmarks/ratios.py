"""Whether what was measured has got worse than what is committed. Ratios to a peer alone: never seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

FILE = Path(__file__).with_name("ratios.json")
# What a ratio may grow by before it counts as a regression.
TOLERANCE = 0.2
Ratios = Mapping[str, Mapping[str, float]]
"""By part and name."""


def read(path: Path = FILE) -> Ratios:
    """The committed ratios."""
    found: Ratios = json.loads(path.read_text(encoding="utf-8"))
    return found


def write(ratios: Ratios, path: Path = FILE) -> None:
    """Commit ratios: those of the parts that were not measured stay."""
    rounded = {part: {name: round(value, 4) for name, value in found.items()} for part, found in ratios.items()}
    kept = {**(read(path) if path.is_file() else {}), **rounded}
    path.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def regressions(measured: Ratios, committed: Ratios, tolerance: float = TOLERANCE) -> Iterator[str]:
    """A line for each ratio of a measured part that grew by more than ``tolerance``, is not committed, or is gone."""
    for part, found in measured.items():
        known = committed.get(part, {})
        for name, value in found.items():
            if name not in known:
                yield f"{part}: {name}: {value:.2f} is not in {FILE.name}; renew it"
            elif value > known[name] * (1 + tolerance):
                grown = f"{value / known[name] - 1:.0%} above {known[name]:.2f}"
                yield f"{part}: {name}: {value:.2f} is {grown}, must be at most {tolerance:.0%} above"
        for name in known.keys() - found.keys():
            yield f"{part}: {name} is in {FILE.name} and was not measured; renew it"
