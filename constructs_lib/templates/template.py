"""A template as the rules see it: resources with resolved properties, and places in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from constructs_lib.facts.paths import ALARM, COMPONENT, CONFIG, ENDPOINT, FUNCTION, MODEL, QUEUE, ROLE, STREAM
from constructs_lib.templates.conditions import Scenario, default_scenario, scenario_of, scenarios
from constructs_lib.templates.known_quotas import KnownQuotas
from constructs_lib.templates.resolve import Resolver
from constructs_lib.templates.values import MISSING, UNKNOWN, Joined, Reference, Value, is_literal, references

Fact = TypeVar("Fact")

# The property by which other resources may name a resource of a type, besides a reference to it.
NAME_PROPERTIES = {
    MODEL: "ModelName",
    CONFIG: "EndpointConfigName",
    ENDPOINT: "EndpointName",
    COMPONENT: "InferenceComponentName",
    ALARM: "AlarmName",
    FUNCTION: "FunctionName",
    QUEUE: "QueueName",
    STREAM: "Name",
    ROLE: "RoleName",
}
# In a path: every item of a list, or every value of a mapping.
EVERY = "*"
# In the outline of a text: a part that is not written in the template.
HOLE = "\0"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the template, as it is in one scenario. ``raw`` is what stands in the file."""

    logical_id: str
    type: str
    raw: Mapping[str, Any]

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The logical ids in ``DependsOn``."""
        given = self.raw.get("DependsOn")
        names = [given] if isinstance(given, str) else given
        return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


class Node:
    """A place in a resource: its value, and the path to it. A place that does not exist is a node too, and missing.

    Nothing here raises: what has not the wanted form is ``None`` or empty.
    """

    __slots__ = ("path", "resource", "value")

    def __init__(self, resource: Resource, path: tuple[str | int, ...], value: Value) -> None:
        self.resource = resource
        self.path = path
        self.value = value

    def at(self, *keys: str | int) -> Node:
        """The place below, by property names and list indexes."""
        value = self.value
        for key in keys:
            if isinstance(value, dict):
                value = value.get(str(key), MISSING)
            elif isinstance(value, list) and isinstance(key, int):
                value = value[key] if 0 <= key < len(value) else MISSING
            else:
                value = MISSING if value is MISSING or is_literal(value) else UNKNOWN
        return Node(self.resource, (*self.path, *keys), value)

    def below(self, path: str) -> list[Node]:
        """The places that a path names from here: property names between slashes, ``*`` for every item of a list."""
        found = [self]
        for step in path.split("/") if path else ():
            found = [inner for outer in found for inner in (outer.items if step == EVERY else [outer.at(step)])]
        return found

    @property
    def items(self) -> list[Node]:
        """The items of a list; none for anything else."""
        if not isinstance(self.value, list):
            return []
        return [Node(self.resource, (*self.path, index), item) for index, item in enumerate(self.value)]

    @property
    def each(self) -> list[Node]:
        """The items of a list, else the place itself: for what may be given as one or as a list."""
        return self.items if isinstance(self.value, list) else [self]

    @property
    def entries(self) -> list[tuple[str, Node]]:
        """The keys and values of a mapping; none for anything else."""
        if not isinstance(self.value, dict):
            return []
        return [(key, Node(self.resource, (*self.path, key), value)) for key, value in self.value.items()]

    @property
    def missing(self) -> bool:
        """Nobody gave a value, or gave ``AWS::NoValue``."""
        return self.value is MISSING

    @property
    def given(self) -> bool:
        """Somebody gave a value, known or not."""
        return self.value is not MISSING

    @property
    def known(self) -> bool:
        """The value is written in the template; the parts of a list or a mapping may still be unknown."""
        return is_literal(self.value)

    @property
    def text(self) -> str | None:
        """The text written here."""
        return self.value if isinstance(self.value, str) else None

    @property
    def number(self) -> float | None:
        """The number written here; CloudFormation takes one in quotes too."""
        value = self.value
        if isinstance(value, bool):
            return None
        if isinstance(value, (int, float)):
            return value
        return parse_number(value) if isinstance(value, str) else None

    @property
    def flag(self) -> bool | None:
        """The truth value written here; CloudFormation takes one in quotes too."""
        if isinstance(self.value, bool):
            return self.value
        return {"true": True, "false": False}.get(self.value.lower()) if isinstance(self.value, str) else None

    @property
    def reference(self) -> Reference | None:
        """What this place refers to as a whole."""
        return self.value if isinstance(self.value, Reference) else None

    @property
    def parts(self) -> tuple[Any, ...]:
        """The parts of a text: literals, references and unknown ones."""
        return self.value.parts if isinstance(self.value, Joined) else (self.value,)

    @property
    def outline(self) -> str:
        """The text written here, with ``HOLE`` for each part that is not known."""
        return "".join(part if isinstance(part, str) else HOLE for part in self.parts)

    @property
    def known_text(self) -> str:
        """The parts of a text that are known: it cannot be shorter than that."""
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def known_bytes(self) -> int:
        """How many bytes a text has at least."""
        return len(self.known_text.encode("utf-8", "replace"))


def parse_number(text: str) -> float | None:
    """The number that a text spells, ``None`` if it spells none."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number and abs(number) != float("inf") else None


