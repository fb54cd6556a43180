"""Topics, queue and dead letters of an asynchronous endpoint: ours and handed in, with one key and with others."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from constructs_lib import AsyncEndpoint, ResultsConsumer
from tests.support import any_model, one, statements, synthesize

QUEUE, SUBSCRIPTION = "AWS::SQS::Queue", "AWS::SNS::Subscription"
# CDK's recommended setting for new apps: it writes subscribed topics into the policy of the queue's key.
TOPIC_IN_KEY_POLICY = "@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"


def endpoint(stack: cdk.Stack, **options: Any) -> AsyncEndpoint:
    return AsyncEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large", **options)


@pytest.fixture(scope="module")
def with_key() -> Template:
    stack = cdk.Stack(cdk.App(context={TOPIC_IN_KEY_POLICY: True}), "Stack")
    endpoint(stack, encryption_key=kms.Key(stack, "Key"))
    return Template.from_stack(stack)  # which refuses resources that wait for each other


@pytest.fixture(scope="module")
def with_topics() -> Template:
    def build(stack: cdk.Stack) -> None:
        topic = sns.Topic.from_topic_attributes(
            stack, "Theirs", topic_arn="arn:aws:sns:us-east-1:123456789012:errors", key_arn=KEY_ARN
        )
        endpoint(
            stack,
            success_topic=sns.Topic(stack, "Mine", master_key=kms.Key(stack, "Key")),
            error_topic=topic,
            results_consumer=ResultsConsumer(),
        )

    return synthesize(build)


def receives(template: Template) -> list[int]:
    queues = [queue["Properties"] for queue in template.find_resources(QUEUE).values()]
    return [queue["RedrivePolicy"]["maxReceiveCount"] for queue in queues if "RedrivePolicy" in queue]


def test_what_a_topic_cannot_deliver_becomes_a_dead_letter(with_key: Template) -> None:
    dead = {"Fn::GetAtt": [one(with_key, QUEUE, "DeadLetterQueue"), "Arn"]}
    subscriptions = [found["Properties"] for found in with_key.find_resources(SUBSCRIPTION).values()]
    assert [found["RedrivePolicy"] for found in subscriptions] == [{"deadLetterTargetArn": dead}] * 2


@pytest.mark.parametrize("part", ["NotificationsQueue", "NotificationsDeadLetterQueue"])
def test_both_topics_and_nothing_else_may_send_to_the_queues(with_key: Template, part: str) -> None:
    topics = [{"Ref": logical_id} for logical_id in with_key.find_resources("AWS::SNS::Topic")]
    (queue,) = [found for found in with_key.find_resources(QUEUE) if part in found]
    (policy,) = [
        found["Properties"]["PolicyDocument"]["Statement"]
        for found in with_key.find_resources("AWS::SQS::QueuePolicy").values()
        if found["Properties"]["Queues"] == [{"Ref": queue}]
    ]
    (allowed,) = [statement for statement in policy if statement["Effect"] == "Allow"]
    assert (allowed["Action"], allowed["Principal"]) == ("sqs:SendMessage", {"Service": "sns.amazonaws.com"})
    assert allowed["Condition"]["ArnEquals"]["aws:SourceArn"] == topics


def test_topics_of_the_account_may_use_the_key_of_the_queues(with_key: Template) -> None:
    with_key.has_resource_properties(
        "AWS::KMS::Key",
        {
            "KeyPolicy": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                                "Principal": {"Service": "sns.amazonaws.com"},
                                "Condition": Match.object_like({"ArnLike": Match.any_value()}),
                            }
                        )
                    ]
                )
            }
        },
    )


def test_clients_that_share_the_queue_give_messages_back_more_often_than_a_consumer_tries(
    with_key: Template, with_topics: Template
) -> None:
    assert (receives(with_key), receives(with_topics)) == ([100], [5])


def test_the_queue_is_subscribed_to_topics_that_are_handed_in(with_topics: Template) -> None:
    with_topics.resource_count_is("AWS::SNS::Topic", 1)
    topics = [found["Properties"]["TopicArn"] for found in with_topics.find_resources(SUBSCRIPTION).values()]
    assert topics == [{"Ref": one(with_topics, "AWS::SNS::Topic", "Mine")}, "arn:aws:sns:us-east-1:123456789012:errors"]


def test_the_model_may_publish_to_them_with_their_keys(with_topics: Template) -> None:
    allowed = statements(with_topics, "ModelExecutionRole")
    (publish,) = [statement for statement in allowed if "sns:Publish" in statement["Action"]]
    assert len(publish["Resource"]) == 2
    keys = [statement["Resource"] for statement in allowed if "kms:GenerateDataKey" in statement["Action"]]
    assert keys == [{"Fn::GetAtt": [one(with_topics, "AWS::KMS::Key", "Key"), "Arn"]}, KEY_ARN]
