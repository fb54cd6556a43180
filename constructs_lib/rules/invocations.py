"""Calls of endpoints by state machines: which call suits an endpoint, and what goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constructs_lib.facts import asynchronous, containers, realtime
from constructs_lib.facts.limit import Limit
from constructs_lib.facts.paths import ENDPOINT, MODEL
from constructs_lib.rules.containers import DIRECT, SERIAL, execution_mode
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates import relations
from constructs_lib.templates.relations import PRODUCTION, config_of
from constructs_lib.templates.state_machines import RUNTIME, Task, tasks
from constructs_lib.templates.template import Node, Template

_SYNCHRONOUS = ("InvokeEndpoint", "InvokeEndpointWithResponseStream")
_ASYNCHRONOUS = "InvokeEndpointAsync"


@dataclass(frozen=True, slots=True)
class Call:
    """A task that calls an endpoint; ``endpoint`` is ``None`` if it is not of this template."""

    task: Task
    endpoint: Node | None

    @property
    def is_synchronous(self) -> bool:
        """It waits for the answer of the model."""
        return self.task.action in _SYNCHRONOUS

    @property
    def parameters(self) -> Node:
        """The parameters of the call."""
        return self.task.parameters

    @property
    def shows_all_parameters(self) -> bool:
        """Not a call with the input of the state, or with a parameter whose name is not known."""
        names = [name for name, _ in self.parameters.entries]
        return names != [] and not any("?" in name for name in names)


def calls(template: Template) -> list[Call]:
    """Every task of a state machine that calls an endpoint."""
    return template.once(_calls)


def _calls(template: Template) -> list[Call]:
    found = [task for task in tasks(template, service=RUNTIME) if task.action in (*_SYNCHRONOUS, _ASYNCHRONOUS)]
    return [Call(task, template.follow(task.parameters.at("EndpointName"), ENDPOINT)) for task in found]


def _judge_length(limit: Limit) -> None:
    """The row is the length of the parameter of its name."""

    def check(template: Template) -> Iterator[Problem]:
        for call in calls(template):
            place = call.parameters.at(limit.what)
            known = sum(len(part) for part in place.parts if isinstance(part, str))
            if known > limit.maximum or (place.text is not None and known < limit.minimum):
                least = "" if place.text is not None else "at least "
                message = f"{limit.what} must be {limit} long, got {least}{known}"
                yield Problem(place, message, "shorten it" if known else "give it a value, or leave it out")

    check.__doc__ = f"{limit.what} of a call is {limit} long."
    rule(limit)(check)


for _limit in (
    asynchronous.FILENAME_LENGTH,
    asynchronous.INPUT_LOCATION_LENGTH,
    asynchronous.OUTPUT_PATH_EXTENSION_LENGTH,
    realtime.CUSTOM_ATTRIBUTES_LENGTH,
    realtime.INFERENCE_ID_LENGTH,
    realtime.PREFIX_AWARE_ID_LENGTH,
    realtime.SESSION_ID_LENGTH,
    realtime.TARGET_MODEL_LENGTH,
):
    _judge_length(_limit)


@rule(asynchronous.INLINE_PAYLOAD)
def one_payload(template: Template) -> Iterator[Problem]:
    """An asynchronous request has exactly one of Body and InputLocation."""
    for call in calls(template):
        parameters = call.parameters
        if call.is_synchronous or not call.shows_all_parameters:
            continue
        body, location = parameters.at("Body"), parameters.at("InputLocation")
        if body.given == location.given:
            yield Problem(
                body if body.given else parameters,
                f"exactly one of Body and InputLocation must be given, got {'both' if body.given else 'neither'}",
                f"give InputLocation, or Body for up to {asynchronous.INLINE_PAYLOAD.maximum} bytes",
            )


@rule(containers.DIRECT_TARGET)
def direct_invocation_has_a_target(template: Template) -> Iterator[Problem]:
    """A call says which container it is for where invocation is direct, and only there."""
    for call in calls(template):
        models = _models(template, call.endpoint) if call.is_synchronous else []
        modes = {execution_mode(model) for model in models}
        place = call.parameters.at("TargetContainerHostname")
        hostnames = [container.at("ContainerHostname") for model in models for container in relations.containers(model)]
        names = [hostname.text for hostname in hostnames]
        if modes == {DIRECT} and place.missing and call.shows_all_parameters:
            yield Problem(
                call.parameters,
                "TargetContainerHostname is required for direct invocation",
                f"give one of {_listed(names)}" if any(names) else "give the ContainerHostname of a container",
            )
        elif modes == {DIRECT} and place.text is not None and names and not {None, place.text} & {*names}:
            message = f"TargetContainerHostname must be one of {_listed(names)}, got {place.text}"
            yield Problem(place, message, f"give one of {_listed(names)}")
        elif modes == {SERIAL} and place.known:
            message = "TargetContainerHostname is for direct invocation alone, the endpoint is not configured for it"
            yield Problem(place, message, "leave it out, or give the model InferenceExecutionConfig with Mode Direct")


def _models(template: Template, endpoint: Node | None) -> list[Node]:
    """The models of an endpoint's production variants; none if one of them is not of this template."""
    config = config_of(template, endpoint)
    items = config.at(PRODUCTION).items if config else []
    models = [template.follow(item.at("ModelName"), MODEL) for item in items]
    return [model for model in models if model] if all(models) else []


def _listed(names: list[str | None]) -> str:
    return ", ".join(name for name in names if name)
