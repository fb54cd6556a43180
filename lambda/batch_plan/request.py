"""What an execution was asked for: which objects, of which day. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dateutil import tz  # type: ignore[import-untyped]

from batch_plan.settings import Settings

# A name of a job has room for 22 characters of the execution's name, beside its start, shard, drive and attempt.
_LENGTH_OF_NAME = 22
_LONGEST_VERSION = 256
# In bytes, of a key or its location: S3 has none so long.
_LONGEST_LOCATION = 2048
# As runs are named, by their objects or by their execution: what has a slash would be looked for elsewhere.
_RUN = re.compile(r"[a-zA-Z0-9-]{1,80}")
_SHOWN = 5
_SOURCES = ("input_prefix", "manifest", "keys", "ready")
_MEMBERS = (*_SOURCES, "modified_after", "modified_before", "date", "feature_version")
# What the console, and an execution that starts another one, put there by themselves.
_NOT_FOR_US = ("Comment", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID")


class InvalidInput(ValueError):
    """The input of the execution, or what it names, cannot be transformed; the message says what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An execution and its input. Of ``prefix``, ``manifest`` and ``keys`` one is given."""

    execution: str
    name: str
    date: str
    prefix: str | None
    manifest: str | None
    keys: tuple[str, ...] | None
    modified_after: datetime | None
    modified_before: datetime | None
    resume: str | None
    feature_version: str
    started_at: int

    @classmethod
    def from_event(cls, event: Mapping[str, Any], settings: Settings) -> Request:
        """Read what the state machine sends; raises ``InvalidInput``."""
        asked = event["input"]
        _check_members(asked)
        _check_run(asked.get("resume"))
        given = [name for name in _SOURCES if asked.get(name) is not None]
        if len(given) > 1:
            raise InvalidInput(f"the input of the execution must name one source, got {' and '.join(given)}")
        started = _time("the start of the execution", event["start_time"])
        day = _date(asked["date"]) if asked.get("date") else str(_local(started, settings.time_zone).date())
        return cls(
            execution=event["execution"],
            name=run_name(event["execution_name"], started),
            date=day,
            prefix=None if given and given[0] in ("manifest", "keys") else _prefix(asked, settings),
            manifest=_text(asked, "manifest"),
            keys=_keys(asked.get("keys")),
            modified_after=_after(asked, started, settings),
            modified_before=_optional_time(asked, "modified_before"),
            resume=_text(asked, "resume"),
            feature_version=_version(asked) or day,
            started_at=int(started.timestamp()),
        )


def _check_members(asked: object) -> None:
    """A name that is misspelt must not transform what nobody asked for."""
    if not isinstance(asked, dict):
        raise InvalidInput(f"the input of the execution must be an object such as {{}}, got {str(asked)[:100]}")
    given = [name for name, value in asked.items() if value is not None and name not in _NOT_FOR_US]
    unknown = [name for name in given if name not in (*_MEMBERS, "resume")]
    if unknown:
        known = "input_prefix, manifest, keys, modified_after, modified_before, date, feature_version and resume"
        raise InvalidInput(f"the input of the execution may hold {known}, got {_few(unknown)}")
    if "resume" in given and len(given) > 1:
        others = ", ".join(name for name in given if name != "resume")
        raise InvalidInput(f"resume takes objects, date and features of the earlier run; leave out {others}")


def _few(names: list[str]) -> str:
    return ", ".join(f"{name:.40}" for name in names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")


def _check_run(run: object) -> None:
    if isinstance(run, str) and run and not _RUN.fullmatch(run):
        raise InvalidInput(f"resume must be the name of a run, as report.json has it, got {run!r:.100}")


def run_name(execution_name: str, started: datetime) -> str:
    """Unique for ever: an execution's name is so for 90 days only, its start tells it from those before."""
    name = re.sub("[^a-zA-Z0-9]+", "-", execution_name)[:_LENGTH_OF_NAME].strip("-")
    return f"{name}-{int(started.timestamp() * 1000)}".strip("-")


def _prefix(asked: Mapping[str, Any], settings: Settings) -> str:
    ready = _text(asked, "ready")
    if ready is not None:
        return ready[: ready.rindex("/") + 1] if "/" in ready else ""
    prefix = _text(asked, "input_prefix")
    return settings.input_prefix if prefix is None else prefix


def _after(asked: Mapping[str, Any], started: datetime, settings: Settings) -> datetime | None:
    given = _optional_time(asked, "modified_after")
    if given is None and settings.modified_within_hours:
        return started - timedelta(hours=settings.modified_within_hours)
    return given


def _text(asked: Mapping[str, Any], name: str) -> str | None:
    value = asked.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"{name} in the input of the execution must be a text, got {value!r:.100}")
    if value == "" and name != "input_prefix":
        raise InvalidInput(f"{name} in the input of the execution must not be empty; leave it out")
    if value is not None and not is_key(value):
        raise InvalidInput(f"{name} in the input of the execution must be a location in S3, got {value!r:.100}")
    return value


def is_key(text: str) -> bool:
    """Whether S3 could have it as a key, or as the location of one."""
    try:
        return len(text.encode()) <= _LONGEST_LOCATION
    except UnicodeEncodeError:
        return False


def _version(asked: Mapping[str, Any]) -> str | None:
    version = _text(asked, "feature_version")
    if version is not None and len(version) > _LONGEST_VERSION:
        raise InvalidInput(f"feature_version must have at most {_LONGEST_VERSION} characters, got {len(version)}")
    return version


def _keys(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(key, str) and key and is_key(key) for key in value):
        problem = f"must be a list of texts, none of them empty, got {str(value)[:100]}"
        raise InvalidInput(f"keys in the input of the execution {problem}")
    return tuple(value)


def _optional_time(asked: Mapping[str, Any], name: str) -> datetime | None:
    return None if asked.get(name) is None else _time(name, asked[name])


def _time(name: str, value: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidInput(f"{name} must be a time such as 2026-11-21T02:00:00Z, got {value!r:.100}") from error
    return found if found.tzinfo else found.replace(tzinfo=tz.UTC)


def _date(value: object) -> str:
    try:
        return str(date.fromisoformat(str(value)))
    except ValueError as error:
        raise InvalidInput(f"date must be a day such as 2026-11-21, got {value!r:.100}") from error


def _local(time: datetime, zone: str) -> datetime:
    # dateutil comes with boto3 and brings the zones along; Lambda's own system may have none.
    return time.astimezone(tz.gettz(zone))
