"""Which of the stored answers may be served, and why another one may not. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hybrid_lookup import keys
from hybrid_lookup.request import Ask
from hybrid_lookup.settings import Settings

STORED = "stored"
FRESH = "fresh"
COMPUTED = "computed"
DEFAULT = "default"
# From the quickest to the slowest.
PATHS = (STORED, FRESH, COMPUTED, DEFAULT)
MISSING = "missing"
ASKED = "asked"
UNREAD = "unread"
STALE = ("stale", "model", "features", "overridden")

Item = Mapping[str, Mapping[str, Any]]
"""An item in the form of DynamoDB's API: each value beside the letter of its type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered for a record: by which path, why not from the table, and why the default if it is one."""

    id: str
    answer: str | None
    path: str
    reason: str | None = None
    model_version: str | None = None
    feature_version: str | None = None
    computed_at: float | None = None
    why: str | None = None

    def as_json(self) -> dict[str, Any]:
        """What the caller gets."""
        names = ("id", "answer", "path", "reason", "model_version", "feature_version", "computed_at")
        found = {name: getattr(self, name) for name in names}
        return found if self.why is None else {**found, "why": self.why}


def keys_of(ask: Ask, batch: str | None, settings: Settings) -> list[str]:
    """What of the table decides on an answer; nothing where a fresh one is asked for."""
    if ask.fresh:
        return []
    rows = [] if batch is None else [keys.row(batch, ask.id)]
    return [*rows, keys.fresh(settings.model_version, ask.id), keys.override(ask.id)]


def stored(
    ask: Ask, batch: str | None, found: Mapping[str, Item | None], now: float, settings: Settings
) -> Answer | str:
    """The newest answer that may be served, or the reason why none may.

    ``found`` has what was read by key, ``None`` for what is not there; what could not be read is not in it.
    """
    wanted = keys_of(ask, batch, settings)
    if ask.fresh:
        return ASKED
    if not all(key in found for key in wanted):
        return UNREAD
    *places, override = (_alive(found[key], now) for key in wanted)
    since = float(override["since"]["N"]) if override else None
    paths = (STORED, FRESH) if batch is not None else (FRESH,)
    judged = [_judged(ask, path, item, since, now, settings) for path, item in zip(paths, places, strict=True) if item]
    answers = [each for each in judged if isinstance(each, Answer)]
    if answers:
        return max(answers, key=lambda answer: answer.computed_at or 0)
    return next((each for each in judged if isinstance(each, str)), MISSING)


def _alive(item: Item | None, now: float) -> Item | None:
    """An item unless its time is over: DynamoDB deletes it days later."""
    return item if item is not None and float(item["expires_at"]["N"]) > now else None


def _judged(ask: Ask, path: str, item: Item, since: float | None, now: float, settings: Settings) -> Answer | str:
    computed_at = float(item["computed_at"]["N"])
    features = item.get("feature_version", {}).get("S")
    if item["model_version"]["S"] != settings.model_version:
        return "model"
    if computed_at < now - settings.max_age_seconds:
        return "stale"
    if since is not None and computed_at < since:
        return "overridden"
    if ask.feature_version not in (None, features):
        return "features"
    return Answer(
        id=ask.id,
        answer=item["answer"]["S"],
        path=path,
        model_version=settings.model_version,
        feature_version=features,
        computed_at=computed_at,
    )


def computed(ask: Ask, reason: str, told: Mapping[str, Any] | None, settings: Settings) -> Answer:
    """The answer of the endpoint, or the default where it gave none for this record."""
    if told is None or "answer" not in told:
        why = (told or {}).get("why", "failed")
        return Answer(id=ask.id, answer=settings.default_answer, path=DEFAULT, reason=reason, why=why)
    return Answer(
        id=ask.id,
        answer=told["answer"],
        path=COMPUTED,
        reason=reason,
        model_version=settings.model_version,
        feature_version=ask.feature_version,
        computed_at=told["computed_at"],
    )


def slowest(answers: Iterable[Answer]) -> str:
    """The path that a request took its time for."""
    return max((answer.path for answer in answers), key=PATHS.index)
