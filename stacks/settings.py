"""Typed settings of the app: the ``inference`` key of the context, and ``-c inference.part.name=value`` over it."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace

from constructs_lib.errors import InferenceError

KEY = "inference"


class SettingsError(InferenceError):
    """A setting that is unknown or of the wrong kind; the message is one line."""


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """What is served: ``REPOSITORY:TAG`` of this account or a full ECR URI, and a local or ``s3://`` archive."""

    image: str
    artifact: str
    environment: dict[str, str] = field(default_factory=dict)

    def with_artifact(self, artifact: str | None) -> ModelSettings:
        """The same image with another archive; with the same one where there is no other."""
        return self if artifact is None else replace(self, artifact=artifact)


@dataclass(frozen=True, kw_only=True)
class RealtimeSettings:
    """Settings of the real-time stack."""

    instance_type: str = "ml.m5.large"
    initial_instance_count: int = 1
    min_capacity: int = 1
    max_capacity: int = 2
    invocations_per_instance: int = 600
    alarm_topic_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class ServerlessSettings:
    """Settings of the serverless stack; with ``max_provisioned_concurrency`` what is provisioned follows its use."""

    memory_size_in_mb: int = 2048
    max_concurrency: int = 5
    provisioned_concurrency: int | None = None
    max_provisioned_concurrency: int | None = None
    alarm_topic_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class AsyncSettings:
    """Settings of the asynchronous stack; what is put under ``submission_prefix``, if there is one, submits itself."""

    instance_type: str = "ml.m5.large"
    max_concurrent_invocations_per_instance: int = 4
    min_capacity: int = 0
    max_capacity: int = 2
    drain_within_seconds: int = 60
    processing_seconds_per_request: int = 30
    submission_prefix: str | None = None
    alarm_topic_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class BatchSettings:
    """Settings of the batch stack; ``schedule`` is ``cron(...)`` or ``rate(...)`` of EventBridge Scheduler.

    With ``complete_by``, such as ``08:00`` in the time zone, goes how many minutes a batch is expected to take.
    """

    instance_type: str = "ml.m5.large"
    instance_count: int = 1
    input_prefix: str = "input/"
    shards: int = 1
    schedule: str | None = None
    time_zone: str = "UTC"
    complete_by: str | None = None
    expected_minutes: int = 60
    alarm_topic_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class HybridSettings:
    """Settings of the hybrid stack; the endpoint and the jobs run on the same instance type, and serve ``artifact``.

    ``default_answer`` is what callers get for whom there is no other; ``max_concurrency`` null reserves nothing.
    """

    artifact: str | None = None
    instance_type: str = "ml.m5.large"
    schedule: str | None = None
    max_age_in_hours: int = 48
    write_back_in_hours: int = 24
    timeout_in_seconds: int = 2
    max_concurrency: int | None = 5
    default_answer: str | None = None
    alarm_topic_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class StreamingSettings:
    """Settings of the streaming stack; without ``shard_count`` both streams are on demand."""

    artifact: str | None = None
    instance_type: str = "ml.m5.large"
    shard_count: int | None = None
    content_type: str = "text/csv"
    batch_size: int = 500
    max_batching_window_in_seconds: int = 1
    max_records_per_request: int = 100
    alarm_topic_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings; ``stacks`` names the ways of serving to deploy, ``dashboards`` those that get a dashboard too."""

    model: ModelSettings
    stacks: tuple[str, ...] = ("realtime", "serverless", "async", "batch", "hybrid", "streaming")
    dashboards: tuple[str, ...] = ()
    realtime: RealtimeSettings = field(default_factory=RealtimeSettings)
    serverless: ServerlessSettings = field(default_factory=ServerlessSettings)
    # ``async`` is a keyword of Python's, hence the underscore; the setting is called ``async``.
    async_: AsyncSettings = field(default_factory=AsyncSettings)
    batch: BatchSettings = field(default_factory=BatchSettings)
    hybrid: HybridSettings = field(default_factory=HybridSettings)
    streaming: StreamingSettings = field(default_factory=StreamingSettings)

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> Settings:
        """Read the context of the app; ``SettingsError`` names the setting, what it got and what it takes."""
        values = context.get(KEY)
        if not isinstance(values, Mapping):
            raise SettingsError(f"context key {KEY!r} must be an object of settings, got {values!r}; see cdk.json")
        merged = json.loads(json.dumps(values))
        for path, value in context.items():
            if path.startswith(f"{KEY}."):
                _override(merged, path, value)
        return typing.cast(Settings, _read(cls, merged, KEY))


def _override(settings: dict[str, object], path: str, value: object) -> None:
    _, *parents, name = path.split(".")
    target: object = settings
    for parent in parents:
        target = target.setdefault(parent, {}) if isinstance(target, dict) else None
    if not isinstance(target, dict):
        raise SettingsError(f"setting {path} does not exist; its parent is no object of settings, see cdk.json")
    target[name] = _literal(value)


def _literal(value: object) -> object:
    """``-c`` hands over text: what reads as JSON is meant as JSON, all else as text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _read(kind: object, value: object, path: str) -> object:
    """Turn ``value`` into ``kind``, a dataclass or one of the few types that settings have."""
    if isinstance(kind, type) and is_dataclass(kind):
        return _read_object(kind, value, path)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else _read(arguments[0], value, path)
    if origin is tuple and isinstance(value, list):
        return tuple(_read(arguments[0], item, f"{path}[{index}]") for index, item in enumerate(value))
    if origin is tuple and isinstance(value, str):
        return tuple(part.strip() for part in value.split(","))
    if origin is dict and isinstance(value, dict):
        return {name: _read(arguments[1], item, f"{path}.{name}") for name, item in value.items()}
    if isinstance(kind, type) and isinstance(value, kind) and not isinstance(value, bool):
        return value
    if kind is str and isinstance(value, (int, float)):
        return str(value)
    raise SettingsError(f"setting {path} must be {_NAMES.get(kind, 'an object')}, got {json.dumps(value)}")


_NAMES: dict[object, str] = {str: "text", int: "a whole number", tuple[str, ...]: "a list of names"}


def _read_object(kind: type, value: object, path: str) -> object:
    if not isinstance(value, dict):
        raise SettingsError(f"setting {path} must be an object of settings, got {json.dumps(value)}")
    hints = typing.get_type_hints(kind)
    known = {_camel_case(item.name): item for item in fields(kind)}
    for name in value:
        if name not in known:
            raise SettingsError(f"setting {path}.{name} does not exist; known: {', '.join(known)}")
    for name, item in known.items():
        if name not in value and item.default is MISSING and item.default_factory is MISSING:
            raise SettingsError(f"setting {path}.{name} is missing; add it to cdk.json")
    given = {known[name].name: _read(hints[known[name].name], v, f"{path}.{name}") for name, v in value.items()}
    return kind(**given)


def _camel_case(name: str) -> str:
    head, *tail = name.rstrip("_").split("_")
    return head + "".join(part.capitalize() for part in tail)
