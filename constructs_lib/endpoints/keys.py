"""What the policy of a key must say so that AWS's services can use it for what a construct stores.

Roles get their permissions in their own policies. A service that takes no role, such as CloudWatch Logs, is let in by
the policy of the key: that of a key of this app is written here, and the owner of another one is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from aws_cdk import Annotations, Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib.endpoints.permissions import arn_of, stack_of

# What it takes to send to a queue, or a topic, that a key encrypts.
SEND_ENCRYPTED = ("kms:Decrypt", "kms:GenerateDataKey")
_TOPICS = ("kms:Decrypt", "kms:GenerateDataKey*")
_LOGS = ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")
# Many parts of a construct need the same statement, and each costs several crossings into Node.
_said: WeakKeyDictionary[kms.IKey, set[str]] = WeakKeyDictionary()


def let_logs(key: kms.IKey, scope: Construct) -> None:
    """Let CloudWatch Logs encrypt the log groups of the account; one group would have to wait for the key.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    groups = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn_of(scope, "logs", "log-group:*")}}
    _let(key, scope, f"logs.{Aws.REGION}.amazonaws.com", _LOGS, groups)


def let_topics(key: kms.IKey, scope: Construct) -> None:
    """Let the topics of the account send to queues with the key.

    https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
    """
    _let(key, scope, "sns.amazonaws.com", _TOPICS, {"ArnLike": {"aws:SourceArn": arn_of(scope, "sns", "*")}})


def let_rules(key: kms.IKey, scope: Construct) -> None:
    """Let the rules of the account send to queues with the key; else EventBridge drops in silence what it has to send.

    Not one rule but its account: the rule waits for the queue, which waits for the key.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    of_account = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
    _let(key, scope, "events.amazonaws.com", SEND_ENCRYPTED, of_account)


def _let(key: kms.IKey, scope: Construct, service: str, actions: Sequence[str], conditions: Mapping[str, Any]) -> None:
    told, where = _said.setdefault(key, set()), f"{service} {stack_of(scope).node.path}"
    if where in told:
        return
    told.add(where)
    statement = iam.PolicyStatement(
        actions=list(actions), resources=["*"], principals=[iam.ServicePrincipal(service)], conditions=conditions
    )
    if key.add_to_resource_policy(statement).statement_added:
        return
    name = service.partition(".")[0]
    Annotations.of(scope).add_warning_v2(
        f"sagemaker-inference:key-policy-{name}",
        f"key {key.key_arn} is not of this app: its owner must let {service} use it in the policy of the key; "
        "the statements are in the guide to security",
    )
