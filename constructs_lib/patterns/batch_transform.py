"""Batch transform: a whole data set through a model, no endpoint; planned, sharded, verified, published."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from constructs_lib.checks import Checks, check_kinds
from constructs_lib.endpoints.model import BaseModel
from constructs_lib.endpoints.network import VpcConfig
from constructs_lib.endpoints.outputs import add_outputs
from constructs_lib.endpoints.readings import Watched
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.storage import PayloadBuckets, grant_read
from constructs_lib.facts import workflows
from constructs_lib.options import Expiration, TransformOptions
from constructs_lib.options.batch import RUNS_PREFIX, WORK_PREFIX, BatchRecovery, BatchResults, InputSelection
from constructs_lib.options.deadline import Deadline
from constructs_lib.options.sharding import Sharding
from constructs_lib.outputs import (
    INFERENCE_OPTION,
    INPUT_BUCKET_NAME,
    INPUT_PREFIX,
    OUTPUT_BUCKET_NAME,
    STATE_MACHINE_ARN,
    InferenceOption,
)
from constructs_lib.patterns.batch_checks import check_instances, check_prefix, check_split, check_start
from constructs_lib.patterns.batch_functions import BatchFunctions, Plan
from constructs_lib.patterns.batch_hooks import BatchHooks, bound
from constructs_lib.patterns.batch_keys import grant_history, under_key
from constructs_lib.patterns.batch_machine import make_state_machine
from constructs_lib.patterns.batch_metrics import BatchMetrics
from constructs_lib.patterns.batch_monitoring import BatchMonitoring, dashboard_widgets
from constructs_lib.patterns.batch_schedule import start_on_arrival, start_on_schedule, time_zone_of, watch_deadline

_MONITORING = BatchMonitoring()


class BatchTransformPipeline(BatchMetrics):
    """One model over all objects below a prefix, on demand, on a schedule, or when they are there.

    The objects are checked and cut into shards; each shard is a transform job. When every object has its answer, the
    answers are copied to ``s3://OUTPUT/results/DATE/RUN/answers/`` as ``<input>.out``, and ``_SUCCESS`` beside them is
    written last. When some have not, nothing is copied, the execution fails, and its redrive runs the failed shards.

    The input of an execution may be ``{}``, or name the objects by ``input_prefix``, by ``manifest`` (SageMaker's form)
    or by ``keys``, all in the input bucket; further ``modified_after``, ``modified_before``, ``date`` (of the results),
    and ``resume`` (a run whose shards that are not complete are to run). Its output is ``{"output": "s3://...",
    "report": "s3://...", "run": "...", "objects": 10, ...}``, or a ``note`` where there is nothing to do.

    :param model: the model; its execution role gets access to the buckets.
    :param instance_type: such as ``ml.m5.large``.
    :param instance_count: instances of a job, 1 to 100; more than a shard has objects stand idle.
    :param input_bucket: where inputs are; one is made by default.
    :param input_prefix: the part of the bucket to read, ``input/`` by default.
    :param selection: which objects below it; all by default.
    :param options: how inputs are cut into requests and answers put together.
    :param sharding: how the objects are cut into jobs; one job by default.
    :param recovery: what is tried again, on which other instances, and for how long.
    :param results: where the results go, and whether records are compared.
    :param schedule: when to run by itself, with a time zone.
    :param ready_suffix: run when an object is put below the prefix whose key ends so, such as ``_READY``; the batch
        reads its folder.
    :param deadline: when a batch must be complete; checked against the schedule now, and watched later.
    :param hooks: steps of one's own before and after.
    :param monitoring: alarms and what they do, notifications, prices; ``None`` for none. By default an alarm goes off
        for each batch that does not succeed, or is late.
    :param expiration: after how many days inputs (7, in a bucket of ours) and outputs (30) are deleted.
    :param encryption_key: key for buckets, answers, logs, environments of functions, schedules, definition and history
        of the state machine, and for the disks of the jobs, if their types take one; AWS's own keys by default.
    :param vpc_config: the subnets and security groups of the functions; none by default. The model has its own.
    :param tracing: let AWS X-Ray trace state machine and functions; off by default, as each recorded trace is paid for.
    :param removal_policy: what becomes of buckets and logs when the stack goes; they are retained by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        model: BaseModel,
        instance_type: str,
        instance_count: int = 1,
        input_bucket: s3.IBucket | None = None,
        input_prefix: str = "input/",
        selection: InputSelection | None = None,
        options: TransformOptions | None = None,
        sharding: Sharding | None = None,
        recovery: BatchRecovery | None = None,
        results: BatchResults | None = None,
        schedule: scheduler.ScheduleExpression | None = None,
        ready_suffix: str | None = None,
        deadline: Deadline | None = None,
        hooks: BatchHooks | None = None,
        monitoring: BatchMonitoring | None = _MONITORING,
        expiration: Expiration | None = None,
        encryption_key: kms.IKey | None = None,
        vpc_config: VpcConfig | None = None,
        tracing: bool = False,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        check_kinds(
            f"BatchTransformPipeline {id}",
            model=(model, BaseModel),
            selection=(selection, InputSelection),
            options=(options, TransformOptions),
            sharding=(sharding, Sharding),
            recovery=(recovery, BatchRecovery),
            results=(results, BatchResults),
            schedule=(schedule, scheduler.ScheduleExpression),
            deadline=(deadline, Deadline),
            hooks=(hooks, BatchHooks),
            monitoring=(monitoring, BatchMonitoring),
            expiration=(expiration, Expiration),
        )
        options = options or TransformOptions()
        sharding = sharding or Sharding(count=1)
        recovery = recovery or BatchRecovery()
        results = results or BatchResults()
        instance_types = (instance_type, *recovery.fallback_instance_types)
        expression = schedule.expression_string if schedule else None
        time_zone = time_zone_of(schedule)

        checks = Checks(f"BatchTransformPipeline {id}")
        check_instances(checks, instance_types, instance_count, options)
        check_split(checks, options)
        sharding.check(checks, instance_count)
        results.check(checks, split_type=options.split_type, assemble_with=options.assemble_with)
        check_prefix(checks, input_prefix)
        check_start(checks, expression, time_zone, ready_suffix)
        if deadline:
            deadline.check(checks, expression, time_zone)
        if monitoring:
            monitoring.check(checks, instance_types)
        checks.done()

        super().__init__(scope, id)
        self.model = model
        self.input_prefix = input_prefix
        self._encryption_key = encryption_key
        safekeeping = Safekeeping.of(
            self,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            vpc_config=vpc_config,
            tracing=tracing,
        )
        self.input_bucket, self.output_bucket = self._make_buckets(
            expiration or Expiration(), encryption_key, removal_policy, input_bucket
        )
        plan = Plan(
            input_bucket=self.input_bucket,
            input_prefix=input_prefix,
            output_bucket=self.output_bucket,
            model_name=model.model_name,
            options=under_key(options, instance_types, encryption_key),
            selection=selection or InputSelection(),
            sharding=sharding,
            recovery=recovery,
            results=results,
            ready_suffix=ready_suffix,
            time_zone=time_zone,
            prices_per_hour=monitoring.prices_per_hour if monitoring else {},
        )
        self._functions = BatchFunctions(self, "Functions", plan=plan, safekeeping=safekeeping)
        self.state_machine = make_state_machine(
            self,
            plan,
            self._functions,
            model=model,
            instance_types=instance_types,
            instance_count=instance_count,
            safekeeping=safekeeping,
            hooks=bound(hooks or BatchHooks(), self, plan, safekeeping),
        )
        if schedule:
            start_on_schedule(self, schedule, self.state_machine, encryption_key)
        if ready_suffix:
            start_on_arrival(self, self.input_bucket, input_prefix, ready_suffix, self.state_machine, encryption_key)
        if deadline:
            watch_deadline(
                self,
                deadline,
                schedule,
                output_bucket=self.output_bucket,
                results_prefix=results.prefix,
                state_machine=self.state_machine,
                safekeeping=safekeeping,
            )
        if monitoring:
            monitoring.notify(self, self.state_machine)
        self._watch(monitoring, self._watched(monitoring, has_deadline=deadline is not None))

    def grant_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` start an execution."""
        return self._with_key(self.state_machine.grant_start_execution(grantee), grantee)

    def grant_run(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` do what ``InferenceClient.run_batch`` does: put inputs, run them, look on, read the answers.

        Inputs may be put below ``runs/`` alone, and only executions of this pipeline be looked at and stopped.
        """
        self.input_bucket.grant_put(grantee, f"{RUNS_PREFIX}*")
        bucket = self.input_bucket.bucket_arn
        counted = iam.Grant.add_to_principal(grantee=grantee, actions=["s3:ListBucket"], resource_arns=[bucket])
        followed = self.state_machine.grant_execution(grantee, "states:DescribeExecution", "states:StopExecution")
        return self.grant_start(grantee).combine(followed).combine(counted).combine(self.grant_read_results(grantee))

    def grant_redrive(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` run the failed shards of a failed execution again."""
        return self._with_key(self.state_machine.grant_redrive_execution(grantee), grantee)

    def grant_read_results(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read the answers."""
        return self.output_bucket.grant_read(grantee)

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard of CloudWatch."""
        return dashboard_widgets(self)

    def add_outputs(self, prefix: str = "") -> None:
        """Make the stack outputs by which ``InferenceClient.for_stack`` finds the pipeline.

        :param prefix: goes before the name of each output; tells several pipelines of one stack apart.
        """
        values = {
            INFERENCE_OPTION: InferenceOption.BATCH,
            STATE_MACHINE_ARN: self.state_machine.state_machine_arn,
            INPUT_BUCKET_NAME: self.input_bucket.bucket_name,
            INPUT_PREFIX: self.input_prefix,
            OUTPUT_BUCKET_NAME: self.output_bucket.bucket_name,
        }
        add_outputs(self, prefix, values)

    def _watched(self, monitoring: BatchMonitoring | None, *, has_deadline: bool) -> Iterable[Watched]:
        if monitoring is None:
            return ()
        machine = self.state_machine.state_machine_arn
        return monitoring.of(machine, self.metric_dimensions, has_deadline=has_deadline)

    def _with_key(self, granted: iam.Grant, grantee: iam.IGrantable) -> iam.Grant:
        with_key = grant_history(self, grantee, self._encryption_key)
        return granted.combine(with_key) if with_key else granted

    def _make_buckets(
        self,
        expiration: Expiration,
        encryption_key: kms.IKey | None,
        removal_policy: RemovalPolicy,
        input_bucket: s3.IBucket | None,
    ) -> tuple[s3.IBucket, s3.IBucket]:
        buckets = PayloadBuckets(
            self,
            expiration=expiration,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            input_bucket=input_bucket,
        )
        role, work = self.model.execution_role, f"{WORK_PREFIX}*"
        buckets.grant_model(role, work)
        grant_read(buckets.output, role, work)
        if isinstance(buckets.output, s3.Bucket):
            # As long as a failed execution can be redriven.
            stays = Duration.days(int(workflows.REDRIVE_PERIOD.maximum))
            buckets.output.add_lifecycle_rule(prefix=WORK_PREFIX, expiration=stays)
        return buckets.input, buckets.output
