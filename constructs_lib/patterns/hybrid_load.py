"""The states that put a batch's answers into the table, and then let callers see them all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.patterns.batch_hooks import Hook
from constructs_lib.patterns.states import ANY_FAILURE, JSONATA, SERVICE_FAILURE, State, expression, invoke, retried

LOAD = "Load answers"
# Of the input: s3://BUCKET/RESULTS/answers/.
_OUTPUT = "$states.input.published.output"
_BUCKET = expression(f"$split({_OUTPUT}, '/')[2]")
_PREFIX = expression(f"$substringAfter($substringAfter({_OUTPUT}, '//'), '/')")
_ITEM = "$states.context.Map.Item"
# What tells a batch: named in the state machine, so that an execution keeps the model with which it began.
_EVENT = ("bucket", "key", "index", "batch", "model_version", "feature_version", "computed_at")
# The table takes no more at the moment.
_STUCK = retried(["LoadStuck"], attempts=20)
# A refusal stays one however often it is asked for.
_NEVER = {"ErrorEquals": ["AnswersChanged", "LoadIncomplete", "TooManyFailed"], "MaxAttempts": 0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """Load and switch of a batch. Its input and its output are what is known of the batch."""

    partition: str
    load: str
    switch: str
    model_version: str
    max_concurrency: int

    def chain(self, scope: Construct, after: Hook | None) -> sfn.Chain:
        """The states in ``scope``, those of the user's own step behind them."""
        states: dict[str, State] = {LOAD: self._map(), "Switch batch": self._switch()}
        if after is not None and hasattr(after, "function_arn"):
            states["After load"] = self._own_step(after)
        first, *others = (
            sfn.CustomState(scope, name, state_json={"QueryLanguage": JSONATA, **state})
            for name, state in states.items()
        )
        chain = sfn.Chain.start(first)
        for following in others:
            chain = chain.next(following)
        is_done = after is None or hasattr(after, "function_arn")
        return chain if is_done else chain.next(cast(sfn.IChainable, after))

    def _map(self) -> State:
        batch = self._batch()
        item = {"bucket": _BUCKET, "key": expression(f"{_ITEM}.Value.Key"), "index": expression(f"{_ITEM}.Index")}
        return {
            "Comment": "the answers go into the table, an object at a time; callers see nothing of them yet",
            "Type": "Map",
            "Label": "Load",
            "ItemReader": {
                "Resource": f"arn:{self.partition}:states:::s3:listObjectsV2",
                "Arguments": {"Bucket": _BUCKET, "Prefix": _PREFIX},
            },
            "ItemSelector": {**item, **batch},
            "MaxConcurrency": self.max_concurrency,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Load object",
                "States": self._object(),
            },
            # What so many children return does not fit an output.
            "ResultWriter": {
                "Resource": f"arn:{self.partition}:states:::s3:putObject",
                "Arguments": {"Bucket": _BUCKET, "Prefix": expression("$states.input.work & 'load'")},
            },
            "Output": expression("$states.input"),
        }

    def _object(self) -> dict[str, State]:
        event = {name: expression(f"$states.input.{name}") for name in _EVENT}
        states: dict[str, State] = {
            "Load object": {
                "Comment": "as much as there is time for; goes on where it stood",
                **invoke(self.partition, self.load, event, retry=[_NEVER, _STUCK, *ANY_FAILURE]),
                "Output": expression("$merge([$states.input, {'progress': $states.result.Payload}])"),
                "Next": "Loaded?",
            },
            "Loaded?": {
                "Comment": "a large object takes several calls",
                "Type": "Choice",
                "Choices": [{"Condition": expression("$states.input.progress.done"), "Next": "Object loaded"}],
                "Default": "Load object",
            },
            "Object loaded": {
                "Comment": "the rows are there, and the letters of those that could be none",
                "Type": "Succeed",
                "Output": expression("$states.input.progress"),
            },
        }
        return {name: {"QueryLanguage": JSONATA, **state} for name, state in states.items()}

    def _switch(self) -> State:
        payload = {
            **self._batch(),
            "objects": expression("$states.input.report.answers"),
            "rows": expression("$states.input.report.records > 0 ? $states.input.report.records : null"),
        }
        return {
            "Comment": "from here on callers are answered from this batch; fails where it is not loaded as a whole",
            **invoke(self.partition, self.switch, payload, retry=[_NEVER, *ANY_FAILURE]),
            "Output": expression("$states.input"),
        }

    def _own_step(self, function: Hook) -> State:
        arn = cast(lambda_.IFunction, function).function_arn  # jsii's interfaces cannot be asked for at run time
        return {
            "Comment": "the user's step after the load",
            **invoke(self.partition, arn, expression("$states.input"), retry=SERVICE_FAILURE),
            "Output": expression("$states.input"),
        }

    def _batch(self) -> dict[str, str]:
        """What is said of each row; the time is the start of the run, as the batch knows of nothing later."""
        return {
            "batch": expression("$states.input.run"),
            "model_version": self.model_version,
            "feature_version": expression("$states.input.feature_version"),
            "computed_at": expression("$states.input.computed_at"),
        }


def grants_of(hook: Hook | None) -> tuple[lambda_.IFunction, ...]:
    """The function that a hook is, if it is one: states say themselves what they need."""
    return (cast(lambda_.IFunction, hook),) if hasattr(hook, "function_arn") else ()
