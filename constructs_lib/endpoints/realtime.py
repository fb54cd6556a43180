"""Real-time inference: an endpoint on instances, always on, for answers within milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aws_cdk import RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.checks import Checks, check_kinds
from constructs_lib.endpoints.capture import DataCapture
from constructs_lib.endpoints.endpoint import SynchronousEndpoint, check_endpoint_name
from constructs_lib.endpoints.endpoint_logs import EndpointLogs
from constructs_lib.endpoints.endpoint_monitoring import RealtimeMonitoring
from constructs_lib.endpoints.graphs import Fleet, of_instances
from constructs_lib.endpoints.invocable import ImportedEndpoint, import_by_arn, import_by_name
from constructs_lib.endpoints.metrics import InstanceMetrics
from constructs_lib.endpoints.model import BaseModel
from constructs_lib.endpoints.naming import check_replacement, derived_name, generation_of
from constructs_lib.endpoints.rollout import Rollout
from constructs_lib.endpoints.rollout_checks import check_on_instances
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.scaling import check_variant_scaling, scale_variant
from constructs_lib.endpoints.variant import DEFAULT_VARIANT, Variant, VariantProperty
from constructs_lib.facts import scaling as scaling_facts
from constructs_lib.facts import shadow as shadow_facts
from constructs_lib.facts import variants as facts
from constructs_lib.options import Autoscaling
from constructs_lib.outputs import InferenceOption
from constructs_lib.tokens import is_token

_MONITORING = RealtimeMonitoring()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A variant that gets copies of requests; its answers are thrown away, its metrics are not.

    :param variant: the variant to compare with the production one; its weight is not used.
    :param share: which part of the requests is copied, above 0 and at most 1; 1 by default.
    """

    variant: Variant
    share: float = 1

    def check(self, checks: Checks) -> None:
        """Note every problem of the shadow variant."""
        self.variant.check(checks, "shadow.variant.")
        problem = f"shadow.share must be above 0 and at most 1, got {self.share}; leave shadow out to copy nothing"
        checks.require(is_token(self.share) or 0 < self.share <= 1, problem, facts.WEIGHT)


