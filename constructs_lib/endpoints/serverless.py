"""Serverless inference: no instances to choose or to pay for while nobody asks; the first request waits for a start."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib.checks import Checks, check_kinds
from constructs_lib.endpoints.endpoint import SynchronousEndpoint, check_endpoint_name
from constructs_lib.endpoints.endpoint_logs import EndpointLogs
from constructs_lib.endpoints.endpoint_monitoring import ServerlessMonitoring
from constructs_lib.endpoints.graphs import of_serverless
from constructs_lib.endpoints.model import BaseModel
from constructs_lib.endpoints.naming import derived_name
from constructs_lib.endpoints.rollout import Rollout
from constructs_lib.endpoints.rollout_checks import check_serverless
from constructs_lib.endpoints.serverless_metrics import ServerlessMetrics
from constructs_lib.endpoints.serverless_model import check_model
from constructs_lib.endpoints.serverless_scaling import scale_provisioned_concurrency
from constructs_lib.endpoints.variant import CfnConfig
from constructs_lib.facts import serverless
from constructs_lib.options.provisioned import ProvisionedConcurrencyScaling
from constructs_lib.outputs import InferenceOption

_MONITORING = ServerlessMonitoring()


class ServerlessEndpoint(ServerlessMetrics, SynchronousEndpoint):
    """One model, run on demand. Requests and answers hold at most 4 MB.

    Data capture, shadows and several variants are for ``RealtimeEndpoint``; requests that are larger, or take longer
    than a minute, for ``AsyncEndpoint``.

    :param model: the model to serve: one container of at most 10 GB, from Amazon ECR, for CPUs, outside of a VPC and
        without network isolation, with a packed artifact. None of the AWS Marketplace.
    :param memory_size_in_mb: memory in MB, one of 1024, 2048, 3072, 4096, 5120, 6144; CPU grows with it. 2048 by
        default.
    :param max_concurrency: requests at once, 1 to 200; more are throttled. 5 by default.
    :param provisioned_concurrency: requests at once that never wait for a start, at most ``max_concurrency``; paid for
        all the time. None by default. With ``autoscaling`` it is what each deployment of a changed configuration begins
        with, ``min_capacity`` of it by default: SageMaker keeps no scaled concurrency over such an update. Given here,
        another ``min_capacity`` is no change of the configuration.
    :param autoscaling: how the provisioned concurrency follows its use and known peaks; by default it does not.
    :param encryption_key: the key of the copy of the image that SageMaker keeps; AWS's own by default.
    :param rollout: how updates go from the old version to the new one, and which alarms take them back, but for
        ``Rollout.rolling``; all at once and without alarms by default. The default alarms must know the name of the
        endpoint before it is there, so it gets one that is made of the names of stack and constructs. The first
        ``rollout`` of an endpoint that AWS has named replaces it, which ``cdk diff`` shows.
    :param monitoring: which alarms are made, and what they do; ``None`` for none. By default they are on errors.
    :param logs: how long the lines of the containers are kept; for ever by default, in a log group of SageMaker's.
    :param endpoint_name: a fixed name, at most 63 letters, digits and hyphens; AWS chooses one by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    inference_option = InferenceOption.SERVERLESS

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        model: BaseModel,
        memory_size_in_mb: int = 2048,
        max_concurrency: int = 5,
        provisioned_concurrency: int | None = None,
        autoscaling: ProvisionedConcurrencyScaling | None = None,
        encryption_key: kms.IKey | None = None,
        rollout: Rollout | None = None,
        monitoring: ServerlessMonitoring | None = _MONITORING,
        logs: EndpointLogs | None = None,
        endpoint_name: str | None = None,
    ) -> None:
        check_kinds(
            f"ServerlessEndpoint {id}",
            model=(model, BaseModel),
            autoscaling=(autoscaling, ProvisionedConcurrencyScaling),
            rollout=(rollout, Rollout),
            monitoring=(monitoring, ServerlessMonitoring),
        )
        checks = Checks(f"ServerlessEndpoint {id}")
        check_model(checks, model)
        checks.limit("memory_size_in_mb", memory_size_in_mb, serverless.MEMORY_SIZE_IN_MB)
        checks.limit("max_concurrency", max_concurrency, serverless.MAX_CONCURRENCY)
        checks.limit("provisioned_concurrency", provisioned_concurrency, serverless.PROVISIONED_CONCURRENCY)
        checks.at_most(
            ("provisioned_concurrency", provisioned_concurrency),
            ("max_concurrency", max_concurrency),
            serverless.PROVISIONED_CONCURRENCY,
            "lower it or raise max_concurrency",
        )
        if autoscaling:
            autoscaling.check_within(checks, max_concurrency)
        if rollout:
            check_serverless(checks, rollout)
        check_endpoint_name(checks, endpoint_name)
        checks.done()
        super().__init__(scope, id, model=model)
        self.max_concurrency = max_concurrency
        if autoscaling and provisioned_concurrency is None:
            # Only what is provisioned from the start can be scaled (AS-DIMS-KIND).
            provisioned_concurrency = autoscaling.min_capacity
        if endpoint_name is None and (logs or (rollout and rollout.default_alarms)):
            endpoint_name = derived_name(self)
        roles = [model.execution_role]
        guard = rollout.bind(self, endpoint_name, [self.variant_name], roles, is_serverless=True) if rollout else None
        self.rollback_alarms: tuple[cloudwatch.IAlarm, ...] = guard.alarms if guard else ()
        variant = CfnConfig.ProductionVariantProperty(
            model_name=model.model_name,
            variant_name=self.variant_name,
            initial_variant_weight=1,
            serverless_config=CfnConfig.ServerlessConfigProperty(
                memory_size_in_mb=memory_size_in_mb,
                max_concurrency=max_concurrency,
                provisioned_concurrency=provisioned_concurrency,
            ),
        )
        self._create(
            variants=[variant],
            after=[guard.policy] if guard and guard.policy else [],
            logs=logs,
            encryption_key=encryption_key,
            deployment_config=guard.config if guard else None,
            kms_key_id=encryption_key.key_arn if encryption_key else None,
            endpoint_name=endpoint_name,
            # A serverless variant has no instance counts or weights to keep, and its concurrency is not kept by this.
            retain_variant_properties=False,
        )
        if autoscaling:
            scale_provisioned_concurrency(self, autoscaling)
        self._watch(monitoring, monitoring.of(self) if monitoring else ())

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard of CloudWatch."""
        return of_serverless(self)
