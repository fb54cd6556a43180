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
OUTPUT_PREFIX = "OutputPrefix"
"""Below which the results of a stream lie in the output bucket, with the slash at its end."""
NOTIFICATION_QUEUE_URL = "NotificationQueueUrl"
"""Absent where a results consumer reads the queue: two readers would take each other's messages."""
STATUS_TABLE_NAME = "StatusTableName"
SUCCESS_TOPIC_ARN = "SuccessTopicArn"
ERROR_TOPIC_ARN = "ErrorTopicArn"
STATE_MACHINE_ARN = "StateMachineArn"
STREAM_NAME = "StreamName"
"""Where records are put that are to be scored; absent where they are put into a queue."""
QUEUE_URL = "QueueUrl"
RESULT_STREAM_NAME = "ResultStreamName"
"""Absent where Amazon Data Firehose puts the results into the output bucket."""
FAILURE_BUCKET_NAME = "FailureBucketName"
LOOKUP_FUNCTION_NAME = "LookupFunctionName"
LOOKUP_URL = "LookupUrl"
"""For callers that speak HTTP, signed with their credentials."""
OVERRIDE_FUNCTION_NAME = "OverrideFunctionName"
REQUESTS_PREFIX = "requests/"
"""That of an asynchronous endpoint by default. What submits itself lies elsewhere, or it all came twice."""


class InferenceOption(StrEnum):
    """The ways of serving, in the words of SageMaker's guide, and the patterns that are made of them."""

    REALTIME = "realtime"
    SERVERLESS = "serverless"
    ASYNC = "async"
    BATCH = "batch"
    HYBRID = "hybrid"
    STREAMING = "streaming"
