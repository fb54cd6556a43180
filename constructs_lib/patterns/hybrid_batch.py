"""The batch that computes answers beforehand: a pipeline whose execution ends when its answers are served."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from constructs_lib.endpoints.model import BaseModel
from constructs_lib.endpoints.permissions import allow
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.storage import grant_write
from constructs_lib.options import Expiration, TransformOptions
from constructs_lib.options.answers import default_options
from constructs_lib.options.batch import WORK_PREFIX, BatchRecovery, BatchResults, InputSelection
from constructs_lib.options.deadline import Deadline
from constructs_lib.options.sharding import Sharding
from constructs_lib.patterns.batch_functions import static_part
from constructs_lib.patterns.batch_hooks import BatchHooks
from constructs_lib.patterns.batch_monitoring import BatchMonitoring
from constructs_lib.patterns.batch_role import map_run_statements
from constructs_lib.patterns.batch_transform import BatchTransformPipeline
from constructs_lib.patterns.hybrid_monitoring import HybridMonitoring


@dataclass(frozen=True, kw_only=True, slots=True)
class HybridBatch:
    """The batch of ``HybridInference``: what ``BatchTransformPipeline`` takes, by the same names and defaults.

    :param instance_count: instances of a job, 1 to 100.
    :param input_bucket: where inputs are; one is made by default.
    :param input_prefix: the part of the bucket to read, ``input/`` by default.
    :param selection: which objects below it; all by default.
    :param options: how inputs are cut into requests and answers put together, so that each line of answers holds the id
        of its record. By default CSV with the id in the first column, which the model does not see.
    :param sharding: how the objects are cut into jobs; one job by default.
    :param recovery: what is tried again, on which other instances, and for how long.
    :param results: where the results go; with ``counts_records`` a batch is served only if each record has a row or is
        a dead letter.
    :param ready_suffix: run when an object is put below the prefix whose key ends so.
    :param deadline: when a batch must be complete; that is before it is loaded.
    :param hooks: steps of one's own; ``after`` runs when the answers are served.
    :param monitoring: notifications, alarms, prices; by default the alarms, which do what those of
        ``HybridMonitoring`` do.
    :param expiration: after how many days inputs (7, in a bucket of ours) and outputs (30) are deleted.
    """

    instance_count: int = 1
    input_bucket: s3.IBucket | None = None
    input_prefix: str = "input/"
    selection: InputSelection | None = None
    options: TransformOptions | None = None
    sharding: Sharding | None = None
    recovery: BatchRecovery | None = None
    results: BatchResults | None = None
    ready_suffix: str | None = None
    deadline: Deadline | None = None
    hooks: BatchHooks | None = None
    monitoring: BatchMonitoring | None = None
    expiration: Expiration | None = None

    @property
    def chosen_options(self) -> TransformOptions:
        """Those that were given, or the default ones."""
        return self.options or default_options()

    @property
    def answers(self) -> str:
        """The keys below which answers are published, in the output bucket."""
        return f"{static_part((self.results or BatchResults()).prefix)}*"

    def make(
        self,
        scope: Construct,
        *,
        model: BaseModel,
        instance_type: str,
        schedule: scheduler.ScheduleExpression | None,
        hooks: BatchHooks,
        monitoring: HybridMonitoring | None,
        safekeeping: Safekeeping,
    ) -> BatchTransformPipeline:
        """The pipeline in ``scope``, as ``Batch``, with ``hooks`` in place of the user's own."""
        batch = BatchTransformPipeline(
            scope,
            "Batch",
            model=model,
            instance_type=instance_type,
            instance_count=self.instance_count,
            input_bucket=self.input_bucket,
            input_prefix=self.input_prefix,
            selection=self.selection,
            options=self.chosen_options,
            sharding=self.sharding,
            recovery=self.recovery,
            results=self.results,
            schedule=schedule,
            ready_suffix=self.ready_suffix,
            deadline=self.deadline,
            hooks=hooks,
            monitoring=self.monitoring or _same(monitoring),
            expiration=self.expiration,
            encryption_key=safekeeping.encryption_key,
            vpc_config=safekeeping.vpc_config,
            tracing=safekeeping.tracing,
            removal_policy=safekeeping.removal_policy,
        )
        self._allow_load(batch)
        return batch

    def _allow_load(self, batch: BatchTransformPipeline) -> None:
        """Let the state machine list the answers, run an execution for each, and write down what they came to."""
        role, bucket = batch.state_machine.role, batch.output_bucket
        below = {"StringLike": {"s3:prefix": [self.answers]}}
        allow(role, ["s3:ListBucket"], [bucket.bucket_arn], below)
        written = f"{WORK_PREFIX}*"
        grant_write(bucket, role, written)
        allow(role, ["s3:GetObject", "s3:ListMultipartUploadParts"], [bucket.arn_for_objects(written)])
        statements = map_run_statements(batch, batch.state_machine)
        assert isinstance(role, iam.Role)
        role.attach_inline_policy(iam.Policy(batch, "LoadPolicy", statements=statements))


def _same(monitoring: HybridMonitoring | None) -> BatchMonitoring | None:
    """Alarms of the batch that do what those of the look-ups do."""
    if monitoring is None:
        return None
    return BatchMonitoring(
        actions=monitoring.actions, composite=monitoring.composite, runbook_url=monitoring.runbook_url
    )
