"""What the monitoring of every construct has in common: who is told, how often, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.graphs import Fleet
from constructs_lib.endpoints.permissions import stack_of
from constructs_lib.endpoints.readings import SIMPLE_STATISTICS, Reading, Watched
from constructs_lib.errors import InvalidConfiguration
from constructs_lib.facts import alarms as facts
from constructs_lib.facts.limit import Limit
from constructs_lib.tokens import is_token

_Operator = cloudwatch.ComparisonOperator
_OPERATORS = {
    "GreaterThanThreshold": _Operator.GREATER_THAN_THRESHOLD,
    "GreaterThanOrEqualToThreshold": _Operator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
}
_MISSING = {
    "notBreaching": cloudwatch.TreatMissingData.NOT_BREACHING,
    "ignore": cloudwatch.TreatMissingData.IGNORE,
}
_COMPOSITE = "AnyAlarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """What the monitoring of each construct has, besides its own thresholds. Not for use by itself.

    Every construct takes its own kind as ``monitoring=``, has it on by default, and is not watched with ``None``. Its
    alarms are in ``alarms`` by name.

    :param actions: what alarms do: topics of SNS are told when one goes off and when it is over, any other
        ``IAlarmAction`` acts when one goes off. Nothing by default: the alarms show in CloudWatch.
    :param composite: whether one composite alarm goes off when any of the others does, and acts in their place, so that
        one fault is one page. It is ``composite_alarm`` of the construct. False by default. While it is on, a second
        fault tells nobody.
    :param runbook_url: where it says what to do; stands in the description of each alarm.
    :param exclude: names of alarms that are not made.
    :raises InvalidConfiguration: with every wrong value.
    """

    actions: Sequence[sns.ITopic | cloudwatch.IAlarmAction] = ()
    composite: bool = False
    runbook_url: str | None = None
    exclude: Sequence[str] = ()

    def make(self, scope: Construct, watched: Iterable[Watched]) -> MadeAlarms:
        """The alarms, in ``scope``.

        :raises InvalidConfiguration: where ``exclude`` names an alarm that there is not.
        """
        every = list(watched)
        self._check_excluded(scope, [each.name for each in every])
        wanted = [each for each in every if each.name not in self.exclude]
        own = () if self.composite else self.actions
        by_arn = all(_is_topic(action) for action in own)
        topics = [action.topic_arn for action in own if _is_topic(action)] if by_arn else []  # type: ignore[union-attr]
        alarms = {}
        for each in wanted:
            description = self._description(each)
            if isinstance(each.reading, Reading) and by_arn:
                alarms[each.name] = _in_one_crossing(scope, each, each.reading, description, topics)
            else:
                alarms[each.name] = _with_actions(scope, each, description, own)
        return MadeAlarms(alarms, self._over(scope, alarms) if self.composite and alarms else None)

    def _check_excluded(self, scope: Construct, names: Sequence[str]) -> None:
        unknown = [name for name in self.exclude if name not in names]
        if unknown:
            problem = f"exclude must name alarms that would be made, got {', '.join(unknown)}; there are"
            raise InvalidConfiguration(f"monitoring of {scope.node.id}", [f"{problem} {', '.join(names)}"])

    def _description(self, watched: Watched) -> str:
        text = f"{watched.means}. {watched.remedy}."
        return f"{text} Runbook: {self.runbook_url}" if self.runbook_url else text

    def _over(self, scope: Construct, alarms: Mapping[str, cloudwatch.CfnAlarm]) -> cloudwatch.CompositeAlarm:
        rules = [cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM) for alarm in alarms.values()]
        runbook = f" Runbook: {self.runbook_url}" if self.runbook_url else ""
        composite = cloudwatch.CompositeAlarm(
            scope,
            _COMPOSITE,
            alarm_description=f"Something is wrong with {scope.node.path}. Its reason names the alarms.{runbook}",
            alarm_rule=cloudwatch.AlarmRule.any_of(*rules),
        )
        _act(composite, self.actions, ends=True)
        return composite


@dataclass(frozen=True, slots=True)
class MadeAlarms:
    """The alarms of a construct by name, and the one over all of them where there is one."""

    alarms: dict[str, cloudwatch.CfnAlarm] = field(default_factory=dict)
    composite: cloudwatch.CompositeAlarm | None = None


class Monitored(Construct):
    """A construct with alarms, that a dashboard finds in its stack."""

    alarms: dict[str, cloudwatch.CfnAlarm]
    composite_alarm: cloudwatch.CompositeAlarm | None

    def _watch(self, monitoring: Monitoring | None, watched: Iterable[Watched]) -> None:
        """Make the alarms; called once, as the last of all, and also where there are none."""
        made = monitoring.make(self, watched) if monitoring else MadeAlarms()
        self.alarms, self.composite_alarm = made.alarms, made.composite
        _known.setdefault(stack_of(self), []).append(self)

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard of CloudWatch; none by default."""
        return []

    def fleets(self) -> list[Fleet]:
        """What is paid for by the hour; nothing by default."""
        return []

    def log_group_names(self) -> list[str]:
        """Where its functions and state machines log."""
        inside = self.node.find_all()
        return [each.ref for each in inside if isinstance(each, logs.CfnLogGroup)]


