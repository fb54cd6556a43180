"""The alarms that roll a deployment back: those made by default, and who may look at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.metrics import variant_dimensions
from constructs_lib.facts import alarms, realtime
from constructs_lib.facts import rollback_alarms as facts
from constructs_lib.tokens import is_token

_PERIOD_IN_SECONDS = 60
_MICROSECONDS_IN_A_MILLISECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultAlarms:
    """What is watched of each variant while it is updated. Where nothing was asked, nothing is wrong.

    The alarms see the old and the new fleet together, so a rate that a canary of 10 % is to trip must be below 10.

    :param server_error_rate_in_percent: more answers than that with a 5xx status trip ``Invocation5XXErrors``; 1 by
        default, 0 for any at all.
    :param model_error_rate_in_percent: more requests than that without a 2xx answer of the container trip
        ``InvocationModelErrors``, which alone knows of time-outs and broken connections, but also counts what the
        container refuses with a 4xx; 5 by default, ``None`` for no such alarm. Serverless endpoints do not have this
        metric: there it is ``Invocation4XXErrors``.
    :param model_latency_p99_in_milliseconds: a 99th percentile above that trips ``ModelLatency``; by default there is
        no such alarm, as no bound fits all models.
    :param evaluation_periods: minutes in a row in which that must hold; 1 by default. A deployment must wait for
        longer, or it ends before its alarms can trip.
    :raises InvalidConfiguration: with every wrong value.
    """

    server_error_rate_in_percent: float = 1
    model_error_rate_in_percent: float | None = 5
    model_latency_p99_in_milliseconds: float | None = None
    evaluation_periods: int = 1

    def __post_init__(self) -> None:
        checks = Checks("DefaultAlarms")
        for name in ("server_error_rate_in_percent", "model_error_rate_in_percent"):
            rate = getattr(self, name)
            problem = f"{name} must be at least 0 and below 100, got {rate}; nothing is above 100 %"
            checks.require(rate is None or is_token(rate) or 0 <= rate < 100, problem, facts.NO_ROLLBACK)
        latency = self.model_latency_p99_in_milliseconds
        problem = f"model_latency_p99_in_milliseconds must be above 0, got {latency}; leave it out to watch no latency"
        checks.require(latency is None or is_token(latency) or latency > 0, problem, facts.NO_ROLLBACK)
        periods = self.evaluation_periods
        problem = f"evaluation_periods must be at least 1, got {periods}; give the minutes in a row"
        checks.require(is_token(periods) or periods >= 1, problem, alarms.WINDOW)
        if not is_token(periods):
            window = periods * _PERIOD_IN_SECONDS
            checks.limit("evaluation_periods x 60 s", window, alarms.WINDOW, "an alarm looks back a day at most")
        checks.done()

    @property
    def per_variant(self) -> int:
        """How many alarms each variant gets."""
        return 1 + sum(
            bound is not None for bound in (self.model_error_rate_in_percent, self.model_latency_p99_in_milliseconds)
        )

    def make(
        self, scope: Construct, endpoint_name: str, variant_names: Sequence[str], *, is_serverless: bool = False
    ) -> list[cloudwatch.Alarm]:
        """The alarms on the variants of an endpoint that is called ``endpoint_name``, whether or not it is there yet.

        CloudFormation refuses an alarm that refers to the endpoint that names it, so the name must not be one of the
        endpoint's attributes (DEP-ALARM-CYCLE).
        """
        made = []
        for index, name in enumerate(variant_names):
            prefix = str(index) if is_token(name) else name  # the id of a construct is no token
            made += self._of_variant(scope, prefix, endpoint_name, name, is_serverless)
        return made

    def _of_variant(
        self, scope: Construct, prefix: str, endpoint_name: str, variant_name: str, is_serverless: bool
    ) -> list[cloudwatch.Alarm]:
        dimensions = variant_dimensions(endpoint_name, variant_name)

        def alarm(metric_name: str, statistic: str, threshold: float) -> cloudwatch.Alarm:
            return cloudwatch.Alarm(
                scope,
                f"{prefix}{metric_name}",
                alarm_description=f"rolls back an update of the endpoint {endpoint_name}",
                metric=cloudwatch.Metric(
                    namespace=realtime.NAMESPACE,
                    metric_name=metric_name,
                    dimensions_map=dimensions,
                    statistic=statistic,
                    period=Duration.seconds(_PERIOD_IN_SECONDS),
                ),
                threshold=threshold,
                evaluation_periods=self.evaluation_periods,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )

        # Each request counts as 1 or 0 in the errors: their average is the part of the requests that failed.
        made = [alarm("Invocation5XXErrors", "Average", self.server_error_rate_in_percent / 100)]
        if self.model_error_rate_in_percent is not None:
            metric_name = "Invocation4XXErrors" if is_serverless else "InvocationModelErrors"
            made.append(alarm(metric_name, "Average", self.model_error_rate_in_percent / 100))
        if self.model_latency_p99_in_milliseconds is not None:
            bound = self.model_latency_p99_in_milliseconds * _MICROSECONDS_IN_A_MILLISECOND
            made.append(alarm("ModelLatency", "p99", bound))
        return made


def allow_describing(
    scope: Construct, rollback_alarms: Sequence[cloudwatch.IAlarm], roles: Sequence[iam.IRole]
) -> iam.Policy:
    """Let the execution roles look at these alarms; what they roll back must wait for the policy.

    It is a policy of its own: models wait for all of their role's default policy, and a handed-in alarm may watch
    another endpoint of the same model.
    """
    # CloudWatch shows composite alarms only to those who may see all alarms.
    is_composite = any(isinstance(alarm, cloudwatch.CompositeAlarm) for alarm in rollback_alarms)
    arns = ["*"] if is_composite else [alarm.alarm_arn for alarm in rollback_alarms]
    policy = iam.Policy(
        scope, "Policy", statements=[iam.PolicyStatement(actions=[facts.DESCRIBE_ALARMS], resources=arns)]
    )
    for role in roles:
        role.attach_inline_policy(policy)
    return policy
