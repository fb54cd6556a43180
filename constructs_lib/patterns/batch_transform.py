"""Batch transform: a whole data set through a model, no endpoint; one transform job an execution."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.model import Model
from constructs_lib.endpoints.outputs import add_outputs
from constructs_lib.endpoints.storage import PayloadBuckets
from constructs_lib.facts import schedules, transform, variants
from constructs_lib.options import Expiration, TransformOptions
from constructs_lib.outputs import (
    INFERENCE_OPTION,
    INPUT_BUCKET_NAME,
    INPUT_PREFIX,
    OUTPUT_BUCKET_NAME,
    STATE_MACHINE_ARN,
    InferenceOption,
)
from constructs_lib.patterns.transform_job import JOB_NAME_PREFIX, TransformJob, allow_transform_jobs, definition


class BatchTransformPipeline(Construct):
    """One model over all objects below a prefix, on demand or on a schedule.

    Inputs are read from ``s3://INPUT/input_prefix``, answers are put under ``s3://OUTPUT/EXECUTION-NAME/`` as
    ``<input>.out``. An execution may give ``{"input_prefix": "..."}`` to read elsewhere in the same bucket; its output
    is ``{"transform_job_name": ..., "output": "s3://..."}``.

    :param model: the model; its execution role gets access to the buckets.
    :param instance_type: such as ``ml.m5.large``.
    :param instance_count: instances of the job, 1 to 100; more than there are input objects stand idle.
    :param input_bucket: where inputs are; one is made by default.
    :param input_prefix: the part of the bucket to read, ``input/`` by default.
    :param options: how inputs are cut into requests and answers put together.
    :param schedule: when to run by itself; by default only on demand.
    :param expiration: after how many days inputs (7, in a bucket of ours) and outputs (30) are deleted.
    :param encryption_key: key for the buckets; AWS's own keys by default.
    :param removal_policy: what becomes of the buckets when the stack goes; they are retained by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        model: Model,
        instance_type: str,
        instance_count: int = 1,
        input_bucket: s3.IBucket | None = None,
        input_prefix: str = "input/",
        options: TransformOptions | None = None,
        schedule: scheduler.ScheduleExpression | None = None,
        expiration: Expiration | None = None,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        checks = Checks(f"BatchTransformPipeline {id}")
        checks.limit("instance_type", instance_type, variants.INSTANCE_TYPE, "choose one such as ml.m5.large")
        checks.limit("instance_count", instance_count, transform.INSTANCE_COUNT)
        expression = schedule.expression_string if schedule else None
        checks.limit("schedule", expression, schedules.EXPRESSION, "for instance cron(0 2 * * ? *)")
        checks.done()
        super().__init__(scope, id)
        self.model = model
        self.input_prefix = input_prefix
        buckets = PayloadBuckets(
            self,
            expiration=expiration or Expiration(),
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            input_bucket=input_bucket,
        )
        buckets.grant_model(model.execution_role)
        self.input_bucket = buckets.input
        self.output_bucket = buckets.output
        job = TransformJob(
            model_name=model.model_name,
            instance_type=instance_type,
            instance_count=instance_count,
            input_bucket=self.input_bucket.bucket_name,
            input_prefix=input_prefix,
            output_bucket=self.output_bucket.bucket_name,
            options=options or TransformOptions(),
        )
        self.state_machine = self._make_state_machine(job)
        if schedule:
            scheduler.Schedule(
                self, "Schedule", schedule=schedule, target=targets.StepFunctionsStartExecution(self.state_machine)
            )

    def grant_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` start an execution."""
        return self.state_machine.grant_start_execution(grantee)

    def grant_read_results(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read the answers."""
        return self.output_bucket.grant_read(grantee)

    def metric_failed(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of executions that failed."""
        return self.state_machine.metric_failed(statistic=statistic, period=period)

    def metric_succeeded(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of executions that succeeded."""
        return self.state_machine.metric_succeeded(statistic=statistic, period=period)

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

    def _make_state_machine(self, job: TransformJob) -> sfn.StateMachine:
        role = iam.Role(self, "StateMachineRole", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        allow_transform_jobs(self, role, self.model.execution_role)
        machine = sfn.StateMachine(
            self,
            "Resource",
            definition_body=sfn.DefinitionBody.from_string(definition(self, job)),
            role=role,
            comment=f"runs a SageMaker transform job, named {JOB_NAME_PREFIX}EXECUTION-START",
        )
        # An execution may start as soon as the machine is there, on a schedule at the latest.
        machine.node.add_dependency(self.model.execution_role)
        return machine
