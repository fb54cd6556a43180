"""What outlives its stack, as an assertion."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from constructs_lib.facts.paths import GLOBAL_TABLE, TABLE
from constructs_lib.testing.synthesis import Source, Subject, sources_of

_BUCKET = "AWS::S3::Bucket"
_KEY = "AWS::KMS::Key"
_LOG_GROUP = "AWS::Logs::LogGroup"
STATEFUL = (_BUCKET, TABLE, GLOBAL_TABLE, _KEY, _LOG_GROUP)
"""The types of resources that hold what cannot be made again. A stream is none: its records expire."""
_KEEPING = ("Retain", "RetainExceptOnCreate", "Snapshot")
_DEFAULT = "Delete"


def assert_retained(subject: Subject, types: Collection[str] = STATEFUL) -> None:
    """Fail unless every bucket, table, key and log group stays when it leaves the stack, and when it is replaced.

    :param subject: a stack, an app with all of its stacks, or a template.
    :param types: the types of resources that have to stay. Default: ``AWS::S3::Bucket``, ``AWS::DynamoDB::Table`` and
        ``GlobalTable``, ``AWS::KMS::Key``, ``AWS::Logs::LogGroup``.

    Raises AssertionError with each resource that is deleted, also if there is none of these types at all.
    """
    __tracebackhide__ = True
    sources = sources_of(subject)
    problems = [problem for source in sources for problem in _deleted(source, types)]
    if problems:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        raise AssertionError(f"data goes with its resource; set removal_policy=RemovalPolicy.RETAIN on:{lines}")
    if not any(_stateful(source, types) for source in sources):
        raise AssertionError(f"nothing to retain: the template has no {', '.join(types)}")


def _stateful(source: Source, types: Collection[str]) -> dict[str, dict[str, str]]:
    resources = source.file.document.get("Resources", {})
    return {logical_id: each for logical_id, each in resources.items() if each["Type"] in types}


def _deleted(source: Source, types: Collection[str]) -> Iterator[str]:
    for logical_id, resource in _stateful(source, types).items():
        policies = {name: resource.get(name, _DEFAULT) for name in ("DeletionPolicy", "UpdateReplacePolicy")}
        wrong = [f"{name} is {policy}" for name, policy in policies.items() if policy not in _KEEPING]
        if wrong:
            yield f"{source.name}: {logical_id} ({resource['Type']}): {', '.join(wrong)}"
