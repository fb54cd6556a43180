"""Reads the definitions of Step Functions state machines: their states, and the tasks that call AWS."""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from constructs_lib.facts.paths import STATE_MACHINE
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import MISSING, UNKNOWN, Joined, Value, join

SAGEMAKER = "sagemaker"
RUNTIME = "sagemakerruntime"
CREATE_TRANSFORM_JOB = "CreateTransformJob"

# Stands in the text of a definition for a part that is not known; the characters are for private use in Unicode.
_MARK = re.compile("\ue000([0-9]{1,6})\ue001")
_SUBSTITUTION = re.compile(r"\$\{([^{}\"\\]+)\}")
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
# The text that an intrinsic function of JSONPath makes, and the pieces of it: escapes and places to fill.
_FORMAT = re.compile(r"\s*States\.Format\(\s*'((?:\\.|[^'\\])*)'\s*[,)]", re.DOTALL)
_PIECE = re.compile(r"\\(.)|(\{\})", re.DOTALL)
_CALL = re.compile(
    r":states:::(?P<sdk>aws-sdk:)?(?P<service>[A-Za-z0-9-]+):(?P<action>[A-Za-z0-9]+)"
    r"(?:\.(?P<integration>sync|waitForTaskToken)(?::2)?)?$"
)


class Integration(StrEnum):
    """What a task waits for: the answer of the call, the end of the job, or a token that comes back."""

    REQUEST_RESPONSE = ""
    SYNC = "sync"
    WAIT_FOR_TASK_TOKEN = "waitForTaskToken"


@dataclass(frozen=True, slots=True)
class State:
    """A state at any depth; ``maps`` are the Map states around it, the outermost first."""

    machine: Node
    name: str
    node: Node
    maps: tuple[Node, ...]

    @property
    def type(self) -> str | None:
        """Task, Map, Parallel, Wait, ..."""
        return self.node.at("Type").text

    @property
    def is_express(self) -> bool:
        """It is in an Express workflow: the state machine, or the child executions of a distributed Map."""
        children = (around.at("ItemProcessor", "ProcessorConfig", "ExecutionType") for around in self.maps)
        return any(type_.text == "EXPRESS" for type_ in (self.machine.at("StateMachineType"), *children))


@dataclass(frozen=True, slots=True)
class Task:
    """A state that calls ``action`` of a service of AWS; not ``is_optimized``: through the AWS SDK integration."""

    state: State
    service: str
    action: str
    integration: Integration
    is_optimized: bool

    @property
    def parameters(self) -> Node:
        """The parameters of the call: Arguments where the query language is JSONata."""
        arguments = self.state.node.at("Arguments")
        return arguments if arguments.given else self.state.node.at("Parameters")


def jobs_at_once(task: Task) -> float:
    """How many times a task runs at once in one execution, as far as the Map states around it say."""
    times = 1.0
    for around in task.state.maps:
        times *= around.at("MaxConcurrency").number or 1
    return times


def definition(template: Template, machine: Node) -> Node:
    """The definition of a state machine; its value is unknown or missing where the template does not show it."""
    return template.once(_definitions)[machine.resource.logical_id]


def states(template: Template) -> list[State]:
    """Every state of every state machine, at any depth."""
    return template.once(_states)


def tasks(template: Template, action: str | None = None, service: str = SAGEMAKER) -> list[Task]:
    """The tasks that call a service; with ``action``, such as ``CreateTransformJob``, only those that call that."""
    found = template.once(_tasks).get(service, [])
    return [task for task in found if action in (None, task.action)]


def places(template: Template, kind: str) -> list[Node]:
    """What a path without a resource type starts from.

    ``State`` is every state, the name of a type (``Task``, ``Map``) every state of that type, and the name of an
    action of SageMaker or its runtime (``CreateTransformJob``, ``InvokeEndpoint``) the parameters of every task that
    calls it.
    """
    return template.once(_places).get(kind, [])


def _places(template: Template) -> Mapping[str, list[Node]]:
    found: defaultdict[str, list[Node]] = defaultdict(list)
    for state in states(template):
        found["State"].append(state.node)
        if state.type is not None and state.type != "State":
            found[state.type].append(state.node)
    for service in (SAGEMAKER, RUNTIME):
        for task in tasks(template, service=service):
            found[task.action].append(task.parameters)
    return found


def _states(template: Template) -> list[State]:
    return [state for machine in template.of(STATE_MACHINE) for state in _states_of(template, machine)]


def _states_of(template: Template, machine: Node) -> Iterator[State]:
    scopes: deque[tuple[Node, tuple[Node, ...]]] = deque([(definition(template, machine), ())])
    while scopes:
        scope, maps = scopes.popleft()
        for name, node in scope.at("States").entries:
            state = State(machine, name, node, maps)
            yield state
            around = (*maps, node) if state.type == "Map" else maps
            scopes.extend((node.at(key), around) for key in ("ItemProcessor", "Iterator") if node.at(key).given)
            scopes.extend((branch, around) for branch in node.at("Branches").items)


