"""Drift of an endpoint: what it gets and answers, compared on a schedule with what its model was trained on."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from constructs_lib.checks import check_kinds
from constructs_lib.endpoints.network import VpcConfig
from constructs_lib.endpoints.realtime import RealtimeEndpoint
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.storage import INCOMPLETE_UPLOADS_STAY, private_bucket
from constructs_lib.facts import processing as facts
from constructs_lib.options.drift import DriftThresholds
from constructs_lib.patterns.drift_baseline import DriftBaseline
from constructs_lib.patterns.drift_function import check_baseline, make_drift_function, refuse, text_of
from constructs_lib.patterns.drift_metrics import DriftMetrics
from constructs_lib.patterns.drift_monitoring import DriftMonitoring
from constructs_lib.patterns.drift_processing import BoundDriftProcessing, DriftProcessing
from constructs_lib.patterns.drift_sources import CapturedData, DriftSources
from constructs_lib.patterns.schedule_role import schedule_role
from constructs_lib.tokens import is_token

_MAX_INTERVAL_IN_HOURS = 24
_MAX_WINDOW_IN_HOURS = 30 * 24
REPORTS_PREFIX = "drift/"
_MONITORING = DriftMonitoring()


class DriftWatch(DriftMetrics):
    """Sees whether an endpoint still gets, and answers, what its model was trained on; without Model Monitor.

    A function compares each feature, and each prediction that the baseline holds, in the captured data of a window with
    the baseline. It puts metrics for each feature, and writes ``drift/ENDPOINT/VARIANT/yyyy/mm/dd/hh/report.html`` and
    ``report.json`` into the report bucket, by the hour in UTC at which the window ends. A feature has drifted, is
    stable, or was not judged, for want of records; see ``DriftThresholds``.

    The alarms ``Drifted``, ``NotJudged`` and ``Failed`` are in ``alarms``.

    :param endpoint: an endpoint with ``data_capture``, or ``CapturedData`` of one that is not of this app. Of several
        variants the first is watched; give ``variant_name`` for another.
    :param baseline: what the model was trained on.
    :param thresholds: from where on a difference is drift.
    :param variant_name: which variant; the endpoint's first by default.
    :param interval_in_hours: how often a window is looked at, 1 to 24 h; 24 by default.
    :param window_in_hours: how far a window reaches back, from the interval to 720 h; the interval by default. A longer
        one gathers enough records of an endpoint that is asked seldom.
    :param processing: a job for windows that are too much for a function; by default that reads a sample of them.
    :param monitoring: what the alarms do; ``None`` for no alarms. By default they are on.
    :param report_bucket: where the reports go; by default a bucket is made: private, encrypted, TLS only.
    :param encryption_key: key for that bucket, log and environment of the function, the schedule and the disks of jobs;
        AWS's own keys by default.
    :param vpc_config: the subnets and security groups of the function; none by default. ``DriftProcessing`` has its
        own.
    :param tracing: let AWS X-Ray trace the function; off by default, as each recorded trace is paid for.
    :param removal_policy: what becomes of bucket and logs when the stack goes; they are retained by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        endpoint: RealtimeEndpoint | CapturedData,
        baseline: DriftBaseline,
        thresholds: DriftThresholds | None = None,
        variant_name: str | None = None,
        interval_in_hours: int = 24,
        window_in_hours: int | None = None,
        processing: DriftProcessing | None = None,
        monitoring: DriftMonitoring | None = _MONITORING,
        report_bucket: s3.IBucket | None = None,
        encryption_key: kms.IKey | None = None,
        vpc_config: VpcConfig | None = None,
        tracing: bool = False,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        check_kinds(
            f"DriftWatch {id}",
            thresholds=(thresholds, DriftThresholds),
            processing=(processing, DriftProcessing),
            monitoring=(monitoring, DriftMonitoring),
        )
        thresholds = thresholds or DriftThresholds()
        window = interval_in_hours if window_in_hours is None else window_in_hours
        problems = [
            *_problems_of_times(interval_in_hours, window),
            *_problems_of_endpoint(endpoint, variant_name),
            *check_baseline(baseline, thresholds),
            *_problems_of_job(processing, baseline),
        ]
        refuse(f"DriftWatch {id}", problems)
        super().__init__(scope, id)
        captured = _captured(endpoint, variant_name)
        self.endpoint_name, self.variant_name = captured.endpoint_name, captured.variant_name
        safekeeping = Safekeeping.of(
            self,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            vpc_config=vpc_config,
            tracing=tracing,
        )
        self.report_bucket = report_bucket or self._make_bucket(encryption_key, removal_policy)
        sources = DriftSources(
            captured=captured,
            baseline=baseline.bind(self),
            report_bucket=self.report_bucket,
            report_prefix=f"{REPORTS_PREFIX}{captured.endpoint_name}/{captured.variant_name}/",
            encryption_key=encryption_key,
        )
        job = processing.bind(Construct(self, "Processing"), sources) if processing else None
        self.function = self._make_function(sources, thresholds, window, job, safekeeping)
        if job:
            job.grant_start(self.function)
        interval = Duration.hours(interval_in_hours)
        scheduler.Schedule(
            self,
            "Schedule",
            schedule=scheduler.ScheduleExpression.rate(interval),
            target=targets.LambdaInvoke(
                self.function,
                role=schedule_role(self),
                input=scheduler.ScheduleTargetInput.from_object({"time": scheduler.ContextAttribute.scheduled_time}),
            ),
            key=encryption_key,
        )
        self._watch(monitoring, monitoring.of(self, interval) if monitoring else ())

    def grant_read_reports(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read the reports of all watches that write into the bucket."""
        return self.report_bucket.grant_read(grantee, f"{REPORTS_PREFIX}*")

    def _make_bucket(self, encryption_key: kms.IKey | None, removal_policy: RemovalPolicy) -> s3.Bucket:
        rule = s3.LifecycleRule(abort_incomplete_multipart_upload_after=INCOMPLETE_UPLOADS_STAY)
        return private_bucket(
            self,
            "ReportBucket",
            lifecycle_rules=[rule],
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        )

    def _make_function(
        self,
        sources: DriftSources,
        thresholds: DriftThresholds,
        window_in_hours: int,
        job: BoundDriftProcessing | None,
        safekeeping: Safekeeping,
    ) -> lambda_.Function:
        environment = {
            "endpoint_name": self.endpoint_name,
            "variant_name": self.variant_name,
            "capture_bucket_name": sources.captured.bucket.bucket_name,
            "capture_prefix": sources.captured.key_prefix,
            "report_prefix": sources.report_prefix,
            "window_in_hours": text_of(window_in_hours),
            "processing": Stack.of(self).to_json_string(job.told) if job else "{}",
        }
        function = make_drift_function(
            self,
            entry="handler",
            description="compares what an endpoint gets and answers with what its model was trained on",
            baseline=sources.baseline,
            thresholds=thresholds,
            report_bucket_name=self.report_bucket.bucket_name,
            environment=environment,
            safekeeping=safekeeping,
        )
        assert function.role is not None
        sources.grant(function.role)
        return function


def _captured(endpoint: RealtimeEndpoint | CapturedData, variant_name: str | None) -> CapturedData:
    if isinstance(endpoint, CapturedData):
        return endpoint
    assert endpoint.capture_bucket is not None
    assert endpoint.data_capture is not None
    return CapturedData(
        bucket=endpoint.capture_bucket,
        endpoint_name=endpoint.endpoint_name,
        prefix=endpoint.data_capture.prefix,
        variant_name=variant_name or endpoint.variant_name,
        encryption_key=endpoint.capture_key if endpoint.data_capture.bucket else None,
    )


def _problems_of_times(interval: int, window: int) -> list[str]:
    problems = []
    if not is_token(interval) and not 1 <= interval <= _MAX_INTERVAL_IN_HOURS:
        problems.append(f"interval_in_hours must be from 1 to {_MAX_INTERVAL_IN_HOURS} h, got {interval}; 24 is usual")
    if not is_token(window) and not is_token(interval) and not interval <= window <= _MAX_WINDOW_IN_HOURS:
        bounds = f"from interval_in_hours {interval} to {_MAX_WINDOW_IN_HOURS} h"
        problems.append(f"window_in_hours must be {bounds}, got {window}; a shorter one would leave requests unseen")
    return problems


def _problems_of_endpoint(endpoint: RealtimeEndpoint | CapturedData, variant_name: str | None) -> list[str]:
    if isinstance(endpoint, CapturedData):
        return ["variant_name goes with an endpoint; name the variant in CapturedData"] if variant_name else []
    if endpoint.data_capture is None:
        return ["endpoint must have data_capture; give it DataCapture()"]
    names = [variant.name for variant in endpoint.variants]
    if variant_name is None or is_token(variant_name) or variant_name in names:
        return []
    return [f"variant_name must be one of {', '.join(names)}, got {variant_name!r}"]


def _problems_of_job(processing: DriftProcessing | None, baseline: DriftBaseline) -> list[str]:
    key = baseline.key
    if processing is None or key is None or is_token(key) or facts.ENVIRONMENT_VALUE.allows(key):
        return []
    limit = facts.ENVIRONMENT_VALUE
    return [f"the key of the baseline must be {limit}, got {len(key)} characters ({limit.id}: {limit.source})"]
