"""Lambda functions in front of and behind endpoints, and the queues they read."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Never, Range, Severity, Told
from constructs_lib.facts.paths import EVENT_INVOKE_CONFIG, EVENT_SOURCE_MAPPING

_CHECKED = date(2026, 11, 21)
_API = "lambda API model 2015-03-31 (botocore 1.44.5)"
_QUOTAS = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
_SQS = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"
_SQS_PARAMETERS = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html"

PAYLOAD = Limit(
    id="LAMBDA-PAYLOAD",
    what="request or response of a function that is invoked and waited for; base64 leaves three quarters of it",
    unit="bytes",
    allowed=Range(0, 6_291_456),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
STREAMED_RESPONSE = Limit(
    id="LAMBDA-PAYLOAD-STREAM",
    what="streamed response of a function",
    unit="bytes",
    allowed=Range(0, 209_715_200),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
ASYNCHRONOUS_PAYLOAD = Limit(
    id="LAMBDA-PAYLOAD-ASYNC",
    what="event of a function that is invoked asynchronously",
    unit="bytes",
    allowed=Range(0, 1_048_576),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
ASYNCHRONOUS_RETRY = Limit(
    id="LAMBDA-ASYNC-RETRY",
    what="wait before the first of two retries of a function that failed on an event",
    unit="s",
    allowed=Range(60, 60),
    source="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
CONCURRENCY = Limit(
    id="LAMBDA-CONC",
    what="concurrent executions in a Region, fewer in new accounts",
    unit="",
    allowed=Range(0, 1000),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
RESERVED_CONCURRENCY = Limit(
    id="LAMBDA-CONC-RESERVED",
    what="ReservedConcurrentExecutions of all functions together",
    unit="",
    allowed=Told("the limit of the account less 100; none at all in a new account, whose limit is 10"),
    source=f"{_API}: PutFunctionConcurrency",
    checked_on=_CHECKED,
    severity=Severity.INFO,
    aws_says=(
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
        "its minimum value of [10]."  # github.com/aws-samples/alarm-context-tool/issues/2
    ),
)
EVENT_AGE = Limit(
    id="LAMBDA-ASYNC-AGE",
    what="MaximumEventAgeInSeconds of a function that is invoked asynchronously",
    unit="s",
    allowed=Range(60, 21_600),
    default=21_600,
    source=f"{_API}: MaximumEventAgeInSeconds",
    checked_on=_CHECKED,
    paths=(f"{EVENT_INVOKE_CONFIG}/MaximumEventAgeInSeconds",),
    shape="lambda.MaximumEventAgeInSeconds",
)
URL_PERMISSIONS = Limit(
    id="LAMBDA-URL-PERMISSIONS",
    what="permissions of who calls the URL of a function",
    unit="",
    allowed=Told("lambda:InvokeFunctionUrl and lambda:InvokeFunction, since October 2025"),
    source="https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
# LAMBDA-URL-PERMISSIONS: the action that names the URL, and the one that has to go with it. Source and day: the row's.
INVOKE_URL, INVOKE = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"
TIMEOUT = Limit(
    id="LAMBDA-TMO",
    what="Timeout",
    unit="s",
    allowed=Range(1, 900),
    default=3,
    source=_QUOTAS,
    checked_on=_CHECKED,
)
MANAGED_TIMEOUT = Limit(
    id="LAMBDA-TMO-MANAGED",
    what="Timeout of a function on Lambda Managed Instances",
    unit="s",
    allowed=Range(1, 5400),
    source=f"{_API}: CreateFunctionRequest.Timeout",
    checked_on=_CHECKED,
    shape="lambda.CreateFunctionRequest.Timeout",
)
CALLER_TIMEOUT = Limit(
    id="LAMBDA-TMO-INVOKE",
    what="Timeout of a function that calls InvokeEndpoint",
    unit="s",
    allowed=Range(70),
    source="https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
MEMORY_SIZE = Limit(
    id="LAMBDA-MEM",
    what="MemorySize",
    unit="MB",
    allowed=Range(128, 10_240),
    default=128,
    source=_QUOTAS,
    checked_on=_CHECKED,
)
MANAGED_MEMORY_SIZE = Limit(
    id="LAMBDA-MEM-MANAGED",
    what="MemorySize of a function on Lambda Managed Instances",
    unit="MB",
    allowed=Range(128, 32_768),
    source=f"{_API}: CreateFunctionRequest.MemorySize",
    checked_on=_CHECKED,
    shape="lambda.CreateFunctionRequest.MemorySize",
)
BATCH_SIZE = Limit(
    id="LAMBDA-ESM",
    what="BatchSize",
    unit="records",
    allowed=Range(1, 10_000),
    source=f"{_API}: CreateEventSourceMappingRequest.BatchSize",
    checked_on=_CHECKED,
    paths=(f"{EVENT_SOURCE_MAPPING}/BatchSize",),
    shape="lambda.CreateEventSourceMappingRequest.BatchSize",
)
BATCHING_WINDOW = Limit(
    id="LAMBDA-ESM-WINDOW",
    what="MaximumBatchingWindowInSeconds",
    unit="s",
    allowed=Range(0, 300),
    source=f"{_API}: CreateEventSourceMappingRequest.MaximumBatchingWindowInSeconds",
    checked_on=_CHECKED,
    paths=(f"{EVENT_SOURCE_MAPPING}/MaximumBatchingWindowInSeconds",),
    shape="lambda.CreateEventSourceMappingRequest.MaximumBatchingWindowInSeconds",
)
BATCH_PAYLOAD = Limit(
    id="LAMBDA-ESM-PAYLOAD",
    what="records of a batch together",
    unit="bytes",
    allowed=PAYLOAD.allowed,
    source=f"{_API}: CreateEventSourceMappingRequest.BatchSize",
    checked_on=_CHECKED,
)
MAXIMUM_CONCURRENCY = Limit(
    id="LAMBDA-ESM-CONC",
    what="MaximumConcurrency of the functions that read a queue",
    unit="",
    allowed=Range(2, 1000),
    source=f"{_API}: ScalingConfig.MaximumConcurrency",
    checked_on=_CHECKED,
    paths=(f"{EVENT_SOURCE_MAPPING}/ScalingConfig/MaximumConcurrency",),
    shape="lambda.ScalingConfig.MaximumConcurrency",
)
VISIBILITY_TIMEOUT = Limit(
    id="LAMBDA-SQS-VISIBILITY",
    what="VisibilityTimeout of a queue that a function reads",
    unit="",
    allowed=Told("at least the Timeout of the function"),
    default=30,
    source=_SQS,
    checked_on=_CHECKED,
    aws_says="Queue visibility timeout: ... seconds is less than Function timeout: ... seconds",
)
VISIBILITY_FACTOR = Limit(
    id="LAMBDA-SQS-VISIBILITY-FACTOR",
    what="VisibilityTimeout of a queue that a function reads",
    unit="times the Timeout of the function",
    allowed=Range(6),
    source=_SQS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
BATCH_WITHOUT_WINDOW = Limit(
    id="LAMBDA-SQS-BATCH",
    what="BatchSize from a queue without MaximumBatchingWindowInSeconds",
    unit="messages",
    allowed=Range(1, 10),
    default=10,
    source=_SQS,
    checked_on=_CHECKED,
    aws_says="Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
)
FIFO_BATCH_SIZE = Limit(
    id="LAMBDA-SQS-BATCH-FIFO",
    what="BatchSize from a FIFO queue",
    unit="messages",
    allowed=Range(1, 10),
    source=_SQS_PARAMETERS,
    checked_on=_CHECKED,
)
FIFO_BATCHING_WINDOW = Limit(
    id="LAMBDA-SQS-FIFO-WINDOW",
    what="MaximumBatchingWindowInSeconds for a FIFO queue",
    unit="",
    allowed=Never(),
    source=_SQS_PARAMETERS,
    checked_on=_CHECKED,
    aws_says="Batching window is not supported for FIFO queues",  # github.com/aws/aws-lambda-dotnet/pull/1758
)
QUEUE_STARTING_POSITION = Limit(
    id="LAMBDA-SQS-START",
    what="StartingPosition for a queue",
    unit="",
    allowed=Never(),
    source="https://github.com/motdotla/node-lambda/issues/466",
    checked_on=_CHECKED,
    aws_says="StartingPosition is not valid for SQS event sources.",
)
QUEUE_RETENTION = Limit(
    id="SQS-RETENTION",
    what="MessageRetentionPeriod of a queue",
    unit="s",
    allowed=Range(60, 1_209_600),
    default=345_600,
    source="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html",
    checked_on=_CHECKED,
)
OTHER_SOURCE = Limit(
    id="LAMBDA-ESM-SOURCE",
    what="property for another kind of event source",
    unit="",
    allowed=Never(),
    source=f"{_API}: CreateEventSourceMappingRequest",
    checked_on=_CHECKED,
)
# LAMBDA-ESM-SOURCE: what is for streams and not for queues, and the reverse. Source and day: the row's.
STREAM_PROPERTIES = (
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "TumblingWindowInSeconds",
)
QUEUE_PROPERTIES = ("ProvisionedPollerConfig", "ScalingConfig")
