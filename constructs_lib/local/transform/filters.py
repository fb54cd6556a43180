"""Filters of batch transform: the part of JSONPath that SageMaker knows, over what a record holds. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from constructs_lib.facts.transform_processing import FILTER_OPERATORS, STEP
from constructs_lib.local.transform.records import BadRecords

_STEP = re.compile(STEP)
_NAME = re.compile(r"'([^']+)'")


@dataclass(frozen=True, slots=True)
class Names:
    """Members of an object: the value of one, or an object of several."""

    names: tuple[str, ...]

    def of(self, value: Any) -> list[Any]:
        """What the step selects."""
        missing = [name for name in self.names if not isinstance(value, dict) or name not in value]
        if missing:
            raise BadRecords(f"the record has no attribute {', '.join(missing)}")
        return [value[self.names[0]] if len(self.names) == 1 else {name: value[name] for name in self.names}]


@dataclass(frozen=True, slots=True)
class Places:
    """Elements of an array, by indices and slices such as `0`, `-1` and `1:4`."""

    places: tuple[str, ...]

    def of(self, value: Any) -> list[Any]:
        """What the step selects."""
        if not isinstance(value, list):
            raise BadRecords(f"only an array has a place [{','.join(self.places)}]")
        return [value[index] for place in self.places for index in _indices(place, len(value))]


@dataclass(frozen=True, slots=True)
class Every:
    """All members or elements."""

    def of(self, value: Any) -> list[Any]:
        """What the step selects."""
        if not isinstance(value, (dict, list)):
            raise BadRecords("only an object or an array has parts")
        return list(value.values() if isinstance(value, dict) else value)


Step = Names | Places | Every


def parse(path: str) -> list[Step]:
    """The steps of a path; raises BadRecords for one that SageMaker does not know."""
    if not FILTER_OPERATORS.allows(path):
        raise BadRecords(f"'{path}' must {FILTER_OPERATORS.fix}")
    return [_step(found) for found in _STEP.finditer(path, 1)]


def _step(found: re.Match[str]) -> Step:
    names, places, every, name = found.groups()
    if names or name:
        return Names(tuple(_NAME.findall(names)) if names else (name,))
    return Every() if every else Places(tuple(place.strip() for place in places.split(",")))


def select(steps: list[Step], value: Any) -> Any:
    """What the steps select of a value: itself, or a list where they may select several."""
    selected, is_list = [value], False
    for step in steps:
        selected = [part for each in selected for part in step.of(each)]
        is_list = is_list or isinstance(step, Every) or (isinstance(step, Places) and not _is_one(step))
    return selected if is_list else selected[0]


def _is_one(step: Places) -> bool:
    return len(step.places) == 1 and ":" not in step.places[0]


def _indices(place: str, length: int) -> Iterator[int]:
    """The guide counts the end of a slice in: `$[1:4]` is the second to the fifth column."""
    first, colon, last = place.partition(":")
    if colon:
        start, end = (
            _from_start(text, length) if text else default for text, default in ((first, 0), (last, length - 1))
        )
        yield from range(max(start, 0), min(end, length - 1) + 1)
        return
    index = _from_start(first, length)
    if not 0 <= index < length:
        raise BadRecords(f"there is no place {first} among {length}")
    yield index


def _from_start(text: str, length: int) -> int:
    return int(text) + (length if int(text) < 0 else 0)
