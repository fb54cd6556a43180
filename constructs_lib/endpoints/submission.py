"""Objects that are put under a prefix of the input bucket submit themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.handlers import make_function
from constructs_lib.endpoints.keys import let_rules
from constructs_lib.endpoints.permissions import ENCRYPT, allow, allow_key
from constructs_lib.endpoints.status_table import StatusTable, settings_of
from constructs_lib.endpoints.storage import grant_read, grant_write, notify_event_bridge
from constructs_lib.facts import asynchronous, asynchronous_output, lambdas, realtime
from constructs_lib.tokens import is_token

if TYPE_CHECKING:
    from constructs_lib.endpoints.asynchronous import AsyncEndpoint

CONTENT_TYPES = {
    ".csv": "text/csv",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".ndjson": "application/jsonlines",
    ".npy": "application/x-npy",
    ".parquet": "application/x-parquet",
    ".png": "image/png",
    ".txt": "text/plain",
}
# Beside the answers in the output bucket, so that it expires as they do.
_CLAIM_PREFIX = "submitted/"
_TIMEOUT_IN_SECONDS = 30
# Longer than an invocation can last, and shorter than the wait of Lambda before it tries again (LAMBDA-ASYNC-RETRY).
_CLAIM_SECONDS = 40
# The inference id and this make the name of the output.
_OUTPUT_SUFFIX = ".out"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSubmission:
    """An object put under ``input_prefix`` is submitted by itself, each version once.

    S3 tells EventBridge, a rule calls a function, and that calls ``InvokeEndpointAsync``, with an inference id that it
    derives from the version of the object. Answers land under ``success/`` at the object's path below the prefix. What
    could not be submitted is in ``dead_letter_queue`` as the event that S3 sent. An input bucket that is handed in has
    to send its events to EventBridge already.

    :param input_prefix: ``input/`` by default; not a prefix under which clients put what they submit themselves.
    :param suffixes: the only ends of keys that are submitted, such as ``.csv``; all by default.
    :param content_types: content types by the end of the key, besides and before the ones in ``CONTENT_TYPES``.
    :param default_content_type: that of every other key; ``application/octet-stream`` by default.
    :param request_ttl_in_seconds: how long a request may wait, 60 to 21,600 s; 6 hours by default.
    :param invocation_timeout_in_seconds: how long the model may take, 1 to 3600 s; 15 minutes by default.
    :param log_retention: how long the function's log is kept; a month by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    input_prefix: str = "input/"
    suffixes: Sequence[str] = ()
    content_types: Mapping[str, str] = field(default_factory=dict)
    default_content_type: str = "application/octet-stream"
    request_ttl_in_seconds: int | None = None
    invocation_timeout_in_seconds: int | None = None
    log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH

    def __post_init__(self) -> None:
        checks, prefix = Checks("InputSubmission"), self.input_prefix
        checks.limit(
            "characters of input_prefix",
            len(prefix),
            asynchronous.INPUT_LOCATION_LENGTH,
            "without one, what clients submit themselves would be submitted twice",
        )
        checks.require(
            is_token(prefix) or not (prefix.startswith(_CLAIM_PREFIX) or (prefix and _CLAIM_PREFIX.startswith(prefix))),
            f"input_prefix must lie apart from {_CLAIM_PREFIX!r}, got {prefix!r}; what was submitted is noted there, "
            "and the notes would be submitted where inputs and outputs share a bucket",
            asynchronous_output.OUTPUT_PATH,
        )
        below = f"input_prefix must not begin with a slash, got {prefix!r}; no key does: leave it out"
        checks.require(is_token(prefix) or not prefix.startswith("/"), below, asynchronous.INPUT_LOCATION_LENGTH)
        checks.require(
            all(self.suffixes) and not isinstance(self.suffixes, str),
            f"suffixes must be a list of ends of keys, none of them empty, got {self.suffixes!r}; without "
            "suffixes every object is submitted",
            asynchronous.INPUT_LOCATION_LENGTH,
        )
        for argument, content_type in self._given_types():
            checks.limit(f"characters of {argument}", len(content_type), realtime.CONTENT_TYPE_LENGTH)
            ascii_only = f"{argument} must be in ASCII, got {content_type!r}; it is sent as a header"
            checks.require(content_type.isascii(), ascii_only, realtime.CONTENT_TYPE_LENGTH)
        checks.limit("request_ttl_in_seconds", self.request_ttl_in_seconds, asynchronous.REQUEST_TTL)
        checks.limit(
            "invocation_timeout_in_seconds", self.invocation_timeout_in_seconds, asynchronous.INVOCATION_TIMEOUT
        )
        checks.done()

    def _given_types(self) -> Iterator[tuple[str, str]]:
        """The content types that can be judged now, by the arguments that hold them."""
        named = {f"content_types[{suffix!r}]": each for suffix, each in self.content_types.items()}
        named["default_content_type"] = self.default_content_type
        return ((argument, each) for argument, each in named.items() if not is_token(each))

    def bind(self, endpoint: AsyncEndpoint, table: StatusTable | None = None) -> BoundSubmission:
        """Make rule, function and dead-letter queue for ``endpoint``, in it as ``Submission``.

        ``table`` is that of the endpoint's ``ResultsConsumer``: what is submitted is noted there too.
        """
        scope = Construct(endpoint, "Submission")
        dead_letter_queue = _make_queue(scope, endpoint)
        function = make_function(
            scope,
            "async_submit",
            description="Submits objects to an asynchronous endpoint",
            environment=self._settings(endpoint, table),
            timeout_in_seconds=_TIMEOUT_IN_SECONDS,
            log_retention=self.log_retention,
            safekeeping=endpoint.safekeeping,
            dead_letter_queue=dead_letter_queue,
        )
        if function.role is not None:
            _grant(function.role, endpoint, table)
        notify_event_bridge(endpoint.input_bucket)
        rule = events.Rule(scope, "Rule", event_pattern=self._pattern(endpoint))
        rule.add_target(targets.LambdaFunction(function, dead_letter_queue=dead_letter_queue))
        return BoundSubmission(function, dead_letter_queue, rule)

    def _settings(self, endpoint: AsyncEndpoint, table: StatusTable | None) -> dict[str, str]:
        longest_name = asynchronous.FILENAME_LENGTH.maximum - len(_OUTPUT_SUFFIX)
        return {
            "endpoint_name": endpoint.endpoint_name,
            "input_prefix": self.input_prefix,
            "content_types": json.dumps({**CONTENT_TYPES, **self.content_types}),
            "default_content_type": self.default_content_type,
            "request_ttl_seconds": str(self.request_ttl_in_seconds or 0),
            "invocation_timeout_seconds": str(self.invocation_timeout_in_seconds or 0),
            "claim_bucket_name": endpoint.output_bucket.bucket_name,
            "claim_prefix": _CLAIM_PREFIX,
            "claim_seconds": str(_CLAIM_SECONDS),
            "inference_id_length": str(min(longest_name, realtime.INFERENCE_ID_LENGTH.maximum)),
            "output_path_length": str(asynchronous.OUTPUT_PATH_EXTENSION_LENGTH.maximum),
            **settings_of(table),
        }

    def _pattern(self, endpoint: AsyncEndpoint) -> events.EventPattern:
        ends = [{"wildcard": f"{_literal(self.input_prefix)}*{_literal(suffix)}"} for suffix in self.suffixes]
        detail: dict[str, Any] = {
            "bucket": {"name": [endpoint.input_bucket.bucket_name]},
            "object": {"key": ends or [{"prefix": self.input_prefix}]},
        }
        return events.EventPattern(source=["aws.s3"], detail_type=["Object Created"], detail=detail)


