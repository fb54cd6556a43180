"""The scenarios of a template: which conditions can hold at once, and which entries of a mapping are looked up with it.

A condition compares something known only at deploy time (mostly a parameter) with literals. Each such thing is a
variable whose domain is those literals and one value that equals none of them. Trying the values of all variables
gives just the combinations of conditions that a deployment can meet: never ``IsProd`` beside ``Not IsProd``, so that
both branches of every ``Fn::If`` are judged, and nothing that cannot be. A parameter that is the key of a
``Fn::FindInMap`` is such a variable too: its values are the keys of the mapping.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

# Above this many combinations each value is still tried, and each pair of values, but no longer all with all.
_ALL_WITH_ALL = 256
_MOST_SCENARIOS = 64
_MOST_TRIED = 4096
_OTHER = "\0any other value"

Assignment = dict[str, Any]

STORED = "AWS::SSM::Parameter::Value<"
"""How the types of parameters begin whose value is the name of one in the Parameter Store."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Which conditions hold, and which values the parameters have that are keys of mappings.

    ``defaults`` are the values of parameters: those that have a default, in the scenario of a deployment that gives
    none, or those that a deployment is known to give.
    """

    truth: Mapping[str, bool] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)


def scenarios(
    document: Mapping[str, Any], resources: Iterable[Mapping[str, Any]], region: str | None
) -> list[Scenario]:
    """The scenarios that make a difference to ``resources``; one empty one where nothing does."""
    names, lookups = _used(document, resources)
    if not names and not lookups:
        return [Scenario()]
    conditions, used = Conditions(document, region), sorted(names)
    seen: dict[tuple[Any, ...], Scenario] = {}
    for tried, assignment in enumerate(_assignments(conditions.domains(used, lookups))):
        truth = {name: conditions.holds(name, assignment) for name in used}
        keys = {name: assignment[_canonical({"Ref": name})] for name in sorted(lookups)}
        seen.setdefault((*truth.values(), *keys.values()), Scenario(truth, keys))
        if len(seen) >= _MOST_SCENARIOS or tried >= _MOST_TRIED:
            break
    return list(seen.values())


def default_scenario(
    document: Mapping[str, Any], resources: Iterable[Mapping[str, Any]], region: str | None
) -> Scenario | None:
    """The scenario of a deployment that gives no parameters; ``None`` where none has a default that says something."""
    defaults = default_values(document)
    return scenario_of(document, resources, region, defaults) if defaults else None


def scenario_of(
    document: Mapping[str, Any], resources: Iterable[Mapping[str, Any]], region: str | None, values: Mapping[str, Any]
) -> Scenario:
    """The scenario of a deployment in which parameters, and pseudo parameters, have these values."""
    names, lookups = _used(document, resources)
    conditions, used = Conditions(document, region), sorted(names)
    assignment = {
        variable: _assigned(variable, domain, values) for variable, domain in conditions.domains(used, lookups).items()
    }
    truth = {name: conditions.holds(name, assignment) for name in used}
    return Scenario(truth, {name: _literal(values[name]) for name in lookups if name in values}, values)


def default_values(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The defaults of parameters: not of those in the Parameter Store, nor an empty one, which waits for a value."""
    return {
        name: parameter_value(type_, parameter["Default"])
        for name, type_, parameter in parameters(document)
        if parameter.get("Default") not in (None, "")
        and not isinstance(parameter["Default"], (list, dict))
        and not type_.startswith("AWS::SSM")
    }


