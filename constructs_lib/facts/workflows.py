"""Step Functions around transform jobs.

Paths that start with ``State``, or with a type of states (``Task``), go through every state of every state machine.
"""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Never, Pattern, Range, Severity, Told
from constructs_lib.facts.paths import STATE_MACHINE

_CHECKED = date(2026, 11, 21)
_API = "stepfunctions API model 2016-11-23 (botocore 1.44.5)"
_QUOTAS = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"
_SAGEMAKER = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html"
_INTEGRATIONS = "https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html"
_RETRY = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html"
_TASK = "https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html"

DEFINITION_SIZE = Limit(
    id="SF-DEF",
    what="definition of a state machine",
    unit="bytes",
    allowed=Range(1, 1_048_576),
    source=f"{_API}: Definition",
    checked_on=_CHECKED,
    fix="move parts of it into state machines of their own",
)
DEFINITION_JSON = Limit(
    id="SF-JSON",
    what="definition of a state machine",
    unit="",
    allowed=Told("JSON"),
    source="https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html",
    checked_on=_CHECKED,
)
NAME = Limit(
    id="SF-NAME",
    what="StateMachineName",
    unit="",
    allowed=Pattern(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]+", 80),
    source=f"{_API}: Name",
    checked_on=_CHECKED,
    paths=(f"{STATE_MACHINE}/StateMachineName",),
    fix="give 1 to 80 characters without white space, brackets, wildcards and special characters",
)
STATE_NAME = Limit(
    id="SF-STATE-NAME",
    what="name of a state",
    unit="characters",
    allowed=Range(1, 80),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
PAYLOAD = Limit(
    id="SF-PAYLOAD",
    what="input or output of a task, a state or an execution",
    unit="bytes",
    allowed=Range(0, 262_144),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
HISTORY = Limit(
    id="SF-HISTORY",
    what="history of an execution of a Standard workflow",
    unit="events",
    allowed=Range(0, 25_000),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
EXECUTION_TIME = Limit(
    id="SF-TIME",
    what="execution of a Standard workflow (1 year)",
    unit="s",
    allowed=Range(0, 31_536_000),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
EXPRESS_EXECUTION_TIME = Limit(
    id="SF-TIME-EXPRESS",
    what="execution of an Express workflow (5 minutes)",
    unit="s",
    allowed=Range(0, 300),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
REDRIVE_PERIOD = Limit(
    id="SF-REDRIVE",
    what="age of an execution of a Standard workflow that may be redriven",
    unit="days",
    allowed=Range(0, 14),
    source=f"{_API}: RedriveExecution",
    checked_on=_CHECKED,
)
ENDED = Limit(
    id="SF-ENDED",
    what="status of an execution that has ended",
    unit="",
    allowed=Choice(("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")),
    source="https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html",
    checked_on=_CHECKED,
)
NO_EXPRESS_SYNC = Limit(
    id="SF-EXPRESS-SYNC",
    what="task of an Express workflow that waits for a job (.sync) or a token (.waitForTaskToken)",
    unit="",
    allowed=Never(),
    source=_INTEGRATIONS,
    checked_on=_CHECKED,
    aws_says="Express state machine does not support '.sync' service integration",
)
NO_TOKEN = Limit(
    id="SF-NO-TOKEN",
    what=".waitForTaskToken with the optimized integration of SageMaker",
    unit="",
    allowed=Never(),
    source=_SAGEMAKER,
    checked_on=_CHECKED,
)
NO_SDK_SYNC = Limit(
    id="SF-SDK-SYNC",
    what=".sync with an AWS SDK integration",
    unit="",
    allowed=Never(),
    source=_INTEGRATIONS,
    checked_on=_CHECKED,
)
MAP_CONCURRENCY = Limit(
    id="SF-MAP",
    what="iterations of an inline Map that run at once",
    unit="iterations",
    allowed=Range(0, 40),
    source="https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
DISTRIBUTED_MAP_CONCURRENCY = Limit(
    id="SF-MAP-DISTRIBUTED",
    what="child executions of a distributed Map that run at once",
    unit="executions",
    allowed=Range(0, 10_000),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
MAP_RUNS = Limit(
    id="SF-MAP-RUNS",
    what="open Map Runs of an account in a Region",
    unit="runs",
    allowed=Range(0, 1000),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
# What the role of a state machine needs to start a transform job, and what .sync needs beside it.
START_ACTIONS = ("sagemaker:CreateTransformJob",)
SYNC_ACTIONS = (
    *START_ACTIONS,
    "sagemaker:DescribeTransformJob",
    "sagemaker:AddTags",
    "events:PutTargets",
    "events:PutRule",
    "events:DescribeRule",
)
SYNC_PERMISSIONS = Limit(
    id="SF-PERM-SYNC",
    what="permissions of the role of a state machine that runs a transform job",
    unit="",
    allowed=Told(", ".join(SYNC_ACTIONS)),
    source=_SAGEMAKER,
    checked_on=_CHECKED,
)
TASK_TIMEOUT = Limit(
    id="SF-TASK-TIMEOUT",
    what="TimeoutSeconds of a task",
    unit="s",
    allowed=Range(1, 99_999_999),
    source=_TASK,
    checked_on=_CHECKED,
    paths=("Task/TimeoutSeconds",),
    aws_says="SCHEMA_VALIDATION_FAILED: Minimum value is 1",
)
BACKOFF_RATE = Limit(
    id="BATCH-BACK-OFF",
    what="BackoffRate of a retrier",
    unit="",
    allowed=Range(1, None),
    source=_RETRY,
    checked_on=_CHECKED,
    paths=("State/Retry/*/BackoffRate",),
    aws_says="SCHEMA_VALIDATION_FAILED: Minimum value is 1",
)
RETRY_ATTEMPTS = Limit(
    id="SF-RETRY-ATTEMPTS",
    what="MaxAttempts of a retrier",
    unit="attempts",
    allowed=Range(0, 99_999_999),
    default=3,
    source=_RETRY,
    checked_on=_CHECKED,
    paths=("State/Retry/*/MaxAttempts",),
)
RETRY_INTERVAL = Limit(
    id="SF-RETRY-INTERVAL",
    what="IntervalSeconds of a retrier",
    unit="s",
    allowed=Range(0, 99_999_999),
    default=1,
    source=_RETRY,
    checked_on=_CHECKED,
    paths=("State/Retry/*/IntervalSeconds",),
)
RETRY_DELAY = Limit(
    id="SF-RETRY-DELAY",
    what="MaxDelaySeconds of a retrier",
    unit="s",
    allowed=Range(1, 31_622_400),
    source=_RETRY,
    checked_on=_CHECKED,
    paths=("State/Retry/*/MaxDelaySeconds",),
)
