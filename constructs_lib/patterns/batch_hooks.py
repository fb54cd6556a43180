"""The user's own steps before and after the jobs of a batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.facts import workflows
from constructs_lib.patterns.states import JSONATA, SERVICE_FAILURE, State, expression, invoke, scopes

if TYPE_CHECKING:
    from constructs_lib.patterns.batch_functions import Plan


class BatchStep(ABC):
    """A step that has to know the batch before it can be made, such as ``DriftGate``."""

    __slots__ = ()

    @abstractmethod
    def bind(self, scope: Construct, plan: Plan, safekeeping: Safekeeping) -> lambda_.IFunction:
        """Make the function of the step in ``scope``, with what it may do to the objects of the batch."""


Hook = lambda_.IFunction | sfn.IChainable | BatchStep
# The states of a batch that run them.
HOOKS = ("Before", "After")


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchHooks:
    """Steps of one's own, such as a check of the data and a load into a warehouse.

    Each is a Lambda function, any states of Step Functions, in JSONPath or JSONata, or a ``DriftGate``. It gets what is
    known of the batch: ``source``, ``date``, ``run``, ``objects``; after the jobs also ``report``, and ``published``
    with the ``output``. What it answers is put aside; what it raises fails the execution, and a redrive begins with it.

    :param before: runs when the objects were found and checked, before any instance is paid for.
    :param after: runs when the results are published.
    """

    before: Hook | None = None
    after: Hook | None = None


def render(hook: Hook | None, *, partition: str, role: iam.Role, comment: str) -> State | None:
    """A state that runs the hook; ``role`` may do then what it needs."""
    if hook is None:
        return None
    assert not isinstance(hook, BatchStep), "it is bound before"
    if hasattr(hook, "function_arn"):
        function = cast(lambda_.IFunction, hook)  # jsii's interfaces cannot be asked for at run time
        function.grant_invoke(role)
        return {
            "Comment": comment,
            **invoke(partition, function.function_arn, expression("$states.input"), retry=SERVICE_FAILURE),
        }
    graph = sfn.StateGraph(hook.start_state, comment)
    branch = graph.to_graph_json()
    for statement in graph.policy_statements:
        role.add_to_policy(statement)
    return {"Comment": comment, "Type": "Parallel", "Branches": [branch]}


def bound(hooks: BatchHooks, scope: Construct, plan: Plan, safekeeping: Safekeeping) -> BatchHooks:
    """The hooks with the functions of their steps, in ``scope`` as ``Before`` and ``After``."""

    def made(id: str, hook: Hook | None) -> Hook | None:
        return hook.bind(Construct(scope, id), plan, safekeeping) if isinstance(hook, BatchStep) else hook

    return BatchHooks(before=made("Before", hooks.before), after=made("After", hooks.after))


def check_names(machine: Mapping[str, Any]) -> None:
    """Raise ``InvalidConfiguration`` for states of hooks that are called like others: names are unique at any depth."""
    counted = Counter(name for scope in scopes(machine) for name in scope["States"])
    twice = [name for name, count in counted.items() if count > 1]
    checks = Checks("BatchHooks")
    problem = (
        f"states of hooks must have names of their own, {', '.join(twice)} is there twice; give another state_name"
    )
    checks.require(not twice, problem, workflows.STATE_NAME)
    checks.done()


def with_languages(machine: dict[str, Any]) -> dict[str, Any]:
    """The machine in a form in which its hooks may be JSONPath, which a machine in JSONata does not allow.

    CDK writes its language beside each state of a hook that is not JSONPath; ours have none. Where a hook is in
    JSONPath the language moves from the machine to each state that is ours.
    """
    hooks = [state for name, state in machine["States"].items() if name in HOOKS and "Branches" in state]
    theirs = [state for hook in hooks for scope in scopes(hook["Branches"][0]) for state in scope["States"].values()]
    if all(state.get("QueryLanguage") == JSONATA for state in theirs):
        return machine
    known = {id(state) for state in theirs}
    for scope in scopes(machine):
        for state in scope["States"].values():
            if id(state) not in known:
                state["QueryLanguage"] = JSONATA
    return {name: value for name, value in machine.items() if name != "QueryLanguage"}