def parameters(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Name, type and body of everything under ``Parameters`` that looks like a parameter."""
    given = document.get("Parameters")
    for name, parameter in given.items() if isinstance(given, Mapping) else ():
        if isinstance(parameter, Mapping) and isinstance(parameter.get("Type"), str):
            yield str(name), parameter["Type"], parameter


def parameter_value(type_: str, given: Any) -> Any:
    """What a template sees of a value that was given to a parameter: the items of a list, else the value itself."""
    is_list = "List<" in type_ or "CommaDelimitedList" in type_
    return [item.strip() for item in str(given).split(",")] if is_list else given


def _assigned(variable: str, domain: list[Any], values: Mapping[str, Any]) -> Any:
    """The value that a variable has where parameters have these values, or one that nothing speaks against."""
    if not variable.startswith("?"):
        name = json.loads(variable).get("Ref")
        if isinstance(name, str) and name in values:
            value = _literal(values[name])
            return value if value in domain else _OTHER
    return domain[-1]


def _used(document: Mapping[str, Any], resources: Iterable[Mapping[str, Any]]) -> tuple[set[str], dict[str, set[str]]]:
    """The conditions that matter to resources, and the parameters that are keys of mappings with those keys."""
    names: set[str] = set()
    lookups: dict[str, set[str]] = {}
    mappings = document.get("Mappings")
    for resource in resources:
        _collect_used(resource, names, lookups, mappings if isinstance(mappings, Mapping) else {})
    return names, lookups


def _collect_used(raw: Any, names: set[str], lookups: dict[str, set[str]], mappings: Mapping[str, Any]) -> None:
    """The conditions on which a resource depends, itself or in a branch, and the parameters that are keys in it."""
    if isinstance(raw, Mapping):
        if isinstance(raw.get("Condition"), str) and "Type" in raw:
            names.add(raw["Condition"])
        branches = raw.get("Fn::If")
        if isinstance(branches, list) and branches and isinstance(branches[0], str):
            names.add(branches[0])
        for parameter, keys in _keys(raw.get("Fn::FindInMap"), mappings):
            lookups.setdefault(parameter, set()).update(keys)
        for value in raw.values():
            _collect_used(value, names, lookups, mappings)
    elif isinstance(raw, list):
        for item in raw:
            _collect_used(item, names, lookups, mappings)


def _keys(argument: Any, mappings: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """The parameters of a look-up, each with the keys that it can be. A Region is no parameter of the template."""
    if not isinstance(argument, list) or len(argument) < 3 or not isinstance(argument[0], str):
        return
    entries = mappings.get(argument[0])
    if not isinstance(entries, Mapping):
        return
    levels = (entries, {key: 1 for entry in entries.values() if isinstance(entry, Mapping) for key in entry})
    for key, level in zip(argument[1:3], levels, strict=True):
        name = key.get("Ref") if isinstance(key, Mapping) else None
        if isinstance(name, str) and not name.startswith("AWS::"):
            yield name, {str(known) for known in level}


def _assignments(domains: Mapping[str, list[Any]]) -> Iterator[Assignment]:
    """All combinations where they are few, else one base with each value and each pair of values in it."""
    names = list(domains)
    total = 1
    for values in domains.values():
        total *= len(values)
    if total <= _ALL_WITH_ALL:
        for chosen in product(*domains.values()):
            yield dict(zip(names, chosen, strict=True))
        return
    base = {name: values[-1] for name, values in domains.items()}
    yield base
    changes = [(name, value) for name, values in domains.items() for value in values[:-1]]
    for change in changes:
        yield {**base, **dict([change])}
    for pair in combinations(changes, 2):
        yield {**base, **dict(pair)}


class Conditions:
    """The conditions of a template as expressions over variables."""

    def __init__(self, document: Mapping[str, Any], region: str | None) -> None:
        given = document.get("Conditions")
        self._conditions: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        parameters = document.get("Parameters")
        self._parameters: Mapping[str, Any] = parameters if isinstance(parameters, Mapping) else {}
        self._region = region

    def domains(self, names: Iterable[str], lookups: Mapping[str, set[str]]) -> Mapping[str, list[Any]]:
        """The variables on which conditions and look-ups depend, and the values worth trying for each."""
        found = {_canonical({"Ref": parameter}): set(keys) for parameter, keys in lookups.items()}
        for name in names:
            self._collect({"Condition": name}, found, frozenset())
        return {variable: self._domain(variable, literals) for variable, literals in sorted(found.items())}

    def _domain(self, variable: str, literals: set[str]) -> list[Any]:
        if variable.startswith("?"):
            return [True, False]
        reference = json.loads(variable)
        parameter = self._parameters.get(reference["Ref"]) if isinstance(reference.get("Ref"), str) else None
        allowed = parameter.get("AllowedValues") if isinstance(parameter, Mapping) else None
        if isinstance(allowed, list) and allowed:
            possible = {_literal(value) for value in allowed}
            others = possible - literals
            return [*sorted(possible & literals), *([_OTHER] if others else [])] or [_OTHER]
        return [*sorted(literals), _OTHER]

    def holds(self, name: str, assignment: Assignment) -> bool:
        """Whether a condition holds under an assignment of all its variables."""
        return self._evaluate({"Condition": name}, assignment, frozenset())

    def _collect(self, expression: Any, found: dict[str, set[str]], above: frozenset[str]) -> None:
        operator, arguments = self._parse(expression)
        if operator == "name":
            if arguments in self._conditions and arguments not in above:
                self._collect(self._conditions[arguments], found, above | {arguments})
            else:
                found.setdefault(f"?{arguments}", set())
        elif operator == "equals":
            left, right = arguments
            if left[0] == "variable" and right[0] == "variable":
                if left != right:
                    found.setdefault(_pair(left, right), set())
            elif left[0] == "variable":
                found.setdefault(left[1], set()).add(right[1])
            elif right[0] == "variable":
                found.setdefault(right[1], set()).add(left[1])
        elif operator in ("not", "and", "or"):
            for argument in arguments:
                self._collect(argument, found, above)
        else:
            found.setdefault(f"?{arguments}", set())

    def _evaluate(self, expression: Any, assignment: Assignment, above: frozenset[str]) -> bool:
        operator, arguments = self._parse(expression)
        if operator == "name":
            if arguments in self._conditions and arguments not in above:
                return self._evaluate(self._conditions[arguments], assignment, above | {arguments})
            return bool(assignment[f"?{arguments}"])
        if operator == "equals":
            left, right = arguments
            if left[0] == "variable" and right[0] == "variable":
                return left == right or bool(assignment[_pair(left, right)])
            return bool(_value_of(left, assignment) == _value_of(right, assignment))
        results = [self._evaluate(argument, assignment, above) for argument in arguments] if operator != "free" else []
        if operator == "not":
            return not results[0]
        if operator == "and":
            return all(results)
        if operator == "or":
            return any(results)
        return bool(assignment[f"?{arguments}"])

    def _parse(self, expression: Any) -> tuple[str, Any]:
        if isinstance(expression, Mapping) and len(expression) == 1:
            [(name, argument)] = expression.items()
            if name == "Condition" and isinstance(argument, str):
                return "name", argument
            if name == "Fn::Equals" and isinstance(argument, list) and len(argument) == 2:
                return "equals", (self._side(argument[0]), self._side(argument[1]))
            if name == "Fn::Not" and isinstance(argument, list) and len(argument) == 1:
                return "not", argument
            if name in ("Fn::And", "Fn::Or") and isinstance(argument, list) and argument:
                return name[4:].lower(), argument
        return "free", _canonical(expression)

    def _side(self, raw: Any) -> tuple[str, str]:
        if raw == {"Ref": "AWS::Region"} and self._region:
            return "literal", self._region
        if isinstance(raw, (str, int, float, bool)):
            return "literal", _literal(raw)
        return "variable", _canonical(raw if isinstance(raw, Mapping) else {"value": raw})


def _value_of(side: tuple[str, str], assignment: Assignment) -> Any:
    kind, text = side
    return text if kind == "literal" else assignment[text]


def _pair(left: tuple[str, str], right: tuple[str, str]) -> str:
    return "?" + "=".join(sorted((left[1], right[1])))


def _literal(raw: Any) -> str:
    return str(raw).lower() if isinstance(raw, bool) else str(raw)


def _canonical(raw: Any) -> str:
    return json.dumps(raw, sort_keys=True, default=str)
