"""Compares and shows resolved values of two templates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import takewhile

from constructs_lib.templates.values import MISSING, UNKNOWN, Joined, Reference, Value, as_text

_LONGEST, _CONTEXT = 80, 20
_HIDDEN = "Environment"
Path = tuple[str | int, ...]


def same(old: Value, new: Value) -> bool:
    """Whether CloudFormation takes two values for the same: a number and its text are."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    if isinstance(old, (int, float, str)) and isinstance(new, (int, float, str)):
        return as_text(old) == as_text(new)
    return bool(old == new)


def is_partly_unknown(value: Value) -> bool:
    """Whether a part of a value is known only at deploy time, and is no reference."""
    if isinstance(value, dict):
        return any(map(is_partly_unknown, value.values()))
    if isinstance(value, list):
        return any(map(is_partly_unknown, value))
    return value is UNKNOWN or (isinstance(value, Joined) and UNKNOWN in value.parts)


def differences(old: Value, new: Value, path: Path = ()) -> Iterator[tuple[Path, Value, Value]]:
    """The smallest places in which two values differ, with both."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from differences(old.get(key, MISSING), new.get(key, MISSING), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before, after = (values[index] if index < len(values) else MISSING for values in (old, new))
            yield from differences(before, after, (*path, index))
    elif not same(old, new):
        yield path, old, new


def shown(value: Value, path: Path = ()) -> str:
    """A value in one short line; those of environment variables are nobody's business."""
    return _shortened(_text(value, path))


def shown_change(old: Value, new: Value, path: Path) -> tuple[str, str]:
    """Two values, each in one short line; long ones from shortly before the place where they part."""
    texts = _text(old, path), _text(new, path)
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False)))
    cut = common - _CONTEXT if max(map(len, texts)) > _LONGEST and common > _CONTEXT else 0
    before, after = (_shortened(f"...{text[cut:]}" if cut else text) for text in texts)
    return before, after


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _text(value: Value, path: Path) -> str:
    if value is MISSING:
        return "(none)"
    if _HIDDEN in path:
        return "(not shown)"
    if isinstance(value, (dict, list)):
        return json.dumps(_written(value))
    return str(_written(value))


def _written(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: "(not shown)" if key == _HIDDEN else _written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_written(item) for item in value]
    if isinstance(value, Reference):
        return f"${{{value.logical_id}{'.' * bool(value.attribute)}{value.attribute}}}"
    if isinstance(value, Joined):
        return "".join(str(_written(part)) for part in value.parts)
    return "(known at deploy time)" if value is UNKNOWN else value
