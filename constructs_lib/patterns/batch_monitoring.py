"""Who is told how a batch ended, what it cost, and which alarms watch over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.facts import workflows
from constructs_lib.facts.transform_instances import INSTANCE_TYPE_IN_REGION as _PRICES
from constructs_lib.tokens import is_token

if TYPE_CHECKING:
    from constructs_lib.patterns.batch_metrics import BatchMetrics

_PERIOD = Duration.minutes(5)
# Three in a row: a dashboard is 24 units wide.
_WIDTH, _HEIGHT = 8, 6


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchMonitoring:
    """Notifications, alarms, and the prices by which a batch knows its cost.

    :param topic: is told how each execution ended, with links, and of the alarms; nobody by default.
    :param notify_of: of which ends; by default of all four, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` and ``ABORTED``.
    :param prices_per_hour: of an instance, by instance type, in whatever currency; for all types of the pipeline or
        none. They are the user's, as discounts are; without them no cost is measured.
    :raises InvalidConfiguration: with every wrong value.
    """

    topic: sns.ITopic | None = None
    notify_of: Sequence[str] = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
    prices_per_hour: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checks = Checks("BatchMonitoring")
        for status in self.notify_of:
            checks.limit("each of notify_of", status, workflows.ENDED)
        for name, price in self.prices_per_hour.items():
            problem = f"the price of {name} must be at least 0, got {price}"
            checks.require(price >= 0, problem, _PRICES)
        checks.done()

    def check(self, checks: Checks, instance_types: Sequence[str]) -> None:
        """Note a problem unless there are prices for all of the types, or none."""
        missing = [name for name in instance_types if not is_token(name) and name not in self.prices_per_hour]
        problem = f"prices_per_hour must hold every instance type of the pipeline, {', '.join(missing)} is not in it"
        checks.require(not (self.prices_per_hour and missing), problem, _PRICES)

    def alarms(self, scope: Construct, pipeline: BatchMetrics, *, has_deadline: bool) -> dict[str, cloudwatch.Alarm]:
        """An alarm for each way in which an execution does not succeed, and for late batches if there is a deadline.

        No sum of the three: where one of them has no value at a time, a sum has none either.
        """
        watched = {
            "BatchFailed": ("a batch failed", pipeline.metric_failed(period=_PERIOD)),
            "BatchTimedOut": ("a batch took too long", pipeline.metric_timed_out(period=_PERIOD)),
            "BatchAborted": ("a batch was stopped", pipeline.metric_aborted(period=_PERIOD)),
        }
        if has_deadline:
            watched["BatchLate"] = ("a batch was not complete at its deadline", pipeline.metric_late(period=_PERIOD))
        return {name: self._alarm(scope, name, *rest) for name, rest in watched.items()}

    def _alarm(self, scope: Construct, name: str, description: str, metric: cloudwatch.IMetric) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            scope,
            name,
            alarm_description=description,
            metric=metric,
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if self.topic:
            alarm.add_alarm_action(actions.SnsAction(self.topic))
        return alarm

    def notify(self, scope: Construct, state_machine: sfn.StateMachine) -> None:
        """Tell the topic of the end of each execution.

        Step Functions announces every end, also a time-out and an abort, which no state of the machine itself could.
        """
        if self.topic is None or not self.notify_of:
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
            targets=[targets.SnsTopic(self.topic, message=_message(Stack.of(scope).region))],
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


def dashboard_widgets(pipeline: BatchMetrics) -> list[cloudwatch.IWidget]:
    """How batches ended, what they took, and what they cost."""
    return [
        _graph(
            "Batches",
            pipeline.metric_succeeded(),
            pipeline.metric_failed(),
            pipeline.metric_timed_out(),
            pipeline.metric_aborted(),
            pipeline.metric_late(),
        ),
        _graph("Duration, in seconds", pipeline.metric_duration()),
        _graph("Objects and records", pipeline.metric("Objects"), pipeline.metric_records()),
        _graph("Failed shards", pipeline.metric_failed_shards()),
        _graph("Instance hours and cost", pipeline.metric("InstanceHours"), pipeline.metric_cost()),
    ]


def _graph(title: str, *left: cloudwatch.IMetric) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=list(left), width=_WIDTH, height=_HEIGHT)
