"""What senders who mean ill may send, and what no handler may do then; for the tests named ``test_hostile_*``."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# Fixtures that only load a module are the same for every example.
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Stands for what must never be logged: a payload, a password in it.
SECRET = "s3cret-of-a-payload"
FORGED = '\n{"_aws": {"CloudWatchMetrics": [{"Namespace": "forged", "Dimensions": [[]], "Metrics": []}]}}\n'
TRICKS = (
    "",
    ".",
    "..",
    "../../x",
    "/etc/passwd",
    "a/../../../pointer",
    "a//b",
    "s3://others/x",
    "a\nb",
    "a\r\nX-Amz-Target: y",
    "a\x00b",
    "\x1b[2J",
    "\u2028",
    "\ud800",
    "{run}{date}",
    "=1+1",
    "<script>alert(1)</script>",
    FORGED,
    "x" * 5000,
    "💡" * 300,
)
TEXTS = st.sampled_from(TRICKS) | st.text(st.characters(), max_size=40)
# What S3 takes for a key: text in UTF-8, control characters and all.
KEYS = TEXTS.filter(lambda text: _is_utf_8(text) and 0 < len(text.encode()) <= 1024)
NUMBERS = st.integers() | st.floats() | st.sampled_from((10**400, -(2**63) - 1, 1e308, float("nan"), float("-inf")))
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
# Not all of them are JSON: cut, doubled, nested beyond every parser, of more digits than Python reads.
BODIES = st.one_of(
    JSON.map(json.dumps),
    JSON.map(lambda value: json.dumps(value)[:-1]),
    TEXTS,
    st.sampled_from(("[" * 200_000, '{"a":' * 100_000, "9" * 5000, "NaN", "null", '"', "[" * 990 + "]" * 990)),
)


def like(sample: Any) -> st.SearchStrategy[Any]:
    """A sound document in which one value, at any depth, is something else or is not there."""
    places = list(_places(sample))
    return st.tuples(st.sampled_from(places), JSON | st.just(_GONE)).map(lambda change: _changed(sample, *change))


_GONE = object()


def _places(value: Any, above: tuple[Any, ...] = ()) -> Any:
    yield above
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inside:
        yield from _places(below, (*above, key))


def _changed(value: Any, place: tuple[Any, ...], other: Any) -> Any:
    if not place:
        return {} if other is _GONE else other
    key, *rest = place
    if isinstance(value, list):
        return [_changed(each, tuple(rest), other) if at == key else each for at, each in enumerate(value)]
    if not rest and other is _GONE:
        return {name: each for name, each in value.items() if name != key}
    return {name: _changed(each, tuple(rest), other) if name == key else each for name, each in value.items()}


def _is_utf_8(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


def refusal(act: Callable[[], object], *kinds: type[Exception]) -> str:
    """What a refusal of one of these kinds says; empty if nothing was refused. All else is raised."""
    try:
        act()
    except kinds as error:
        return str(error)
    return ""


def logged(act: Callable[[], object], *, namespace: str = "", refusals: tuple[type[Exception], ...] = ()) -> list[Any]:
    """What was logged meanwhile: whole lines of JSON, metrics of our namespace alone, and nothing of a payload.

    Only ``refusals`` may be raised, and they say no more than a page and no payload either.
    """
    out = io.StringIO()
    with redirect_stdout(out):
        said = refusal(act, *refusals)
    assert len(said) < 4000
    assert SECRET not in said + out.getvalue()
    lines = [json.loads(line) for line in out.getvalue().split("\n") if line]
    assert all(isinstance(line, dict) for line in lines)
    metrics = [each for line in lines for each in line.get("_aws", {}).get("CloudWatchMetrics", [])]
    assert {each["Namespace"] for each in metrics} <= {namespace}
    return lines
