"""Asynchronous inference: large or slow requests through S3, answered by notification, down to zero instances."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.checks import Checks, check_kinds
from constructs_lib.endpoints.async_dashboard import dashboard_widgets
from constructs_lib.endpoints.async_metrics import AsyncMetrics
from constructs_lib.endpoints.async_monitoring import AsyncMonitoring
from constructs_lib.endpoints.async_storage import AsyncStorage
from constructs_lib.endpoints.backlog_scaling import scale_on_backlog
from constructs_lib.endpoints.composite_models import MultiContainerModel
from constructs_lib.endpoints.endpoint import Endpoint, check_endpoint_name
from constructs_lib.endpoints.endpoint_logs import EndpointLogs
from constructs_lib.endpoints.graphs import Fleet
from constructs_lib.endpoints.model import BaseModel
from constructs_lib.endpoints.naming import derived_name
from constructs_lib.endpoints.network import VpcConfig
from constructs_lib.endpoints.notifications import Notifications
from constructs_lib.endpoints.results_consumer import BoundResultsConsumer, ResultsConsumer
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.scaling import check_not_burstable
from constructs_lib.endpoints.submission import BoundSubmission, InputSubmission
from constructs_lib.endpoints.variant import Variant
from constructs_lib.facts import asynchronous
from constructs_lib.options import Backlog
from constructs_lib.outputs import (
    ERROR_TOPIC_ARN,
    INPUT_BUCKET_NAME,
    INPUT_PREFIX,
    NOTIFICATION_QUEUE_URL,
    OUTPUT_BUCKET_NAME,
    STATUS_TABLE_NAME,
    SUCCESS_TOPIC_ARN,
    InferenceOption,
)

_Config = sagemaker.CfnEndpointConfig
_MONITORING = AsyncMonitoring()


class AsyncEndpoint(AsyncMetrics, Endpoint):
    """One model behind a queue, with its buckets, topics and notification queue.

    Answers are put under ``s3://OUTPUT/success/``, errors under ``s3://OUTPUT/failure/``; each is announced on its
    topic and on the notification queue, which is subscribed to both.

    :param model: the model to serve; its execution role gets access to the buckets and topics. Not a ``MultiModel`` and
        not a ``MultiContainerModel``: a request cannot name a part of it.
    :param instance_type: such as ``ml.m5.large``.
    :param max_concurrent_invocations_per_instance: requests that one instance works on at once, 1 to 1000; SageMaker
        chooses by default.
    :param initial_instance_count: instances at the first deployment, 1 or more even where scaling goes down to zero.
    :param autoscaling: how instances follow the backlog; by default the count is fixed.
    :param storage: buckets and paths; by default buckets are made.
    :param success_topic: is told of each answer; made by default.
    :param error_topic: is told of each error; made by default.
    :param submission: submit objects that are put under a prefix of the input bucket; by default callers submit.
    :param results_consumer: take the notifications with a function; by default clients read the queue.
    :param monitoring: which alarms are made, and what they do; ``None`` for none. By default they are on.
    :param logs: how long the lines of the containers are kept; for ever by default, in a log group of SageMaker's.
    :param endpoint_name: a fixed name, at most 63 letters, digits and hyphens; AWS chooses one by default.
    :param encryption_key: key for all that is made here, also logs and environments of functions, for the instances'
        volumes, and for what is put into an output bucket that is handed in; AWS's own keys by default. Types with NVMe
        disks of their own encrypt those by themselves.
    :param vpc_config: the subnets and security groups of the functions of ``submission`` and ``results_consumer``; none
        by default. The model has its own.
    :param tracing: let AWS X-Ray trace these functions; off by default, as each recorded trace is paid for.
    :param removal_policy: what becomes of buckets and queues when the stack goes; they are retained by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    inference_option = InferenceOption.ASYNC

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        model: BaseModel,
        instance_type: str,
        max_concurrent_invocations_per_instance: int | None = None,
        initial_instance_count: int = 1,
        autoscaling: Backlog | None = None,
        storage: AsyncStorage | None = None,
        success_topic: sns.ITopic | None = None,
        error_topic: sns.ITopic | None = None,
        submission: InputSubmission | None = None,
        results_consumer: ResultsConsumer | None = None,
        monitoring: AsyncMonitoring | None = _MONITORING,
        logs: EndpointLogs | None = None,
        endpoint_name: str | None = None,
        encryption_key: kms.IKey | None = None,
        vpc_config: VpcConfig | None = None,
        tracing: bool = False,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        check_kinds(
            f"AsyncEndpoint {id}",
            model=(model, BaseModel),
            autoscaling=(autoscaling, Backlog),
            storage=(storage, AsyncStorage),
            submission=(submission, InputSubmission),
            results_consumer=(results_consumer, ResultsConsumer),
            monitoring=(monitoring, AsyncMonitoring),
            vpc_config=(vpc_config, VpcConfig),
        )
        storage = storage or AsyncStorage()
        checks = Checks(f"AsyncEndpoint {id}")
        variant = Variant(model=model, instance_type=instance_type, initial_instance_count=initial_instance_count)
        variant.check(checks)
        _check_model(checks, model)
        if autoscaling:
            check_not_burstable(checks, "", variant.instance_types)
        if submission:
            storage.check_apart(checks, submission.input_prefix)
        if submission and monitoring:
            monitoring.check_within(checks, submission.request_ttl_in_seconds)
        check_endpoint_name(checks, endpoint_name)
        checks.limit(
            "max_concurrent_invocations_per_instance",
            max_concurrent_invocations_per_instance,
            asynchronous.MAX_CONCURRENT_INVOCATIONS_PER_INSTANCE,
        )
        checks.done()

        super().__init__(scope, id, model=model)
        self.instance_type = instance_type
        self.encryption_key = encryption_key
        self.removal_policy = removal_policy
        functions = submission or results_consumer
        self.safekeeping = Safekeeping.of(
            self,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            vpc_config=vpc_config if functions else None,
            tracing=tracing,
        )
        self._store(storage)
        self._announce(success_topic, error_topic, has_consumer=results_consumer is not None)
        self._create(
            variants=[variant.render()],
            endpoint_name=derived_name(self) if logs and endpoint_name is None else endpoint_name,
            logs=logs,
            encryption_key=encryption_key,
            retain_variant_properties=True,
            kms_key_id=encryption_key.key_arn if encryption_key else None,
            async_inference_config=self._async_inference(max_concurrent_invocations_per_instance),
        )
        if autoscaling:
            scale_on_backlog(self, autoscaling)
        consumer = results_consumer.bind(self) if results_consumer else None
        self.results_consumer: BoundResultsConsumer | None = consumer
        table = consumer.table if consumer else None
        self.submission: BoundSubmission | None = submission.bind(self, table) if submission else None
        time_to_live = submission.request_ttl_in_seconds if submission else None
        watched = monitoring.of(self, time_to_live, has_consumer=consumer is not None) if monitoring else ()
        self._watch(monitoring, watched)

    def _store(self, storage: AsyncStorage) -> None:
        self._storage = storage.bind(self, encryption_key=self.encryption_key, removal_policy=self.removal_policy)
        self._storage.grant_model(self.model.execution_role)
        self.input_bucket = self._storage.buckets.input
        self.output_bucket = self._storage.buckets.output

    def _announce(
        self, success_topic: sns.ITopic | None, error_topic: sns.ITopic | None, *, has_consumer: bool
    ) -> None:
        made = Notifications(
            self,
            "Notifications",
            success_topic=success_topic,
            error_topic=error_topic,
            has_consumer=has_consumer,
            encryption_key=self.encryption_key,
            removal_policy=self.removal_policy,
        )
        made.grant_publish(self.model.execution_role)
        self.success_topic, self.error_topic = made.success_topic, made.error_topic
        self.notification_queue, self.dead_letter_queue = made.queue, made.dead_letter_queue

    @property
    def dead_letter_queues(self) -> dict[str, sqs.IQueue]:
        """What nobody could take: notifications, and objects that were to submit themselves; by the names of alarms."""
        queues: dict[str, sqs.IQueue] = {"DeadLetters": self.dead_letter_queue}
        return queues | ({"SubmissionDeadLetters": self.submission.dead_letter_queue} if self.submission else {})

    def grant_submit(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` put an input where clients do, and call ``InvokeEndpointAsync``, with or without one."""
        self._storage.grant_put(grantee)
        return self._grant(grantee, ["sagemaker:InvokeEndpointAsync"])

    def grant_read_results(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read answers and errors, and learn of them: from the queue, or the table of its consumer."""
        granted = self._storage.grant_read(grantee)
        if self.results_consumer is None:
            return self.notification_queue.grant_consume_messages(grantee).combine(granted)
        read = self.results_consumer.grant_read(grantee)
        return read.combine(granted) if read else granted

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard: ``dashboard.add_widgets(*endpoint.dashboard_widgets())``."""
        return dashboard_widgets(self)

    def fleets(self) -> list[Fleet]:
        """What is paid for by the hour."""
        samples = self.metric_cpu_utilization(statistic="SampleCount")
        return [Fleet(instance_type=self.instance_type, price_name=f"async:{self.instance_type}", samples=samples)]

    def _outputs(self) -> dict[str, str]:
        outputs = super()._outputs() | {
            INPUT_BUCKET_NAME: self.input_bucket.bucket_name,
            INPUT_PREFIX: self._storage.options.client_input_prefix,
            OUTPUT_BUCKET_NAME: self.output_bucket.bucket_name,
            SUCCESS_TOPIC_ARN: self.success_topic.topic_arn,
            ERROR_TOPIC_ARN: self.error_topic.topic_arn,
        }
        if self.results_consumer is None:
            return outputs | {NOTIFICATION_QUEUE_URL: self.notification_queue.queue_url}
        table = self.results_consumer.table
        return outputs | {STATUS_TABLE_NAME: table.table_name} if table else outputs

    def _async_inference(self, max_concurrent: int | None) -> _Config.AsyncInferenceConfigProperty:
        client = _Config.AsyncInferenceClientConfigProperty(max_concurrent_invocations_per_instance=max_concurrent)
        key = self._storage.output_key
        return _Config.AsyncInferenceConfigProperty(
            client_config=client if max_concurrent is not None else None,
            output_config=_Config.AsyncInferenceOutputConfigProperty(
                s3_output_path=self._storage.success_path,
                s3_failure_path=self._storage.failure_path,
                kms_key_id=key.key_arn if key else None,
                notification_config=_Config.AsyncInferenceNotificationConfigProperty(
                    success_topic=self.success_topic.topic_arn, error_topic=self.error_topic.topic_arn
                ),
            ),
        )


def _check_model(checks: Checks, model: BaseModel) -> None:
    named = model.is_multi_model or isinstance(model, MultiContainerModel)
    problem = f"model must not be a {type(model).__name__}: an asynchronous request cannot name a part of it"
    remedy = "give each part an endpoint of its own, or serve it with RealtimeEndpoint"
    checks.require(not named, f"{problem}; {remedy}", asynchronous.NO_TARGET)
