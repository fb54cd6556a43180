"""Whom alarms tell, from the settings."""

from __future__ import annotations

from aws_cdk.aws_sns import ITopic, Topic
from constructs import Construct


def operators(scope: Construct, topic_arn: str | None) -> list[ITopic]:
    """The topic as the ``actions`` of a monitoring; nobody where there is none."""
    return [Topic.from_topic_arn(scope, "AlarmTopic", topic_arn)] if topic_arn else []
