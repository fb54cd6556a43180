"""Who is told how a batch ended, what it cost, and which alarms watch over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.graphs import graph
from constructs_lib.endpoints.monitoring import Monitoring
from constructs_lib.endpoints.readings import Reading, Watched
from constructs_lib.facts import workflows
from constructs_lib.facts.transform_instances import INSTANCE_TYPE_IN_REGION as _PRICES
from constructs_lib.patterns.measures import LATE, NAMESPACE
from constructs_lib.tokens import is_token

if TYPE_CHECKING:
    from constructs_lib.patterns.batch_metrics import BatchMetrics

_PERIOD_IN_SECONDS = 300
_STATES = "AWS/States"
_REDRIVE = "Read the error of the execution, mend the cause, and redrive it: only failed shards run again"
_ENDS = (
    ("BatchFailed", "A batch failed", "ExecutionsFailed", _REDRIVE),
    (
        "BatchTimedOut",
        "A batch took too long",
        "ExecutionsTimedOut",
        "Start it again, with resume",
    ),
    ("BatchAborted", "A batch was stopped", "ExecutionsAborted", "Ask who stopped it; redrive it, or start it again"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchMonitoring(Monitoring):
    """Alarms, notifications, and the prices by which a batch knows its cost.

    Alarms are ``BatchFailed``, ``BatchTimedOut``, ``BatchAborted``, and ``BatchLate`` where there is a deadline. That
    one of them is over says nothing, and nobody is told.

    :param ended_topic: is told how each execution ended, with links, whether it is an alarm or not; nobody by default.
    :param notify_of: of which ends; by default of all four, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` and ``ABORTED``.
    :param prices_per_hour: of an instance, by instance type, in whatever currency; for all types of the pipeline or
        none. They are the user's, as discounts are; without them no cost is measured.
    :raises InvalidConfiguration: with every wrong value.
    """

    ended_topic: sns.ITopic | None = None
    notify_of: Sequence[str] = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
    prices_per_hour: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checks = Checks("BatchMonitoring")
        for status in self.notify_of:
            checks.limit("each of notify_of", status, workflows.ENDED)
        for name, price in self.prices_per_hour.items():
            problem = f"the price of {name} must be at least 0, got {price}; give that of an hour"
            checks.require(price >= 0, problem, _PRICES)
        checks.done()

    def check(self, checks: Checks, instance_types: Sequence[str]) -> None:
        """Note a problem unless there are prices for all of the types, or none."""
        missing = [name for name in instance_types if not is_token(name) and name not in self.prices_per_hour]
        problem = f"prices_per_hour must hold every instance type of the pipeline; add {', '.join(missing)}"
        checks.require(not (self.prices_per_hour and missing), problem, _PRICES)

    def of(self, state_machine_arn: str, reports: Mapping[str, str], *, has_deadline: bool) -> Iterator[Watched]:
        """An alarm for each way in which an execution does not succeed, and for late batches if there is a deadline.

        ``reports`` are the dimensions of what batches put themselves. No sum of the three: where one of them has no
        value at a time, a sum has none either.
        """
        executions = {"StateMachineArn": state_machine_arn}
        for name, means, metric_name, remedy in _ENDS:
            yield _alarm(name, means, remedy, _STATES, metric_name, executions, "Sum")
        if has_deadline:
            late = (
                "BatchLate",
                "A batch was not complete at its deadline",
                "Read in its report what took how long",
            )
            yield _alarm(*late, NAMESPACE, LATE, reports, "Maximum")

    def notify(self, scope: Construct, state_machine: sfn.StateMachine) -> None:
        """Tell the topic of the end of each execution.

        Step Functions announces every end, also a time-out and an abort, which no state of the machine itself could.
        """
        if self.ended_topic is None or not self.notify_of:
            return
        pattern = events.EventPattern(
            source=["aws.states"],
            detail_type=["Step Functions Execution Status Change"],
            detail={"stateMachineArn": [state_machine.state_machine_arn], "status": list(self.notify_of)},
        )
        events.Rule(
            scope,
            "Ended",
            description="tells how a batch ended",
            event_pattern=pattern,
            targets=[targets.SnsTopic(self.ended_topic, message=_message(Stack.of(scope).region))],
        )


def _message(region: str) -> events.RuleTargetInput:
    """A few lines for people; of error, cause and output the event has those that apply."""
    console = f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/"
    at = events.EventField.from_path
    return events.RuleTargetInput.from_multiline_text(
        f"The batch {at('$.detail.name')} has ended: {at('$.detail.status')}\n"
        f"error: {at('$.detail.error')}\n"
        f"cause: {at('$.detail.cause')}\n"
        f"output: {at('$.detail.output')}\n"
        f"execution: {console}{at('$.detail.executionArn')}"
    )


def _alarm(
    name: str, means: str, remedy: str, namespace: str, metric_name: str, dimensions: Mapping[str, str], statistic: str
) -> Watched:
    reading = Reading(
        namespace=namespace,
        metric_name=metric_name,
        dimensions=dimensions,
        statistic=statistic,
        period=_PERIOD_IN_SECONDS,
    )
    return Watched(name=name, means=means, remedy=remedy, reading=reading, threshold=1, at=True, ends=False)


def dashboard_widgets(pipeline: BatchMetrics) -> list[cloudwatch.IWidget]:
    """How batches ended, what they took, and what they cost."""
    return [
        graph(
            "Batches",
            pipeline.metric_succeeded(),
            pipeline.metric_failed(),
            pipeline.metric_timed_out(),
            pipeline.metric_aborted(),
            pipeline.metric_late(),
        ),
        graph("Duration, in seconds", pipeline.metric_duration()),
        graph("Objects and records", pipeline.metric("Objects"), pipeline.metric_records()),
        graph("Failed shards", pipeline.metric_failed_shards()),
        graph("Instance hours and cost", pipeline.metric("InstanceHours"), pipeline.metric_cost()),
    ]