def _tasks(template: Template) -> Mapping[str, list[Task]]:
    found: defaultdict[str, list[Task]] = defaultdict(list)
    for state in states(template):
        called = state.node.at("Resource").parts[-1]
        call = _CALL.search(called) if state.type == "Task" and isinstance(called, str) else None
        if call is not None:
            action = call["action"][:1].upper() + call["action"][1:]
            integration = Integration(call["integration"] or "")
            found[call["service"]].append(Task(state, call["service"], action, integration, call["sdk"] is None))
    return found


def _definitions(template: Template) -> Mapping[str, Node]:
    return {machine.resource.logical_id: _definition(machine) for machine in template.of(STATE_MACHINE)}


def _definition(machine: Node) -> Node:
    substitutions = machine.at("DefinitionSubstitutions")
    body, text = machine.at("Definition"), machine.at("DefinitionString")
    try:
        if body.given:
            return Node(body.resource, body.path, _read(body.value, lambda leaf: _substituted(leaf, substitutions)))
        return Node(text.resource, text.path, _parsed(text.value, substitutions))
    except (ValueError, RecursionError):  # not JSON, or nested too deeply to be a state machine
        return Node(text.resource, text.path, UNKNOWN if text.given else MISSING)


def _parsed(value: Value, substitutions: Node) -> Value:
    """What the text of a definition says, with its references and unknown parts at their places."""
    if not isinstance(value, (str, Joined)):
        return value  # Fn::ToJsonString has come here as the object that it is
    text, parts = marked(value, substitutions)
    return _read(json.loads(text, strict=False), lambda leaf: _restored(leaf, parts))


def marked(value: str | Joined, substitutions: Node) -> tuple[str, tuple[Value, ...]]:
    """The text of a definition with a mark, which is sound JSON, for every part that is not known; and all parts."""
    whole = _substituted(value, substitutions)
    parts = whole.parts if isinstance(whole, Joined) else (whole,)
    pieces: list[str] = []
    in_quotes = False
    for index, part in enumerate(parts):
        if isinstance(part, str):
            pieces.append(part)
            in_quotes ^= sum(found[0] == '"' for found in _QUOTE.finditer(part)) % 2 == 1
        else:
            mark = f"\ue000{index}\ue001"
            pieces.append(mark if in_quotes else f'"{mark}"')
    return "".join(pieces), parts


def _substituted(value: str | Joined, substitutions: Node) -> Value:
    """A text with the values of DefinitionSubstitutions; a name that is not there is unknown."""
    parts = value.parts if isinstance(value, Joined) else (value,)
    pieces: list[Value] = []
    for part in parts:
        if not isinstance(part, str):
            pieces.append(part)
            continue
        for index, piece in enumerate(_SUBSTITUTION.split(part)):
            pieces.append(_substitute(substitutions.at(piece.strip())) if index % 2 else piece)
    return join(pieces)


def _substitute(given: Node) -> Value:
    return UNKNOWN if given.missing else given.value


def _restored(text: str | Joined, parts: tuple[Value, ...]) -> Value:
    """A text with its marks turned back into the parts for which they stand."""
    if isinstance(text, Joined):
        return text
    pieces = _MARK.split(text)
    return join([_part(parts, int(piece)) if index % 2 else piece for index, piece in enumerate(pieces)])


def _part(parts: tuple[Value, ...], index: int) -> Value:
    return parts[index] if index < len(parts) else UNKNOWN


def _read(value: Value, resolve: Callable[[str | Joined], Value]) -> Value:
    """A value of a definition; what only an execution can tell is unknown: JSONPath (``.$``) and JSONata."""
    if isinstance(value, Mapping):
        return {
            _MARK.sub("?", key).removesuffix(".$"): _made(item, resolve) if key.endswith(".$") else _read(item, resolve)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [_read(item, resolve) for item in value]
    if isinstance(value, (str, Joined)):
        return _without_expression(resolve(value))
    return UNKNOWN if value is None else value


def _made(value: Value, resolve: Callable[[str | Joined], Value]) -> Value:
    """What a path or an intrinsic function of JSONPath gives: unknown, but for the parts that States.Format writes."""
    resolved = resolve(value) if isinstance(value, (str, Joined)) else UNKNOWN
    parts = resolved.parts if isinstance(resolved, Joined) else (resolved,)
    text = "".join(part if isinstance(part, str) else f"\ue000{index}\ue001" for index, part in enumerate(parts))
    call = _FORMAT.match(text)
    return UNKNOWN if call is None else join(list(_formatted(call[1], parts)))


def _formatted(text: str, parts: tuple[Value, ...]) -> Iterator[Value]:
    """The pieces of the text that States.Format fills in, ``UNKNOWN`` for each place that it fills."""
    end = 0
    for piece in _PIECE.finditer(text):
        yield _restored(text[end : piece.start()], parts)
        yield UNKNOWN if piece[2] else piece[1]
        end = piece.end()
    yield _restored(text[end:], parts)


def _without_expression(value: Value) -> Value:
    start = value.parts[0] if isinstance(value, Joined) else value
    return UNKNOWN if isinstance(start, str) and start.lstrip().startswith("{%") else value
