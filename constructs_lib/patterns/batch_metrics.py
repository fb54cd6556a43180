"""The metrics of a batch pipeline: its executions, and what each batch was, took and cost."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_stepfunctions as sfn

from constructs_lib.endpoints.monitoring import Monitored
from constructs_lib.patterns.measures import COST, LATE, NAMESPACE, RECORDS


class BatchMetrics(Monitored):
    """Metrics of a state machine that runs batches. Each batch puts one value of its own metrics."""

    state_machine: sfn.StateMachine

    @property
    def metric_dimensions(self) -> dict[str, str]:
        """What CloudWatch knows the batches by."""
        return {"StateMachineName": self.state_machine.state_machine_name}

    def metric(self, metric_name: str, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """A metric of the batches: ``Objects``, ``FailedShards``, ``Duration``, ``InstanceHours`` and others below."""
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=metric_name,
            dimensions_map=self.metric_dimensions,
            statistic=statistic,
            period=period or Duration.minutes(5),
        )

    def metric_failed(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of executions that failed."""
        return self.state_machine.metric_failed(statistic=statistic, period=period)

    def metric_timed_out(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of executions that took longer than they may."""
        return self.state_machine.metric_timed_out(statistic=statistic, period=period)

    def metric_aborted(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of executions that were stopped."""
        return self.state_machine.metric_aborted(statistic=statistic, period=period)

    def metric_succeeded(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of executions that succeeded."""
        return self.state_machine.metric_succeeded(statistic=statistic, period=period)

    def metric_duration(self, *, statistic: str = "Maximum", period: Duration | None = None) -> cloudwatch.Metric:
        """From the start of an execution to its report, in seconds."""
        return self.metric("Duration", statistic=statistic, period=period)

    def metric_failed_shards(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of shards that were not complete when their batch was reported."""
        return self.metric("FailedShards", statistic=statistic, period=period)

    def metric_records(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of records; only where they are counted."""
        return self.metric(RECORDS.name, statistic=statistic, period=period)

    def metric_cost(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Instance hours times their prices, in the currency of the prices; only where prices are given."""
        return self.metric(COST.name, statistic=statistic, period=period)

    def metric_late(self, *, statistic: str = "Maximum", period: Duration | None = None) -> cloudwatch.Metric:
        """1 for a batch that was not complete at its deadline, 0 for one that was; only where there is a deadline."""
        return self.metric(LATE, statistic=statistic, period=period)