def repeated(nodes: Iterable[Node]) -> Iterator[Node]:
    """The places whose text stood at an earlier one already."""
    seen: set[str] = set()
    for node in nodes:
        if node.text is not None and node.text in seen:
            yield node
        seen.add(node.text or "")


class Template:
    """The resources of a template in one scenario: one combination of conditions that a deployment can meet."""

    def __init__(
        self,
        document: Mapping[str, Any],
        scenario: Scenario,
        region: str | None = None,
        quotas: KnownQuotas | None = None,
    ) -> None:
        self.region = region
        self.quotas = quotas
        self._roots: dict[str, Node] = {}
        self._by_type: defaultdict[str, list[Node]] = defaultdict(list)
        self._names: dict[tuple[str, Value], Node] = {}
        self._kept: dict[Callable[[Template], Any], Any] = {}
        self.has_defaults = bool(scenario.defaults)
        resolver = Resolver(document, scenario, region)
        for logical_id, raw in resources(document):
            condition = raw.get("Condition")
            if isinstance(condition, str) and not scenario.truth.get(condition, True):
                continue
            properties = resolver.value(raw.get("Properties", {}))
            root = Node(Resource(logical_id, raw["Type"], raw), ("Properties",), properties)
            self._roots[logical_id] = root
            self._by_type[raw["Type"]].append(root)
        for type_, name_property in NAME_PROPERTIES.items():
            for root in self._by_type.get(type_, ()):
                name = root.at(name_property).value
                if isinstance(name, (str, Reference, Joined)):
                    self._names.setdefault((type_, name), root)
        self._outputs = resolver.value(document.get("Outputs", {}))

    def of(self, *types: str) -> list[Node]:
        """The properties of every resource of these types."""
        return [root for type_ in types for root in self._by_type.get(type_, ())]

    def places(self, *paths: str) -> Iterator[Node]:
        """What stands at paths that begin with a type, in every resource of it."""
        for path in paths:
            type_, _, below = path.partition("/")
            for root in self.of(type_):
                yield from root.below(below)

    def is_referred_to(self, node: Node) -> bool:
        """Whether another resource, or an output for another stack, refers to the resource of ``node``."""
        return node.resource.logical_id in self.once(Template._referred_to)

    def _referred_to(self) -> frozenset[str]:
        values = [*(root.value for root in self._roots.values()), self._outputs]
        return frozenset(found.logical_id for value in values for found in references(value))

    def resource(self, logical_id: str) -> Node | None:
        """The properties of one resource."""
        return self._roots.get(logical_id)

    def follow(self, node: Node, *types: str) -> Node | None:
        """The resource of these types that ``node`` names: by a reference, or by the name that it gives itself."""
        value = node.value
        if isinstance(value, Reference):
            root = self._roots.get(value.logical_id)
            if root is not None and root.resource.type in types:
                return root
        if isinstance(value, (str, Reference, Joined)):
            for type_ in types:
                if (type_, value) in self._names:
                    return self._names[type_, value]
        return None

    def once(self, find: Callable[[Template], Fact]) -> Fact:
        """``find(self)``, worked out at the first call and kept for this template."""
        if find not in self._kept:
            self._kept[find] = find(self)
        kept: Fact = self._kept[find]
        return kept


def resources(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Logical id and body of everything under ``Resources`` that looks like a resource."""
    given = document.get("Resources")
    if isinstance(given, Mapping):
        for logical_id, raw in given.items():
            if isinstance(raw, Mapping) and isinstance(raw.get("Type"), str):
                yield str(logical_id), raw


def templates(
    document: Mapping[str, Any],
    matters: Callable[[str], bool],
    region: str | None = None,
    quotas: KnownQuotas | None = None,
) -> Iterator[Template]:
    """The template in every scenario that makes a difference to resources whose type ``matters``."""
    relevant = [raw for _, raw in resources(document) if matters(raw["Type"])]
    for scenario in scenarios(document, relevant, region):
        yield Template(document, scenario, region, quotas)
    scenario_of_defaults = default_scenario(document, relevant, region)
    if scenario_of_defaults is not None:
        yield Template(document, scenario_of_defaults, region, quotas)


def deployed(
    document: Mapping[str, Any], matters: Callable[[str], bool], region: str, values: Mapping[str, Any]
) -> Template:
    """The template as one deployment meets it, with ``values`` for parameters and pseudo parameters."""
    relevant = [raw for _, raw in resources(document) if matters(raw["Type"])]
    return Template(document, scenario_of(document, relevant, region, values), region)