def endpoint_log_group(endpoint_name: str) -> str:
    """The log group that SageMaker makes for the containers of an endpoint."""
    return f"/aws/sagemaker/Endpoints/{endpoint_name}"


# Python forgets constructs that nobody holds, and Node does not know which of its own were ours.
_known: WeakKeyDictionary[Stack, list[Monitored]] = WeakKeyDictionary()


def monitored_in(stack: Stack) -> list[Monitored]:
    """The constructs of ours that ``stack`` has by now, in the order in which they were made."""
    return list(_known.get(stack, ()))


def check_above_zero(checks: Checks, name: str, value: float | None, limit: Limit = facts.WINDOW) -> None:
    """Note a problem unless the bound lets something pass."""
    problem = f"{name} must be above 0, got {value}; leave it out to have no such alarm"
    checks.require(value is None or is_token(value) or value > 0, problem, limit)


def check_rate(checks: Checks, name: str, rate: float | None) -> None:
    """Note a problem unless a share in percent can be above the bound."""
    problem = f"{name} must be at least 0 and below 100, got {rate}; nothing is above 100 %"
    checks.require(rate is None or is_token(rate) or 0 <= rate < 100, problem, facts.WINDOW)


def check_at_least_one(checks: Checks, name: str, value: int | None) -> None:
    """Note a problem unless the number trips nothing while all is well."""
    problem = f"{name} must be at least 1, got {value}; an alarm at 0 is always on"
    checks.require(value is None or is_token(value) or value >= 1, problem, facts.WINDOW)


def check_periods(checks: Checks, evaluation_periods: int, datapoints_to_alarm: int, period: int) -> None:
    """Note a problem unless the alarm can see as many periods, and as many of them can be too much."""
    checks.require(
        is_token(datapoints_to_alarm) or datapoints_to_alarm >= 1,
        f"datapoints_to_alarm must be at least 1, got {datapoints_to_alarm}; raise it",
        facts.DATAPOINTS,
    )
    checks.at_most(
        ("datapoints_to_alarm", datapoints_to_alarm),
        ("evaluation_periods", evaluation_periods),
        facts.DATAPOINTS,
        "lower it or raise evaluation_periods",
    )
    window = ("evaluation_periods", evaluation_periods), (f"{period} s", period)
    checks.product(*window, facts.WINDOW, "an alarm looks back a day at most")


def _is_topic(action: sns.ITopic | cloudwatch.IAlarmAction) -> bool:
    # Asked of the class: to read the attribute is a crossing. jsii's interfaces take no isinstance.
    return hasattr(type(action), "topic_arn")


def _in_one_crossing(
    scope: Construct, watched: Watched, reading: Reading, description: str, topics: Sequence[str]
) -> cloudwatch.CfnAlarm:
    simple = reading.statistic in SIMPLE_STATISTICS
    return cloudwatch.CfnAlarm(
        scope,
        watched.name,
        alarm_description=description,
        namespace=reading.namespace,
        metric_name=reading.metric_name,
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value) for name, value in reading.dimensions.items()
        ],
        statistic=reading.statistic if simple else None,
        extended_statistic=None if simple else reading.statistic,
        period=reading.period,
        evaluation_periods=watched.evaluation_periods,
        datapoints_to_alarm=watched.datapoints_to_alarm,
        threshold=watched.threshold,
        comparison_operator=watched.comparison_operator,
        treat_missing_data=watched.treat_missing_data,
        alarm_actions=topics or None,
        ok_actions=topics if topics and watched.ends else None,
    )


def _with_actions(
    scope: Construct, watched: Watched, description: str, own: Sequence[sns.ITopic | cloudwatch.IAlarmAction]
) -> cloudwatch.CfnAlarm:
    """By way of CDK's own alarm, which binds any action, and writes metrics that are computed from others."""
    reading = watched.reading
    alarm = cloudwatch.Alarm(
        scope,
        watched.name,
        alarm_description=description,
        metric=reading.metric() if isinstance(reading, Reading) else reading,
        threshold=watched.threshold,
        evaluation_periods=watched.evaluation_periods,
        datapoints_to_alarm=watched.datapoints_to_alarm,
        comparison_operator=_OPERATORS[watched.comparison_operator],
        treat_missing_data=_MISSING[watched.treat_missing_data],
    )
    _act(alarm, own, ends=watched.ends)
    written = alarm.node.default_child
    assert isinstance(written, cloudwatch.CfnAlarm)
    return written


def _act(alarm: cloudwatch.AlarmBase, actions: Sequence[sns.ITopic | cloudwatch.IAlarmAction], *, ends: bool) -> None:
    for action in actions:
        if not _is_topic(action):
            alarm.add_alarm_action(action)  # type: ignore[arg-type] # no topic
            continue
        told = cloudwatch_actions.SnsAction(action)  # type: ignore[arg-type] # a topic
        alarm.add_alarm_action(told)
        if ends:
            alarm.add_ok_action(told)
