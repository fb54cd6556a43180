"""All rows of the facts, gathered from the files of this folder."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from constructs_lib.facts.limit import Limit

SUBJECTS = (
    "alarms",
    "asynchronous",
    "capture",
    "component_specifications",
    "components",
    "containers",
    "deployment",
    "gateways",
    "instances",
    "lambdas",
    "managed_scaling",
    "models",
    "names",
    "networks",
    "realtime",
    "roles",
    "rollback_alarms",
    "scaling",
    "scaling_policies",
    "scaling_schedules",
    "schedules",
    "serverless",
    "shadow",
    "streams",
    "transform",
    "transform_members",
    "variants",
    "workflows",
)


@cache
def limits() -> tuple[Limit, ...]:
    """Every row, by subject and in the order of its file."""
    return tuple(limit for subject in SUBJECTS for limit in limits_of(subject))


@cache
def limits_of(subject: str) -> tuple[Limit, ...]:
    """The rows of one file, in its order."""
    found: dict[str, Limit] = {}
    for value in vars(import_module(f"constructs_lib.facts.{subject}")).values():
        for limit in value if isinstance(value, tuple) else (value,):
            if isinstance(limit, Limit):
                found.setdefault(limit.id, limit)
    return tuple(found.values())
