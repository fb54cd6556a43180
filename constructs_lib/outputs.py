"""The stack outputs by which the client finds what was deployed: the constructs write them, the client reads them.

A prefix before each name tells several endpoints or pipelines of one stack apart.
"""

from __future__ import annotations

from enum import StrEnum

INFERENCE_OPTION = "InferenceOption"
"""Which way of serving the outputs are of: a value of ``InferenceOption``."""
ENDPOINT_NAME = "EndpointName"
INPUT_BUCKET_NAME = "InputBucketName"
INPUT_PREFIX = "InputPrefix"
"""Where a client puts its inputs, with the slash at its end."""
OUTPUT_BUCKET_NAME = "OutputBucketName"
NOTIFICATION_QUEUE_URL = "NotificationQueueUrl"
"""Absent where a results consumer reads the queue: two readers would take each other's messages."""
STATUS_TABLE_NAME = "StatusTableName"
SUCCESS_TOPIC_ARN = "SuccessTopicArn"
ERROR_TOPIC_ARN = "ErrorTopicArn"
STATE_MACHINE_ARN = "StateMachineArn"
REQUESTS_PREFIX = "requests/"
"""That of an asynchronous endpoint by default. What submits itself lies elsewhere, or it all came twice."""


class InferenceOption(StrEnum):
    """The ways of serving, in the words of SageMaker's guide."""

    REALTIME = "realtime"
    SERVERLESS = "serverless"
    ASYNC = "async"
    BATCH = "batch"
