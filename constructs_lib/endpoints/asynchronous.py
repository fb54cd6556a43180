"""Asynchronous inference: large or slow requests through S3, answered by notification, down to zero instances."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.backlog_scaling import scale_on_backlog
from constructs_lib.endpoints.endpoint import Endpoint, check_endpoint_name
from constructs_lib.endpoints.model import Model
from constructs_lib.endpoints.notifications import Notifications
from constructs_lib.endpoints.scaling import check_not_burstable
from constructs_lib.endpoints.storage import PayloadBuckets
from constructs_lib.endpoints.variant import Variant
from constructs_lib.facts import asynchronous
from constructs_lib.options import Backlog, Expiration
from constructs_lib.outputs import (
    ERROR_TOPIC_ARN,
    INPUT_BUCKET_NAME,
    NOTIFICATION_QUEUE_URL,
    OUTPUT_BUCKET_NAME,
    SUCCESS_TOPIC_ARN,
    InferenceOption,
)

_Config = sagemaker.CfnEndpointConfig
_SUCCESS_PREFIX = "success"
_FAILURE_PREFIX = "failure"


class AsyncEndpoint(Endpoint):
    """One model behind a queue, with its buckets, topics and notification queue.

    Answers are put under ``s3://OUTPUT/success/``, errors under ``s3://OUTPUT/failure/``; each is announced on its
    topic and on the notification queue, which is subscribed to both.

    :param model: the model to serve; its execution role gets access to the buckets and topics.
    :param instance_type: such as ``ml.m5.large``.
    :param max_concurrent_invocations_per_instance: requests that one instance works on at once, 1 to 1000; SageMaker
        chooses by default.
    :param initial_instance_count: instances at the first deployment, 1 or more even where scaling goes down to zero.
    :param autoscaling: how instances follow the backlog; by default the count is fixed.
    :param endpoint_name: a fixed name, at most 63 letters, digits and hyphens; AWS chooses one by default.
    :param expiration: after how many days inputs (7) and outputs (30) are deleted.
    :param encryption_key: key for buckets, topics and queues; AWS's own keys by default.
    :param removal_policy: what becomes of buckets and queues when the stack goes; they are retained by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    inference_option = InferenceOption.ASYNC

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        model: Model,
        instance_type: str,
        max_concurrent_invocations_per_instance: int | None = None,
        initial_instance_count: int = 1,
        autoscaling: Backlog | None = None,
        endpoint_name: str | None = None,
        expiration: Expiration | None = None,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        checks = Checks(f"AsyncEndpoint {id}")
        variant = Variant(model=model, instance_type=instance_type, initial_instance_count=initial_instance_count)
        variant.check(checks)
        if autoscaling:
            check_not_burstable(checks, "", variant.instance_types)
        check_endpoint_name(checks, endpoint_name)
        checks.limit(
            "max_concurrent_invocations_per_instance",
            max_concurrent_invocations_per_instance,
            asynchronous.MAX_CONCURRENT_INVOCATIONS_PER_INSTANCE,
        )
        checks.done()

        super().__init__(scope, id, model=model)
        buckets = PayloadBuckets(
            self,
            expiration=expiration or Expiration(),
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        )
        buckets.grant_model(model.execution_role)
        self.input_bucket = buckets.input
        self.output_bucket = buckets.output
        notifications = Notifications(
            self, "Notifications", encryption_key=encryption_key, removal_policy=removal_policy
        )
        notifications.grant_publish(model.execution_role)
        self.success_topic = notifications.success_topic
        self.error_topic = notifications.error_topic
        self.notification_queue = notifications.queue
        self.dead_letter_queue = notifications.dead_letter_queue
        self._create(
            variants=[variant.render()],
            endpoint_name=endpoint_name,
            retain_variant_properties=True,
            async_inference_config=self._async_inference(max_concurrent_invocations_per_instance),
        )
        if autoscaling:
            scale_on_backlog(self, autoscaling)

    def grant_submit(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` put a request into the input bucket and call ``InvokeEndpointAsync``."""
        self.input_bucket.grant_put(grantee)
        return self._grant(grantee, ["sagemaker:InvokeEndpointAsync"])

    def grant_read_results(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` take notifications from the queue and read answers and errors in the output bucket."""
        self.notification_queue.grant_consume_messages(grantee)
        return self.output_bucket.grant_read(grantee)

    def metric_backlog(self, *, statistic: str = "Maximum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of requests that wait or run."""
        return self.metric(asynchronous.BACKLOG_SIZE, statistic=statistic, period=period, per_variant=False)

    def metric_age_of_oldest_request(
        self, *, statistic: str = "Maximum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Age of the request that has waited longest, in seconds."""
        return self.metric(asynchronous.AGE_OF_OLDEST_REQUEST, statistic=statistic, period=period, per_variant=False)

    def _outputs(self) -> dict[str, str]:
        return super()._outputs() | {
            INPUT_BUCKET_NAME: self.input_bucket.bucket_name,
            OUTPUT_BUCKET_NAME: self.output_bucket.bucket_name,
            NOTIFICATION_QUEUE_URL: self.notification_queue.queue_url,
            SUCCESS_TOPIC_ARN: self.success_topic.topic_arn,
            ERROR_TOPIC_ARN: self.error_topic.topic_arn,
        }

    def _async_inference(self, max_concurrent: int | None) -> _Config.AsyncInferenceConfigProperty:
        client = _Config.AsyncInferenceClientConfigProperty(max_concurrent_invocations_per_instance=max_concurrent)
        return _Config.AsyncInferenceConfigProperty(
            client_config=client if max_concurrent is not None else None,
            output_config=_Config.AsyncInferenceOutputConfigProperty(
                s3_output_path=self.output_bucket.s3_url_for_object(_SUCCESS_PREFIX),
                s3_failure_path=self.output_bucket.s3_url_for_object(_FAILURE_PREFIX),
                notification_config=_Config.AsyncInferenceNotificationConfigProperty(
                    success_topic=self.success_topic.topic_arn, error_topic=self.error_topic.topic_arn
                ),
            ),
        )
