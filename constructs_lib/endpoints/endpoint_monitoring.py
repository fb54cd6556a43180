"""The alarms of endpoints whose caller waits for the answer: on what fails, and on what takes too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.endpoints.cold_starts import ColdStartBudget
from constructs_lib.endpoints.component_metrics import ComponentMetrics
from constructs_lib.endpoints.metrics import EndpointMetrics
from constructs_lib.endpoints.monitoring import Monitoring, check_above_zero, check_periods, check_rate
from constructs_lib.endpoints.readings import Reading, Watched
from constructs_lib.endpoints.serverless_metrics import ServerlessMetrics
from constructs_lib.tokens import is_token

_PERIOD_IN_SECONDS = 60
_MICROSECONDS_IN_A_MILLISECOND = 1000
# Metric name and statistic in, what is read out; of a variant.
Read = Callable[[str, str], Reading]

_LOGS = "Read the endpoint's log group, and compare with the last deployment"


@dataclass(frozen=True, slots=True, kw_only=True)
class _InvocationMonitoring(Monitoring):
    server_error_rate_in_percent: float | None = 1
    model_error_rate_in_percent: float | None = 5
    latency_p99_in_milliseconds: float | None = None
    evaluation_periods: int = 5
    datapoints_to_alarm: int = 3

    def __post_init__(self) -> None:
        checks = Checks(type(self).__name__)
        check_rate(checks, "server_error_rate_in_percent", self.server_error_rate_in_percent)
        check_rate(checks, "model_error_rate_in_percent", self.model_error_rate_in_percent)
        check_above_zero(checks, "latency_p99_in_milliseconds", self.latency_p99_in_milliseconds)
        check_periods(checks, self.evaluation_periods, self.datapoints_to_alarm, _PERIOD_IN_SECONDS)
        checks.done()

    def invocations(self, read: Read, *, prefix: str = "", model_errors: str) -> Iterator[Watched]:
        """What is watched of one variant; ``model_errors`` is the metric of all that is no 2xx answer."""

        def watched(name: str, means: str, remedy: str, reading: Reading, threshold: float) -> Watched:
            return Watched(
                name=f"{prefix}{name}",
                means=means,
                remedy=remedy,
                reading=reading,
                threshold=threshold,
                evaluation_periods=self.evaluation_periods,
                datapoints_to_alarm=self.datapoints_to_alarm,
            )

        # Each request counts as 1 or 0 in the errors: their average is the part of the requests that failed.
        server, model = self.server_error_rate_in_percent, self.model_error_rate_in_percent
        if server is not None:
            means = f"More than {server:g} % of the requests are answered with a 5xx status"
            failed = read("Invocation5XXErrors", "Average")
            yield watched("ServerErrors", means, _LOGS, failed, server / 100)
        if model is not None:
            means = f"More than {model:g} % of the requests get no 2xx answer of the model"
            remedy = "A 4xx is of the callers, all else of the model: time-outs, broken connections. See the log group"
            yield watched("ModelErrors", means, remedy, read(model_errors, "Average"), model / 100)
        objective = self.latency_p99_in_milliseconds
        if objective is not None:
            means = f"1 % of the requests take the model longer than {objective:g} ms"
            remedy = "Look at utilization and requests for each instance: add instances, or scale earlier"
            slowest = read("ModelLatency", "p99")
            yield watched("Latency", means, remedy, slowest, objective * _MICROSECONDS_IN_A_MILLISECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeMonitoring(_InvocationMonitoring):
    """What is watched of each variant or component, minute by minute; where nothing was asked, nothing is wrong.

    Alarms are ``ServerErrors``, ``ModelErrors`` and ``Latency``; of several variants each has its own, with its name
    before. They are not those that roll an update back, which ``Rollout`` makes.

    :param server_error_rate_in_percent: more answers than that with a 5xx status trip ``ServerErrors``; 1 by default,
        ``None`` for no such alarm.
    :param model_error_rate_in_percent: more requests than that without a 2xx answer of the container trip
        ``ModelErrors``, which alone knows of time-outs and broken connections, but also counts what the container
        refuses with a 4xx; 5 by default, ``None`` for no such alarm.
    :param latency_p99_in_milliseconds: the objective: a 99th percentile of the model above it trips ``Latency``. By
        default there is no such alarm, as no bound fits all models.
    :param evaluation_periods: how many minutes are looked at; 5 by default.
    :param datapoints_to_alarm: in how many of them it must be so; 3 by default. A single bad minute is no alarm.
    """

    def of(self, endpoint: EndpointMetrics, variant_names: Sequence[str]) -> Iterator[Watched]:
        """What is watched of these variants of ``endpoint``."""
        for index, variant_name in enumerate(variant_names):

            def read(metric_name: str, statistic: str, *, of: str = variant_name) -> Reading:
                return endpoint.reading(metric_name, statistic=statistic, variant_name=of)

            own_name = str(index) if is_token(variant_name) else variant_name  # the id of a construct is no token
            prefix = own_name if len(variant_names) > 1 else ""
            yield from self.invocations(read, prefix=prefix, model_errors="InvocationModelErrors")

    def of_component(self, component: ComponentMetrics) -> Iterator[Watched]:
        """What is watched of an inference component, all of its copies together."""

        def read(metric_name: str, statistic: str) -> Reading:
            return component.reading(metric_name, statistic=statistic)

        yield from self.invocations(read, model_errors="InvocationModelErrors")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessMonitoring(_InvocationMonitoring):
    """What is watched, minute by minute; where nothing was asked, nothing is wrong.

    :param server_error_rate_in_percent: more answers than that with a 5xx status trip ``ServerErrors``; 1 by default,
        ``None`` for no such alarm.
    :param model_error_rate_in_percent: more answers than that with a 4xx status trip ``ModelErrors``, as serverless
        endpoints have no metric of all that is no 2xx answer; 5 by default, ``None`` for no such alarm.
    :param latency_p99_in_milliseconds: the objective: a 99th percentile of the model above it trips ``Latency``; none
        by default.
    :param cold_starts: how many cold starts are put up with, and how long ones; none by default.
    :param evaluation_periods: how many minutes are looked at; 5 by default.
    :param datapoints_to_alarm: in how many of them it must be so; 3 by default. A single bad minute is no alarm.
    """

    cold_starts: ColdStartBudget | None = None

    def of(self, endpoint: ServerlessMetrics) -> Iterator[Watched]:
        """What is watched of ``endpoint``."""

        def read(metric_name: str, statistic: str) -> Reading:
            return endpoint.reading(metric_name, statistic=statistic)

        yield from self.invocations(read, model_errors="Invocation4XXErrors")
        if self.cold_starts:
            yield from self.cold_starts.of(endpoint)
