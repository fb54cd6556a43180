"""What is encrypted with a key of one's own, as an assertion."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from constructs_lib.facts.paths import TABLE
from constructs_lib.testing.synthesis import Source, Subject, sources_of

ENCRYPTED_BY: Mapping[str, Sequence[str | int]] = {
    TABLE: ("SSESpecification", "KMSMasterKeyId"),
    "AWS::Kinesis::Stream": ("StreamEncryption", "KeyId"),
    "AWS::KinesisFirehose::DeliveryStream": ("DeliveryStreamEncryptionConfigurationInput", "KeyARN"),
    "AWS::Lambda::Function": ("KmsKeyArn",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::S3::Bucket": (
        "BucketEncryption",
        "ServerSideEncryptionConfiguration",
        0,
        "ServerSideEncryptionByDefault",
        "KMSMasterKeyID",
    ),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SageMaker::EndpointConfig": ("KmsKeyId",),
    "AWS::Scheduler::Schedule": ("KmsKeyArn",),
    "AWS::StepFunctions::StateMachine": ("EncryptionConfiguration", "KmsKeyId"),
}
"""Where a resource says by which key it is encrypted."""


def assert_encrypted_with(subject: Subject, key: str, types: Collection[str] = tuple(ENCRYPTED_BY)) -> None:
    """Fail unless every resource that stores something is encrypted with this key, and with no other.

    Disks and answers of batch jobs are in the definition of their state machine, which is not looked into.

    :param subject: a stack, an app with all of its stacks, or a template.
    :param key: the ARN of the key, or, of one that the app makes, a part of its logical id.
    :param types: the types of resources to look at. Default: tables, streams, functions, log groups, buckets, topics,
        queues, endpoint configurations, schedules and state machines.

    Raises AssertionError with each resource that has another key or none, also if there is none of these types at all.
    """
    __tracebackhide__ = True
    unknown = sorted(set(types) - set(ENCRYPTED_BY))
    if unknown:
        raise AssertionError(f"types must be of {', '.join(ENCRYPTED_BY)}, got {', '.join(unknown)}")
    found = [each for source in sources_of(subject) for each in _keys(source, types)]
    wrong = [f"{place}: {_shown(value)}" for place, value in found if not _names(value, key)]
    if wrong:
        lines = "".join(f"\n  - {line}" for line in wrong)
        raise AssertionError(f"not encrypted with {key}; set encryption_key on:{lines}")
    if not found:
        raise AssertionError(f"nothing to encrypt: the template has no {', '.join(types)}")


def _keys(source: Source, types: Collection[str]) -> Iterator[tuple[str, Any]]:
    for logical_id, resource in source.file.document.get("Resources", {}).items():
        if resource["Type"] in types:
            value = _at(resource.get("Properties", {}), ENCRYPTED_BY[resource["Type"]])
            yield f"{source.name}: {logical_id} ({resource['Type']})", value


def _at(part: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        try:
            part = part[step]
        except (KeyError, IndexError, TypeError):
            return None
    return part


def _names(value: Any, key: str) -> bool:
    """A reference has the logical id in it, also one to the export of another stack."""
    return value == key if value is None or isinstance(value, str) else key in json.dumps(value)


def _shown(value: Any) -> str:
    return "no key" if value is None else f"the key is {json.dumps(value)}"
