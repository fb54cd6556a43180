"""Works out the intrinsic functions of a template, as far as the template alone decides them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from constructs_lib.templates.conditions import Scenario
from constructs_lib.templates.values import MISSING, UNKNOWN, Joined, Reference, Value, join

_NO_VALUE = "AWS::NoValue"
_REGION = "AWS::Region"
_ARN = "Arn"
_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")


class Resolver:
    """Resolves the values of one template in one scenario; ``region`` is that of the deployment where it is known."""

    def __init__(self, document: Mapping[str, Any], scenario: Scenario, region: str | None) -> None:
        self._mappings = document.get("Mappings")
        self._scenario = scenario
        self._region = region
        self._functions: Mapping[str, Callable[[Any], Value]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Sub": self._sub,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
            # The text of an object says what the object says.
            "Fn::ToJsonString": self.value,
        }

    def value(self, raw: Any) -> Value:
        """The value of ``raw``; ``MISSING`` for ``AWS::NoValue``, ``UNKNOWN`` for what only a deployment can tell."""
        if isinstance(raw, dict):
            return self._mapping(raw)
        if isinstance(raw, list):
            return [item for item in map(self.value, raw) if item is not MISSING]
        if isinstance(raw, str) and "{{resolve:" in raw:
            return UNKNOWN
        return MISSING if raw is None else raw

    def _mapping(self, raw: Mapping[Any, Any]) -> Value:
        if len(raw) == 1:
            [(name, argument)] = raw.items()
            function = self._functions.get(name)
            if function is not None:
                return function(argument)
        resolved = {}
        for key, item in raw.items():
            name = str(key)
            if name.startswith("Fn::"):
                return UNKNOWN  # a transform or a loop puts here what cannot be seen
            value = self.value(item)
            if value is not MISSING:
                resolved[name] = value
        return resolved

    def _ref(self, name: Any) -> Value:
        if name == _NO_VALUE:
            return MISSING
        if name == _REGION and self._region:
            return self._region
        if not isinstance(name, str):
            return UNKNOWN
        return self._scenario.defaults.get(name, Reference(name))

    def _get_att(self, argument: Any) -> Value:
        if isinstance(argument, str):
            argument = argument.split(".", 1)
        if isinstance(argument, list) and len(argument) == 2 and all(isinstance(item, str) for item in argument):
            return Reference(*argument)
        return UNKNOWN

    def _if(self, argument: Any) -> Value:
        if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
            return UNKNOWN
        return self.value(argument[1] if self._scenario.truth.get(argument[0], True) else argument[2])

    def _join(self, argument: Any) -> Value:
        if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
            return UNKNOWN
        parts = self.value(argument[1])
        if not isinstance(parts, list):
            return UNKNOWN
        between = argument[0]
        return join([piece for part in parts for piece in (between, part)][1:])

    def _sub(self, argument: Any) -> Value:
        template, given = argument, {}
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
            template, given = argument
        if not isinstance(template, str):
            return UNKNOWN
        if "{{resolve:" in template:
            return UNKNOWN
        parts: list[Value] = []
        for index, piece in enumerate(_PLACEHOLDER.split(template)):
            parts.append(self._placeholder(piece, given) if index % 2 else piece)
        return join(parts)

    def _placeholder(self, name: str, given: Mapping[str, Any]) -> Value:
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        name = name.strip()
        if name in given:
            return self.value(given[name])
        return self._get_att(name) if "." in name else self._ref(name)

    def _select(self, argument: Any) -> Value:
        if not isinstance(argument, list) or len(argument) != 2:
            return UNKNOWN
        index, items = self.value(argument[0]), self.value(argument[1])
        if isinstance(index, str) and index.isdigit():
            index = int(index)
        if isinstance(index, int) and isinstance(items, list) and 0 <= index < len(items):
            return items[index]
        return UNKNOWN

    def _split(self, argument: Any) -> Value:
        if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str) or not argument[0]:
            return UNKNOWN
        text = self.value(argument[1])
        if argument[0] == "/" and isinstance(text, Reference) and text.attribute.endswith(_ARN):
            # What follows the slash in the ARN of an endpoint, a component or a role is its name.
            return [UNKNOWN, Reference(text.logical_id, text.attribute.removesuffix(_ARN) + "Name")]
        return text.split(argument[0]) if isinstance(text, str) else UNKNOWN

    def _find_in_map(self, argument: Any) -> Value:
        if not isinstance(argument, list) or len(argument) < 3:
            return UNKNOWN
        found: Any = self._mappings
        for key in argument[:3]:
            name = self.value(key)
            if isinstance(name, Reference) and not name.attribute:
                name = self._scenario.keys.get(name.logical_id, name)
            if isinstance(name, (Reference, Joined)) or not isinstance(found, Mapping) or not isinstance(name, str):
                return UNKNOWN
            found = found.get(name)
        return UNKNOWN if found is None else self.value(found)
