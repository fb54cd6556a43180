"""The functions of a batch, each with the permissions that it needs and no more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from aws_cdk import Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.endpoints.handlers import make_function
from constructs_lib.endpoints.permissions import DECRYPT, allow, allow_key
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.storage import grant_read, grant_write
from constructs_lib.facts import lambdas
from constructs_lib.options import TransformOptions
from constructs_lib.options.batch import (
    SUCCESS_NAME,
    WORK_PREFIX,
    BatchRecovery,
    BatchResults,
    InputSelection,
)
from constructs_lib.options.sharding import Sharding
from constructs_lib.patterns.batch_definition import Functions
from constructs_lib.patterns.transform_job import JOB_NAME_PREFIX
from constructs_lib.tokens import is_token

_TIMEOUT_IN_SECONDS = int(lambdas.TIMEOUT.maximum)
# A portion of copies is done in less, also where some are large.
_SECONDS_TO_SPARE = 300
# A million objects take 600 MB to plan; and with so much memory comes a whole processor, for what runs in threads.
_MEMORY_SIZE_IN_MB = 2048
_LOG_RETENTION = logs.RetentionDays.ONE_MONTH


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What the functions have to know of a pipeline."""

    input_bucket: s3.IBucket
    input_prefix: str
    output_bucket: s3.IBucket
    model_name: str
    options: TransformOptions
    selection: InputSelection
    sharding: Sharding
    recovery: BatchRecovery
    results: BatchResults
    ready_suffix: str | None
    time_zone: str
    prices_per_hour: Mapping[str, float]


class BatchFunctions(Construct):
    """Plan, verify, report and publish."""

    def __init__(self, scope: Construct, id: str, *, plan: Plan, safekeeping: Safekeeping) -> None:
        super().__init__(scope, id)
        self._plan = plan
        self._safekeeping = safekeeping
        self._bucket = {"output_bucket_name": plan.output_bucket.bucket_name}
        self.plan = self._make_plan()
        self.verify = self._make_verify()
        self.report = self._make_report()
        self.publish = self._make_publish()

    @property
    def all(self) -> tuple[lambda_.Function, ...]:
        """Every function that the state machine calls."""
        return (self.plan, self.verify, self.report, self.publish)

    @property
    def arns(self) -> Functions:
        """By what the state machine calls them."""
        plan, verify, report, publish = (function.function_arn for function in self.all)
        return Functions(plan=plan, verify=verify, report=report, publish=publish)

    def _make_plan(self) -> lambda_.Function:
        plan = self._plan
        by, size = plan.sharding.by
        environment = {
            "input_bucket_name": plan.input_bucket.bucket_name,
            "input_prefix": plan.input_prefix,
            "work_prefix": WORK_PREFIX,
            "results_prefix": plan.results.prefix,
            "success_name": SUCCESS_NAME,
            "job_name_prefix": JOB_NAME_PREFIX,
            "suffixes": json.dumps(list(plan.selection.suffixes)),
            "modified_within_hours": _text(plan.selection.modified_within_hours or 0),
            "ready_suffix": plan.ready_suffix or "",
            "split_type": plan.options.split_type,
            "compression_type": plan.options.compression_type,
            "max_payload_in_mb": _text(plan.options.max_payload_in_mb),
            "shard_by": by,
            "shard_size": str(size),
            "max_shards": str(plan.sharding.shards_at_most),
            "is_idempotent": json.dumps(plan.recovery.is_idempotent),
            "fingerprint": f"{plan.model_name}/{fingerprint(plan.options)}",
            "time_zone": plan.time_zone,
        }
        function = self._function("Plan", "finds the objects of a batch, and cuts them into shards", environment)
        role = _role(function)
        grant_read(plan.input_bucket, role)
        self._grant_work(role)
        return function

    def _make_verify(self) -> lambda_.Function:
        counts = self._plan.results.counts_records
        is_packed = self._plan.options.compression_type == "Gzip"
        environment = {"counts_records": json.dumps(counts), "is_packed": json.dumps(is_packed)}
        function = self._function("Verify", "sees whether a shard of a batch is complete", environment)
        if counts:
            grant_read(self._plan.input_bucket, _role(function))
        self._grant_work(_role(function))
        self._grant_answers(_role(function))
        return function

    def _make_report(self) -> lambda_.Function:
        prices = {"prices_per_hour": json.dumps(dict(self._plan.prices_per_hour))}
        function = self._function("Report", "reports what became of the shards of a batch", prices)
        self._grant_work(_role(function))
        return function

    def _make_publish(self) -> lambda_.Function:
        environment = {"success_name": SUCCESS_NAME, "seconds_to_spare": str(_SECONDS_TO_SPARE)}
        function = self._function("Publish", "copies the answers of a complete batch to their place", environment)
        role, output = _role(function), self._plan.output_bucket
        results = f"{static_part(self._plan.results.prefix)}*"
        grant_read(output, role)
        grant_write(output, role, results)
        allow(role, ["s3:DeleteObject"], [output.arn_for_objects(results)])
        self._grant_answers(role)
        return function

    def _grant_work(self, role: iam.IRole) -> None:
        grant_read(self._plan.output_bucket, role)
        grant_write(self._plan.output_bucket, role, f"{WORK_PREFIX}*")

    def _grant_answers(self, role: iam.IRole) -> None:
        """Let ``role`` read answers that the jobs have encrypted with a key of their own."""
        key = self._plan.options.output_kms_key_id
        if is_key_arn(key):
            allow_key(role, str(key), "s3", *DECRYPT)

    def _function(self, id: str, description: str, environment: Mapping[str, str]) -> lambda_.Function:
        function = make_function(
            Construct(self, id),
            f"batch_{id.lower()}",
            description=description,
            environment={**self._bucket, **environment},
            timeout_in_seconds=_TIMEOUT_IN_SECONDS,
            log_retention=_LOG_RETENTION,
            safekeeping=self._safekeeping,
        )
        resource = function.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)
        resource.memory_size = _MEMORY_SIZE_IN_MB
        return function


def static_part(prefix: str) -> str:
    """The part of a prefix that is the same for every batch."""
    return prefix.partition("{")[0]


def is_key_arn(key: str | None) -> bool:
    """Whether a key is named in a form in which a policy can name it."""
    return key is not None and (is_token(key) or key.startswith("arn:"))


def fingerprint(options: TransformOptions) -> str:
    """A digest of the options; what is known only at deploy time stands in it as it is."""
    text = json.dumps(asdict(options), sort_keys=True, default=dict)
    return text if is_token(text) else hashlib.sha256(text.encode()).hexdigest()[:16]


def _text(number: int) -> str:
    return Token.as_string(number) if is_token(number) else str(number)


def _role(function: lambda_.Function) -> iam.IRole:
    assert function.role is not None
    return function.role
