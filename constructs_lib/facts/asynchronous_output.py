"""Where an asynchronous endpoint puts its answers, and whom it notifies."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Pattern, Range
from constructs_lib.facts.paths import CONFIG

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_OUTPUT = f"{CONFIG}/AsyncInferenceConfig/OutputConfig"

OUTPUT_PATH = Limit(
    id="ASYNC-OUT",
    what="S3 location of answers",
    unit="",
    allowed=Pattern("(https|s3)://([^/])/?(.*)", 512, 0),
    source=f"{_API}: AsyncInferenceOutputConfig",
    checked_on=_CHECKED,
    paths=(f"{_OUTPUT}/S3OutputPath", f"{_OUTPUT}/S3FailurePath"),
    shape="sagemaker.DestinationS3Uri",
    fix="give a location such as s3://BUCKET/PREFIX",
)
EXPIRATION = Limit(
    id="S3-EXPIRATION",
    what="time after which S3 deletes an object",
    unit="days",
    allowed=Range(minimum=1),
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html",
    checked_on=_CHECKED,
)
RESPONSE_TOPICS = Limit(
    id="ASYNC-SNS",
    what="IncludeInferenceResponseIn",
    unit="topics",
    allowed=Count(0, 2),
    source=f"{_API}: AsyncNotificationTopicTypeList",
    checked_on=_CHECKED,
    paths=(f"{_OUTPUT}/NotificationConfig/IncludeInferenceResponseIn",),
    shape="sagemaker.AsyncNotificationTopicTypeList",
)
RESPONSE_TOPIC = Limit(
    id="ASYNC-SNS-RESPONSE",
    what="a topic in IncludeInferenceResponseIn",
    unit="",
    allowed=Choice(("SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC")),
    source=f"{_API}: AsyncNotificationTopicTypes",
    checked_on=_CHECKED,
    paths=(f"{_OUTPUT}/NotificationConfig/IncludeInferenceResponseIn/*",),
    shape="sagemaker.AsyncNotificationTopicTypes",
)
TOPIC = Limit(
    id="ASYNC-SNS-TOPIC",
    what="a topic of NotificationConfig",
    unit="",
    allowed=Pattern(r"arn:aws[a-z\-]*:sns:[a-z0-9\-]*:[0-9]{12}:[a-zA-Z0-9_.-]+", 2048, 0),
    source=f"{_API}: SnsTopicArn",
    checked_on=_CHECKED,
    paths=(f"{_OUTPUT}/NotificationConfig/SuccessTopic", f"{_OUTPUT}/NotificationConfig/ErrorTopic"),
    shape="sagemaker.SnsTopicArn",
    fix="give the ARN of an SNS topic",
)
