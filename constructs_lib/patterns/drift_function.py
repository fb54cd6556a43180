"""What the functions that compare have in common, whether they watch an endpoint or a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from aws_cdk import Stack, Token
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.endpoints.handlers import make_function
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.errors import InvalidConfiguration
from constructs_lib.facts import lambdas
from constructs_lib.options.drift import DriftThresholds
from constructs_lib.patterns.drift_baseline import DriftBaseline, Location
from constructs_lib.patterns.drift_metrics import NAMESPACE
from constructs_lib.tokens import is_token

_TIMEOUT_IN_SECONDS = int(lambdas.TIMEOUT.maximum)
# A whole processor, and room for 100,000 records of 1,000 numbers.
_MEMORY_SIZE_IN_MB = 2048
_MAX_MEGABYTES = 256
_MAX_RECORDS = 100_000


def make_drift_function(
    scope: Construct,
    *,
    entry: str,
    description: str,
    baseline: Location,
    thresholds: DriftThresholds,
    report_bucket_name: str,
    environment: Mapping[str, str],
    safekeeping: Safekeeping,
) -> lambda_.Function:
    """The function whose entry point is ``drift.ENTRY.handle``; ``environment`` holds what only its settings have."""
    bucket, key = baseline
    function = make_function(
        scope,
        "drift",
        description=description,
        environment={
            "baseline_bucket_name": bucket.bucket_name,
            "baseline_key": key,
            "report_bucket_name": report_bucket_name,
            "thresholds": Stack.of(scope).to_json_string(asdict(thresholds)),
            "max_megabytes": str(_MAX_MEGABYTES),
            "max_records": str(_MAX_RECORDS),
            "metric_namespace": NAMESPACE,
            **environment,
        },
        timeout_in_seconds=_TIMEOUT_IN_SECONDS,
        log_retention=logs.RetentionDays.ONE_MONTH,
        safekeeping=safekeeping,
    )
    resource = function.node.default_child
    assert isinstance(resource, lambda_.CfnFunction)
    resource.memory_size = _MEMORY_SIZE_IN_MB
    resource.handler = f"drift.{entry}.handle"
    return function


def text_of(number: int) -> str:
    """A number for an environment, also one that is known only when the stack is deployed."""
    return Token.as_string(number) if is_token(number) else str(number)


def check_baseline(baseline: DriftBaseline, thresholds: DriftThresholds) -> list[str]:
    """What is wrong with a baseline that is known now: of too few records nothing would ever be judged."""
    needed, known = thresholds.min_records, baseline.records
    if known is None or is_token(needed) or known >= needed:
        return []
    bound = f"baseline must be made of at least min_records {needed} records, got {known}"
    return [f"{bound}: nothing would ever be judged; make it from more rows, or lower thresholds.min_records"]


def refuse(subject: str, problems: list[str]) -> None:
    """Raise ``InvalidConfiguration`` if there are problems."""
    if problems:
        raise InvalidConfiguration(subject, problems)