@dataclass(frozen=True, slots=True)
class BoundSubmission:
    """Submission at work. ``dead_letter_queue`` has the events that could not be delivered or not be submitted."""

    function: lambda_.Function
    dead_letter_queue: sqs.Queue
    rule: events.Rule


def _literal(text: str) -> str:
    """``text`` as a part of a wildcard pattern that stands for itself."""
    return text.replace("\\", "\\\\").replace("*", "\\*")


def _grant(role: iam.IRole, endpoint: AsyncEndpoint, table: StatusTable | None) -> None:
    allow(role, ["sagemaker:InvokeEndpointAsync"], [endpoint.endpoint_arn])
    claims = f"{_CLAIM_PREFIX}*"
    grant_read(endpoint.output_bucket, role, claims)
    grant_write(endpoint.output_bucket, role, claims)
    if endpoint.encryption_key:
        allow_key(role, endpoint.encryption_key, "sqs", *ENCRYPT)
    if table is not None:
        table.allow_write(role, "dynamodb:PutItem")


def _make_queue(scope: Construct, endpoint: AsyncEndpoint) -> sqs.Queue:
    key = endpoint.encryption_key
    if key:
        let_rules(key, scope)
    return sqs.Queue(
        scope,
        "DeadLetterQueue",
        encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
        encryption_master_key=key,
        enforce_ssl=True,
        retention_period=Duration.seconds(lambdas.QUEUE_RETENTION.maximum),
        removal_policy=endpoint.removal_policy,
    )
