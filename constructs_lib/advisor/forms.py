"""Which form the model takes behind the chosen way of serving, and why."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.advisor.exclusions import cited
from constructs_lib.advisor.strategies import Form, Strategy
from constructs_lib.advisor.workload import Compare, Workload
from constructs_lib.facts import containers, scaling_to_zero


@dataclass(frozen=True, slots=True)
class Shape:
    """A form, the reason for it (none for a single model), and what was assumed to choose it."""

    form: Form
    reason: str = ""
    assumed: str = ""


def shape_of(workload: Workload, strategy: Strategy) -> Shape:
    """The form that the workload takes when it is served in this way."""
    if strategy is Strategy.REALTIME:
        if workload.compare is Compare.LIVE:
            return Shape(Form.AB, "a second production variant answers its part of the users: an A/B test by weights")
        if workload.compare is Compare.MIRROR:
            return Shape(Form.SHADOW, "a shadow variant gets copies of the requests, and no user sees its answers")
    if workload.chained_steps and strategy in (Strategy.REALTIME, Strategy.ASYNC, Strategy.BATCH):
        most = containers.PIPELINE_CONTAINERS
        return Shape(Form.PIPELINE, f"{most} containers run in a row for each request {cited(most)}")
    if strategy is not Strategy.REALTIME:
        return Shape(Form.SINGLE)
    return _several(workload) if workload.models > 1 else _one(workload)


def _one(workload: Workload) -> Shape:
    if workload.scale_to_zero:
        return Shape(
            Form.COMPONENTS, f"instances reach zero with components only {cited(scaling_to_zero.ZERO_NEEDS_COMPONENTS)}"
        )
    return Shape(Form.SINGLE)


def _several(workload: Workload) -> Shape:
    if workload.scale_to_zero or workload.independent_scaling:
        what = "reaches zero" if workload.scale_to_zero else "scales"
        return Shape(Form.COMPONENTS, f"each model is a component that {what} by itself on shared instances")
    stays_loaded = workload.cold_start_ok is False
    if workload.needs_gpu and (stays_loaded or not workload.same_framework):
        return Shape(Form.COMPONENTS, "each model is a component that keeps its copies on the GPUs of shared instances")
    one_container = "one container loads each model from S3 when it is first asked for"
    if workload.same_framework:
        return Shape(Form.MULTI_MODEL, f"the models share a framework: {one_container}")
    most = containers.DIRECT_CONTAINERS
    if workload.models <= most.maximum:
        assumed = "" if workload.same_framework is False else _UNKNOWN.format("a container of its own")
        return Shape(
            Form.MULTI_CONTAINER, f"each model keeps its own container and dependencies, {most} {cited(most)}", assumed
        )
    if workload.same_framework is False:
        return Shape(Form.COMPONENTS, f"{workload.models:,} containers are more than one model holds {cited(most)}")
    told = f"more than {most.maximum} models do not fit into containers of their own {cited(most)}; {one_container}"
    return Shape(Form.MULTI_MODEL, told, _UNKNOWN.format("one container for all"))


_UNKNOWN = "whether the models share a framework was not said: {} is assumed (--same-framework)"