class RealtimeEndpoint(InstanceMetrics, SynchronousEndpoint):
    """One model on instances, or several variants that share the traffic.

    :param model: the model to serve; or give ``variants``.
    :param instance_type: such as ``ml.m5.large``.
    :param initial_instance_count: instances at the first deployment; 1 by default. Later updates keep the count that
        autoscaling or a person has set; see ``exclude_retained_variant_properties``.
    :param autoscaling: how the number of instances follows the traffic; by default it does not.
    :param variants: 1 to 10 variants in place of the four arguments above; each has its own.
    :param shadow: a variant to which requests are copied; with one production variant only.
    :param encryption_key: key for the instances' volumes and captured data; AWS's own by default. Types with NVMe disks
        of their own encrypt those by themselves.
    :param removal_policy: what becomes of captured data when the stack goes; they are retained by default.
    :param rollout: how updates go from the old instances to the new ones, and which alarms take them back; all at once
        and without alarms by default. The default alarms must know the name of the endpoint before it is there, so it
        gets one that is made of the names of stack and constructs. The first ``rollout`` of an endpoint that AWS has
        named replaces it, which ``cdk diff`` shows.
    :param data_capture: which requests and answers are kept in S3; none by default.
    :param replace_on_instance_type_change: make another endpoint, with another name, when the instance types of scaled
        variants change, or one of these variants comes or goes. SageMaker refuses to update such a variant in place;
        the other way is to deploy once without its ``autoscaling``. The new endpoint starts with
        ``initial_instance_count``, without a rollout; the old one goes when all that refers to it has changed. False by
        default.
    :param exclude_retained_variant_properties: what updates take from the code, and not from the endpoint as it is:
        ``VariantProperty.DESIRED_WEIGHT`` deploys changed weights, ``VariantProperty.DESIRED_INSTANCE_COUNT`` changed
        counts of variants that are not scaled. None by default: what scaling or a person has set is kept.
    :param monitoring: which alarms are made, and what they do; ``None`` for none. By default they are on errors.
    :param logs: how long the lines of the containers are kept; for ever by default, in a log group of SageMaker's.
    :param endpoint_name: a fixed name, at most 63 letters, digits and hyphens; AWS chooses one by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    inference_option = InferenceOption.REALTIME

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        model: BaseModel | None = None,
        instance_type: str | None = None,
        initial_instance_count: int = 1,
        autoscaling: Autoscaling | None = None,
        variants: Sequence[Variant] | None = None,
        shadow: Shadow | None = None,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        rollout: Rollout | None = None,
        data_capture: DataCapture | None = None,
        replace_on_instance_type_change: bool = False,
        exclude_retained_variant_properties: Sequence[VariantProperty] = (),
        monitoring: RealtimeMonitoring | None = _MONITORING,
        logs: EndpointLogs | None = None,
        endpoint_name: str | None = None,
    ) -> None:
        check_kinds(
            f"RealtimeEndpoint {id}",
            model=(model, BaseModel),
            autoscaling=(autoscaling, Autoscaling),
            variants=(variants, (list, tuple)),
            shadow=(shadow, Shadow),
            rollout=(rollout, Rollout),
            data_capture=(data_capture, DataCapture),
            monitoring=(monitoring, RealtimeMonitoring),
        )
        checks = Checks(f"RealtimeEndpoint {id}")
        one_variant = "variants must be given, or model and instance_type, and not both; keep one of the two"
        checks.require((model is None) != (variants is None), one_variant, facts.PRODUCTION_VARIANTS)
        if model is not None:
            variants = [
                Variant(
                    model=model,
                    instance_type=instance_type,
                    initial_instance_count=initial_instance_count,
                    autoscaling=autoscaling,
                )
            ]
        production = list(variants or ())
        _check_variants(checks, production, is_alone=model is not None)
        if shadow:
            _check_shadow(checks, production, shadow)
        if rollout:
            check_on_instances(checks, rollout, production)
        if VariantProperty.DESIRED_INSTANCE_COUNT in exclude_retained_variant_properties:
            _check_not_scaled(checks, production)
        check_endpoint_name(checks, endpoint_name)
        replaced = [variant for variant in production if variant.autoscaling and replace_on_instance_type_change]
        if replace_on_instance_type_change:
            check_replacement(checks, endpoint_name, replaced)
        checks.done()
        super().__init__(scope, id, model=production[0].model, variant_name=production[0].name)
        self.variants = tuple(production)
        roles = _roles([*production, *([shadow.variant] if shadow else [])])
        if endpoint_name is None and (replaced or logs or (rollout and rollout.default_alarms)):
            endpoint_name = derived_name(self, generation_of(replaced))
        guard = rollout.bind(self, endpoint_name, [variant.name for variant in production], roles) if rollout else None
        safekeeping = Safekeeping(encryption_key=encryption_key, removal_policy=removal_policy)
        capture = data_capture.bind(self, roles, safekeeping) if data_capture else None
        self.rollback_alarms: tuple[cloudwatch.IAlarm, ...] = guard.alarms if guard else ()
        self.data_capture = data_capture
        self.capture_bucket: s3.IBucket | None = capture.bucket if capture else None
        self.capture_key: kms.IKey | None = capture.encryption_key if capture else None
        self._create(
            variants=[variant.render() for variant in production],
            shadow_production_variants=[_render_shadow(shadow, production[0])] if shadow else None,
            data_capture_config=capture.config if capture else None,
            after=[guard.policy] if guard and guard.policy else [],
            logs=logs,
            encryption_key=encryption_key,
            deployment_config=guard.config if guard else None,
            kms_key_id=encryption_key.key_arn if encryption_key else None,
            endpoint_name=endpoint_name,
            retain_variant_properties=True,
            exclude_retained=exclude_retained_variant_properties,
        )
        for variant in production:
            if variant.autoscaling:
                scale_variant(self, variant.name, variant.autoscaling)
        names = [variant.name for variant in production]
        self._watch(monitoring, monitoring.of(self, names) if monitoring else ())

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard of CloudWatch."""
        return of_instances(self, [variant.name for variant in self.variants])

    def fleets(self) -> list[Fleet]:
        """What is paid for by the hour; of variants with several instance types nobody knows what runs."""
        return [
            Fleet(
                instance_type=variant.instance_type,
                price_name=f"endpoint:{variant.instance_type}",
                samples=self.metric_cpu_utilization(statistic="SampleCount", variant_name=variant.name),
            )
            for variant in self.variants
            if variant.instance_type is not None
        ]

    @staticmethod
    def from_endpoint_name(
        scope: Construct, id: str, endpoint_name: str, *, variant_name: str = DEFAULT_VARIANT
    ) -> ImportedEndpoint:
        """An endpoint that is there already, in the account and Region of the stack.

        :param variant_name: the variant that its metrics are of where none is given.
        :raises InvalidConfiguration: for a name that SageMaker does not take.
        """
        return import_by_name(scope, id, endpoint_name, variant_name=variant_name)

    @staticmethod
    def from_endpoint_arn(
        scope: Construct, id: str, endpoint_arn: str, *, variant_name: str = DEFAULT_VARIANT
    ) -> ImportedEndpoint:
        """An endpoint that is there already, perhaps in another account or Region.

        :param variant_name: the variant that its metrics are of where none is given.
        :raises InvalidConfiguration: for what is not the ARN of an endpoint.
        """
        return import_by_arn(scope, id, endpoint_arn, variant_name=variant_name)


