"""The state machine of a batch as Amazon States Language: plan, run the shards, report, publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from constructs_lib.facts import workflows
from constructs_lib.patterns.measures import COST, METRICS, RECORDS, Metric
from constructs_lib.patterns.states import (
    ANY_FAILURE,
    JSONATA,
    REDRIVE_COUNT,
    State,
    expression,
    invoke,
    merged,
    retried,
)
from constructs_lib.patterns.transform_job import TransformJob

SHARDS = "Shards"
_ITEM = "$states.context.Map.Item.Value"
# An incomplete batch stays incomplete however often it is asked.
_NEVER = {"ErrorEquals": ["BatchIncomplete"], "MaxAttempts": 0}
# Events that a shard, and each further attempt of it, leaves in the history, counted on the states of a shard; and
# those of all else, with room for redrives.
_EVENTS_A_SHARD, _EVENTS_AN_ATTEMPT, _OTHER_EVENTS = 16, 10, 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Functions:
    """The ARNs of the functions that do what Step Functions cannot."""

    plan: str
    verify: str
    report: str
    publish: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What a state machine runs. ``before`` and ``after`` are states that call the user's steps, or None."""

    job: TransformJob
    functions: Functions
    concurrency: int
    is_distributed: bool
    namespace: str
    has_prices: bool
    counts_records: bool
    timeout_in_seconds: int
    before: State | None = None
    after: State | None = None

    def definition(self) -> dict[str, object]:
        """The whole state machine."""
        states = {
            "Plan": self._plan(),
            "Planned?": self._planned(),
            "Invalid input": {
                "Comment": "nothing was paid for; the cause says what to mend",
                "Type": "Fail",
                "Error": "InvalidInput",
                "Cause": expression("$states.input.problem"),
            },
            "Nothing to do": {"Comment": "a success; the output says why", "Type": "Succeed"},
            **self._hook("Before", self.before, SHARDS),
            SHARDS: self._shards(),
            "Report": self._report(),
            "Measure": self._measure(),
            "Publish": self._publish(),
            "Published?": self._published(),
            **self._hook("After", self.after, "Done"),
            "Done": self._done(),
        }
        return {
            "Comment": "A batch: its objects in shards, a transform job each; published when all are complete.",
            "QueryLanguage": JSONATA,
            "TimeoutSeconds": self.timeout_in_seconds,
            "StartAt": "Plan",
            "States": states,
        }

    def _plan(self) -> State:
        payload = {
            "execution": expression("$states.context.Execution.Id"),
            "execution_name": expression("$states.context.Execution.Name"),
            "start_time": expression("$states.context.Execution.StartTime"),
            "input": expression("$states.context.Execution.Input"),
        }
        return {
            "Comment": "finds the objects, checks them, cuts them into shards; no instance runs yet",
            **invoke(self.job.partition, self.functions.plan, payload, retry=ANY_FAILURE),
            "Output": expression("$states.result.Payload"),
            "Next": "Planned?",
        }

    def _planned(self) -> State:
        return {
            "Comment": "is there anything to do, and can it be done?",
            "Type": "Choice",
            "Choices": [
                {"Condition": expression("$exists($states.input.problem)"), "Next": "Invalid input"},
                {"Condition": expression("$exists($states.input.note)"), "Next": "Nothing to do"},
            ],
            "Default": "Before" if self.before else SHARDS,
        }

    def _hook(self, name: str, state: State | None, following: str) -> Mapping[str, State]:
        """The user's step; what it answers is put aside."""
        if state is None:
            return {}
        return {name: {**state, "Output": expression("$states.input"), "Next": following}}

    def _shards(self) -> State:
        processor = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Transform", "States": self.job.states()}
        common = {
            "Type": "Map",
            "MaxConcurrency": self.concurrency,
            "ItemSelector": self.job.item(f"{_ITEM}.shard" if self.is_distributed else _ITEM),
            "ItemProcessor": processor,
            "Output": expression("$states.input"),
            "Next": "Report",
        }
        if not self.is_distributed:
            return {
                "Comment": "a job for each shard; in a second drive for those alone that have failed",
                "Items": expression("$states.input.shards"),
                **common,
            }
        processor["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        return {
            "Comment": "a job for each shard, each in an execution of its own; no failed one stops the others",
            "Label": SHARDS,
            "ItemReader": {
                "Resource": f"arn:{self.job.partition}:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Arguments": {
                    "Bucket": self.job.output_bucket,
                    "Key": expression("$states.input.work & 'shards.json'"),
                },
            },
            "ToleratedFailurePercentage": 100,
            **common,
        }

    def _report(self) -> State:
        payload = {
            "plan": expression("$states.input"),
            "execution": expression("$states.context.Execution.Id"),
            "start_time": expression("$states.context.Execution.StartTime"),
            "redrive_count": expression(REDRIVE_COUNT),
        }
        return {
            "Comment": "what became of every shard; its shards are now those that have failed",
            **invoke(self.job.partition, self.functions.report, payload, retry=ANY_FAILURE),
            "Output": expression("$merge([$states.input, $states.result.Payload])"),
            "Next": "Measure",
        }

    def _measure(self) -> State:
        dimensions = [{"Name": "StateMachineName", "Value": expression("$states.context.StateMachine.Name")}]
        data = [
            {
                "MetricName": metric.name,
                "Dimensions": dimensions,
                "Unit": metric.unit,
                "Value": expression(f"$states.input.report.{metric.member}"),
            }
            for metric in self.metrics
        ]
        return {
            "Comment": "counts, duration and cost of the batch; a batch does not fail for want of them",
            "Type": "Task",
            "Resource": f"arn:{self.job.partition}:states:::aws-sdk:cloudwatch:putMetricData",
            "Arguments": {"Namespace": self.namespace, "MetricData": data},
            "Retry": [retried(["States.TaskFailed"], attempts=3)],
            "Output": expression("$states.input"),
            "Catch": [{"ErrorEquals": ["States.ALL"], "Output": expression("$states.input"), "Next": "Publish"}],
            "Next": "Publish",
        }

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What is measured of every batch."""
        extra = (RECORDS,) if self.counts_records else ()
        return (*METRICS, *extra, COST) if self.has_prices else (*METRICS, *extra)

    def _publish(self) -> State:
        following = "$exists($states.input.published.next) ? $states.input.published.next : null"
        payload = {
            "plan": expression("$states.input"),
            "report": expression("$states.input.report"),
            "redrive_count": expression(REDRIVE_COUNT),
            "start_after": expression(following),
        }
        return {
            "Comment": "copies the answers, _SUCCESS last; fails for an incomplete batch, and a redrive begins here",
            **invoke(self.job.partition, self.functions.publish, payload, retry=[_NEVER, *ANY_FAILURE]),
            "Output": merged({"published": "$states.result.Payload"}),
            "Next": "Published?",
        }

    def _published(self) -> State:
        return {
            "Comment": "more to copy, failed shards to run again after a redrive, or done",
            "Type": "Choice",
            "Choices": [
                {"Condition": expression("$exists($states.input.published.next)"), "Next": "Publish"},
                {"Condition": expression("$exists($states.input.published.again)"), "Next": SHARDS},
            ],
            "Default": "After" if self.after else "Done",
        }

    def _done(self) -> State:
        members = {
            "output": "$states.input.published.output",
            "report": "$states.input.published.report",
            "run": "$states.input.run",
            "transform_job_name": "$states.input.report.transform_job_name",
            "objects": "$states.input.objects",
            "shards": "$states.input.shard_count",
            "instance_hours": "$states.input.report.instance_hours",
            **({"records": "$states.input.report.records"} if self.counts_records else {}),
            **({"cost": "$states.input.report.cost"} if self.has_prices else {}),
        }
        return {
            "Comment": "where the answers are",
            "Type": "Pass",
            "Output": {name: expression(value) for name, value in members.items()},
            "End": True,
        }


def needs_distribution(shards: int, concurrency: int, attempts: int) -> bool:
    """Whether an inline Map cannot run as many at once, or its history cannot hold as many shards with their attempts.

    Every shard may need every attempt: a Region without capacity is without it for all.
    """
    events = shards * (_EVENTS_A_SHARD + (attempts - 1) * _EVENTS_AN_ATTEMPT) + _OTHER_EVENTS
    return not (workflows.MAP_CONCURRENCY.allows(concurrency) and workflows.HISTORY.allows(events))
