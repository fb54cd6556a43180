"""The quotas of accounts as the preflight learned them, kept in ``cdk.context.json`` beside CDK's own look-ups.

The file belongs in the repository: with it a synthesis in CI, which has no credentials, knows what the account may run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from constructs_lib.templates.files import parse

CONTEXT_FILE = "cdk.context.json"
STALE_AFTER = timedelta(days=30)
"""An older quota is still the best that is known, but what it refuses is no more than a warning."""
_KEY = "sagemaker-quotas:account={}:region={}"
_BEFORE, _BETWEEN, _ = _KEY.split("{}")


@dataclass(frozen=True, slots=True)
class Learned:
    """The value of a quota, and the day it was asked for."""

    value: float
    asked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownQuotas:
    """Quotas of one account in one Region, by their names in Service Quotas."""

    account: str
    region: str
    values: Mapping[str, Learned]
    today: date

    def is_stale(self, name: str) -> bool:
        """Whether a quota may well have changed since it was asked for."""
        return self.today - self.values[name].asked_on > STALE_AFTER

    def described(self, name: str) -> str:
        """The value of a quota, whose it is, and how old it is."""
        learned = self.values[name]
        days = (self.today - learned.asked_on).days
        stale = f", {days} days ago: python -m constructs_lib preflight asks again" if self.is_stale(name) else ""
        return f"{learned.value:g} in account {self.account} in {self.region} (asked on {learned.asked_on}{stale})"

    @property
    def staleness(self) -> str:
        """What to tell of quotas that may have changed since; nothing of fresh ones."""
        stale = [learned for name, learned in self.values.items() if self.is_stale(name)]
        days = max(((self.today - learned.asked_on).days for learned in stale), default=0)
        where = f"quotas of account {self.account} in {self.region}"
        return f"{where} are {days} days old; python -m constructs_lib preflight asks again" if days else ""


def read(path: Path, *, today: date) -> list[KnownQuotas]:
    """The quotas in a context file, none if there is no such file; raises ``Unreadable`` for what is no JSON."""
    if not path.exists():
        return []
    return [found for key, entry in parse(path, what="context").items() if (found := _read(key, entry, today))]


def _read(key: str, entry: Any, today: date) -> KnownQuotas | None:
    if not key.startswith(_BEFORE) or not isinstance(entry, Mapping):
        return None
    account, _, region = key.removeprefix(_BEFORE).partition(_BETWEEN)
    values = {str(name): learned for name, row in entry.items() if (learned := _learned(row))}
    return KnownQuotas(account=account, region=region, values=values, today=today)


def _learned(row: Any) -> Learned | None:
    """What one entry says; ``None`` for what somebody else wrote there."""
    try:
        return Learned(float(row["value"]), date.fromisoformat(row["askedOn"]))
    except (KeyError, TypeError, ValueError):
        return None


def of(known: Iterable[KnownQuotas], account: str | None, region: str | None) -> KnownQuotas | None:
    """The quotas that a stack meets; ``None`` where its account or Region is open and several would do."""
    fitting = [it for it in known if account in (None, it.account) and region in (None, it.region)]
    return fitting[0] if len(fitting) == 1 else None


def write(path: Path, learned: KnownQuotas) -> None:
    """Put quotas into a context file, beside what stands there; a quota that was not asked for again stays."""
    context: dict[str, Any] = dict(parse(path, what="context")) if path.exists() else {}
    key = _KEY.format(learned.account, learned.region)
    before = _read(key, context.get(key), learned.today)
    values = {**(before.values if before else {}), **learned.values}
    context[key] = {
        name: {"value": _shortest(values[name].value), "askedOn": values[name].asked_on.isoformat()}
        for name in sorted(values)
    }
    path.write_text(json.dumps(context, indent=2) + "\n", encoding="utf-8")


def _shortest(value: float) -> float | int:
    """The number as people write it: most quotas are whole."""
    return int(value) if value == int(value) else value