def _roles(variants: Sequence[Variant]) -> list[iam.IRole]:
    return list(dict.fromkeys(variant.model.execution_role for variant in variants))


def _check_variants(checks: Checks, variants: Sequence[Variant], *, is_alone: bool) -> None:
    if not variants:
        return
    checks.count("variants", variants, facts.PRODUCTION_VARIANTS)
    for index, variant in enumerate(variants):
        subject = "" if is_alone else f"variants[{index}]."
        variant.check(checks, subject)
        check_variant_scaling(checks, subject, variant.autoscaling, variant.instance_types)
    names = [variant.name for variant in variants]
    twice = sorted({name for name in names if names.count(name) > 1})
    problem = f"names of variants must be unique, got {', '.join(twice)} more than once; name each"
    checks.require(not twice, problem, facts.VARIANT_NAME)
    weights = [variant.weight for variant in variants]
    silent = "one weight at least must be above 0, or no variant gets any traffic"
    checks.require(any(weight != 0 for weight in weights), silent, facts.WEIGHT)


def _check_not_scaled(checks: Checks, variants: Sequence[Variant]) -> None:
    scaled = ", ".join(variant.name for variant in variants if variant.autoscaling)
    problem = (
        f"exclude_retained_variant_properties must not name {VariantProperty.DESIRED_INSTANCE_COUNT} beside "
        f"autoscaling of {scaled}: an update would set the count back; leave it out"
    )
    checks.require(not scaled, problem, scaling_facts.RETAIN_VARIANT_PROPERTIES)


def _check_shadow(checks: Checks, production: Sequence[Variant], shadow: Shadow) -> None:
    shadow.check(checks)
    problem = f"shadow goes with one production variant, got {len(production)}; compare with one at a time"
    checks.require(len(production) == 1, problem, shadow_facts.ONE_OF_EACH)
    same = [variant.name for variant in production if variant.name == shadow.variant.name]
    checks.require(not same, f"shadow.variant.name must differ from {same}; give it a name", facts.VARIANT_NAME)


def _render_shadow(shadow: Shadow, production: Variant) -> object:
    # A shadow variant gets its weight by that of the production variant as the share of the requests.
    return replace(shadow.variant, weight=shadow.share * production.weight).render()
