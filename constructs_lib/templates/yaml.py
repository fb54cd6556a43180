"""YAML as CloudFormation writes it: with the short forms ``!Ref``, ``!Sub``, ``!GetAtt``."""

from __future__ import annotations

from typing import Any

import yaml

_LONG_FORMS = {"Ref": "Ref", "Condition": "Condition"}
# libyaml composes nested nodes by recursion in C, where Python's own guard does not reach.
_DEEPEST = 200
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc] # the base is chosen at run time: C where it was built, else Python
    """A safe loader that keeps dates as the texts they are in a template."""


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        argument: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            argument = argument.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        argument = loader.construct_sequence(node, deep=True)
    else:
        argument = loader.construct_mapping(node, deep=True)
    return {_LONG_FORMS.get(suffix, f"Fn::{suffix}"): argument}


_Loader.add_multi_constructor("!", _short_form)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}


def load(text: str) -> Any:
    """What a YAML text holds. Raises ``ValueError`` with the place of a fault, ``RecursionError`` for deep nesting."""
    try:
        _check_depth(text)
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ValueError(f"{' '.join(str(error).split())}; mend it there") from error


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
            if depth > _DEEPEST:
                raise RecursionError
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1
