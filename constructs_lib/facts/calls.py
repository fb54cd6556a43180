"""Calls of what is deployed: how long a caller waits, which errors pass by themselves, how much one call carries."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Range, Severity

_CHECKED = date(2026, 11, 21)
_RUNTIME = "sagemaker-runtime API model 2017-05-13 (botocore 1.44.5)"
_SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest"

SOCKET_TIMEOUT = Limit(
    id="TMO-RT-SOCKET",
    what="socket time-out of the caller of a model that takes 50 to 60 s",
    unit="s",
    allowed=Range(70, None),
    default=70,
    source=f"{_RUNTIME}: InvokeEndpoint",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
# Throttling arrives as HTTP 400 without a message, so that the status says nothing: the code decides.
PASSING_ERRORS = Limit(
    id="CALL-RETRY",
    what="error code of the runtime after which the same call may succeed",
    unit="",
    allowed=Choice(
        (
            "ThrottlingException",
            "Throttling",
            "TooManyRequestsException",
            "ServiceUnavailable",
            "ModelNotReadyException",
            "InternalFailure",
            "InternalDependencyException",
        )
    ),
    source=f"{_RUNTIME}: errors of InvokeEndpoint; https://github.com/opensearch-project/ml-commons/issues/2429",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
RECEIVED_MESSAGES = Limit(
    id="SQS-RECEIVE",
    what="MaxNumberOfMessages of ReceiveMessage",
    unit="messages",
    allowed=Range(1, 10),
    default=1,
    source=f"{_SQS}/APIReference/API_ReceiveMessage.html",
    checked_on=_CHECKED,
)
RECEIVE_WAIT = Limit(
    id="SQS-WAIT",
    what="WaitTimeSeconds of ReceiveMessage",
    unit="s",
    allowed=Range(0, 20),
    default=0,
    source=f"{_SQS}/SQSDeveloperGuide/best-practices-setting-up-long-polling.html",
    checked_on=_CHECKED,
)
SENT_MESSAGES = Limit(
    id="SQS-SEND-BATCH",
    what="messages of a SendMessageBatch",
    unit="messages",
    allowed=Range(1, 10),
    source="sqs API model 2012-11-05 (botocore 1.44.5): SendMessageBatch",
    checked_on=_CHECKED,
)
SENT_BYTES = Limit(
    id="SQS-SEND-BYTES",
    what="messages of a SendMessageBatch together, and one alone",
    unit="bytes",
    allowed=Range(1, 1_048_576),
    source="sqs API model 2012-11-05 (botocore 1.44.5): SendMessageBatch",
    checked_on=_CHECKED,
)
BATCH_GET = Limit(
    id="DDB-BATCH-GET",
    what="keys of one table in a BatchGetItem",
    unit="keys",
    allowed=Range(1, 100),
    source="dynamodb API model 2012-08-10 (botocore 1.44.5): KeyList",
    checked_on=_CHECKED,
    shape="dynamodb.KeyList",
)
