"""Hybrid inference: answers computed beforehand and served from a table, fresh ones from an endpoint."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.checks import Checks, check_kinds
from constructs_lib.endpoints.network import VpcConfig
from constructs_lib.endpoints.outputs import add_outputs
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.facts import lambdas
from constructs_lib.options.answers import AnswerLines, check_lines
from constructs_lib.options.hybrid import Comparison, Fallback, Freshness, LookupApi, PredictionLoad, PredictionTable
from constructs_lib.outputs import (
    INFERENCE_OPTION,
    INPUT_BUCKET_NAME,
    INPUT_PREFIX,
    LOOKUP_FUNCTION_NAME,
    LOOKUP_URL,
    OUTPUT_BUCKET_NAME,
    OVERRIDE_FUNCTION_NAME,
    STATE_MACHINE_ARN,
    InferenceOption,
)
from constructs_lib.patterns.batch_hooks import BatchHooks
from constructs_lib.patterns.hybrid_api import make_api
from constructs_lib.patterns.hybrid_batch import HybridBatch
from constructs_lib.patterns.hybrid_checks import check_bound, check_endpoint, check_hooks, model_of
from constructs_lib.patterns.hybrid_functions import Endpoint, HybridFunctions, Wiring
from constructs_lib.patterns.hybrid_load import Load, grants_of
from constructs_lib.patterns.hybrid_metrics import HybridMetrics
from constructs_lib.patterns.hybrid_monitoring import HybridMonitoring
from constructs_lib.patterns.hybrid_table import make_table

_MONITORING = HybridMonitoring()


class HybridInference(HybridMetrics):
    """Most answers computed by a batch and looked up in a table; an endpoint for what is missing, stale or overridden.

    The batch and the endpoint run the same ``Model``: the batch takes that of the endpoint. Each stored answer carries
    the version of model and features and the time of its batch. One of another model, or older than ``freshness``
    allows, is not served. A batch is served as a whole or not at all: callers see the rows of the last batch that was
    loaded completely.

    :param endpoint: of this app; it answers for whom no stored answer may be served. Its variants share one model.
    :param instance_type: of the batch, such as ``ml.m5.large``.
    :param schedule: when the batch runs by itself, with a time zone; by default somebody starts it.
    :param batch: all else about it; by default its inputs are CSV below ``input/``, the id in the first column.
    :param table: capacity and recovery of the table; on demand and restorable by default.
    :param load: how answers go into the table, and how many may fail.
    :param freshness: how old an answer may be; two days by default.
    :param fallback: the time for an answer, the bound on requests to the endpoint, and the default answer.
    :param comparison: a share of the stored answers is compared with fresh ones; none by default.
    :param api: what callers ask over HTTP, signed: the function's own URL by default.
    :param monitoring: which alarms are made, of the batch too, and what they do; ``None`` for none. By default they are
        on.
    :param tracing: let AWS X-Ray trace functions and batch; off by default, as each recorded trace is paid for.
    :param encryption_key: key for the table, the dead letters, logs and environments of functions, and all that the
        batch stores; AWS's own keys by default.
    :param vpc_config: the subnets and security groups of all functions; none by default. The model has its own.
    :param removal_policy: what becomes of table, buckets, queue and logs when the stack goes; they are retained by
        default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        endpoint: Endpoint,
        instance_type: str,
        schedule: scheduler.ScheduleExpression | None = None,
        batch: HybridBatch | None = None,
        table: PredictionTable | None = None,
        load: PredictionLoad | None = None,
        freshness: Freshness | None = None,
        fallback: Fallback | None = None,
        comparison: Comparison | None = None,
        api: LookupApi = LookupApi.FUNCTION_URL,
        monitoring: HybridMonitoring | None = _MONITORING,
        tracing: bool = False,
        encryption_key: kms.IKey | None = None,
        vpc_config: VpcConfig | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        check_kinds(
            f"HybridInference {id}",
            schedule=(schedule, scheduler.ScheduleExpression),
            batch=(batch, HybridBatch),
            table=(table, PredictionTable),
            load=(load, PredictionLoad),
            freshness=(freshness, Freshness),
            fallback=(fallback, Fallback),
            comparison=(comparison, Comparison),
            monitoring=(monitoring, HybridMonitoring),
        )
        batch, load = batch or HybridBatch(), load or PredictionLoad()
        fallback, hooks = fallback or Fallback(), batch.hooks or BatchHooks()
        checks = Checks(f"HybridInference {id}")
        check_endpoint(checks, endpoint)
        check_lines(checks, batch.chosen_options)
        check_hooks(checks, hooks)
        fallback.check_within(checks, api)
        check_bound(checks, fallback, endpoint)
        checks.done()

        super().__init__(scope, id)
        self.endpoint = endpoint
        self.model = model_of(endpoint)
        safekeeping = Safekeeping.of(
            self,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            vpc_config=vpc_config,
            tracing=tracing,
        )
        self.table = make_table(
            self, table or PredictionTable(), encryption_key=encryption_key, removal_policy=removal_policy
        )
        self.dead_letter_queue = _make_queue(self, encryption_key, removal_policy)
        wiring = Wiring(
            table=self.table,
            dead_letter_queue=self.dead_letter_queue,
            endpoint=endpoint,
            model_version=self.model.model_name,
            lines=AnswerLines.of(batch.chosen_options),
            content_type=batch.chosen_options.content_type,
            load=load,
            freshness=freshness or Freshness(),
            fallback=fallback,
            comparison=comparison,
            safekeeping=safekeeping,
        )
        functions = HybridFunctions(self, "Functions", wiring=wiring)
        self.lookup_function, self.override_function = functions.lookup, functions.override
        self.compute_function = functions.compute
        self.load_function, self.switch_function = functions.load, functions.switch
        self.batch = batch.make(
            self,
            model=self.model,
            instance_type=instance_type,
            schedule=schedule,
            hooks=self._hooks(hooks, load),
            monitoring=monitoring,
            safekeeping=safekeeping,
        )
        for called in (self.load_function, self.switch_function, *grants_of(hooks.after)):
            called.grant_invoke(self.batch.state_machine.role)
        functions.grant_read_answers(self.batch.output_bucket, batch.answers)
        self._api = make_api(
            self,
            api,
            lookup=self.lookup_function,
            override=self.override_function,
            safekeeping=safekeeping,
        )
        self._watch(monitoring, monitoring.of(self, self.lookup_function, comparison) if monitoring else ())
        self.alarms |= self.batch.alarms

    @property
    def url(self) -> str:
        """Where look-ups are posted to, signed for ``lambda``, or for ``execute-api`` where it is an HTTP API's."""
        return self._api.url

    def grant_lookup(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` ask for answers: over HTTP, and by invoking the function."""
        return self.lookup_function.grant_invoke(grantee).combine(self._api.grant_lookup(grantee))

    def grant_override(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` say of whom something new is known, so that answers from before are not served."""
        granted = self.override_function.grant_invoke(grantee)
        over_http = self._api.grant_override(grantee)
        return granted.combine(over_http) if over_http else granted

    def add_outputs(self, prefix: str = "") -> None:
        """Make the stack outputs by which ``InferenceClient.for_stack`` finds table and batch.

        :param prefix: goes before the name of each output; tells several of one stack apart.
        """
        values = {
            INFERENCE_OPTION: InferenceOption.HYBRID,
            LOOKUP_FUNCTION_NAME: self.lookup_function.function_name,
            OVERRIDE_FUNCTION_NAME: self.override_function.function_name,
            LOOKUP_URL: self.url,
            STATE_MACHINE_ARN: self.batch.state_machine.state_machine_arn,
            INPUT_BUCKET_NAME: self.batch.input_bucket.bucket_name,
            INPUT_PREFIX: self.batch.input_prefix,
            OUTPUT_BUCKET_NAME: self.batch.output_bucket.bucket_name,
        }
        add_outputs(self, prefix, values)

    def _hooks(self, own: BatchHooks, load: PredictionLoad) -> BatchHooks:
        """The user's hooks, the load between the publication and the user's own step after it."""
        states = Load(
            partition=Stack.of(self).partition,
            load=self.load_function.function_arn,
            switch=self.switch_function.function_arn,
            model_version=self.model.model_name,
            max_concurrency=load.max_concurrency,
        )
        return BatchHooks(before=own.before, after=states.chain(self, own.after))


def _make_queue(scope: Construct, encryption_key: kms.IKey | None, removal_policy: RemovalPolicy) -> sqs.Queue:
    """Records that could be no rows, for as long as a queue can keep them."""
    return sqs.Queue(
        scope,
        "DeadLetterQueue",
        encryption=sqs.QueueEncryption.KMS if encryption_key else sqs.QueueEncryption.SQS_MANAGED,
        encryption_master_key=encryption_key,
        enforce_ssl=True,
        retention_period=Duration.seconds(lambdas.QUEUE_RETENTION.maximum),
        removal_policy=removal_policy,
    )
