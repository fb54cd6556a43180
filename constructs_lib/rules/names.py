"""Names and tags: which names must not be fixed, and that tags differ."""

from __future__ import annotations

import re
from collections.abc import Iterator

from constructs_lib.facts import names
from constructs_lib.facts.limit import Limit
from constructs_lib.facts.paths import CONFIG, MODEL
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.template import Node, Template, repeated
from constructs_lib.templates.values import Reference

# A number, a version, a date or a hash between hyphens: somebody changes it with what it names.
_CHANGING = re.compile(r"v?\d+|(?=[a-z]*\d)[0-9a-f]{6,}", re.IGNORECASE)


@rule(names.FIXED_CONFIG_NAME)
def config_without_fixed_name(template: Template) -> Iterator[Problem]:
    """An EndpointConfigName is left out or changes with the configuration."""
    return _fixed(template, names.FIXED_CONFIG_NAME, CONFIG)


@rule(names.FIXED_MODEL_NAME)
def model_without_fixed_name(template: Template) -> Iterator[Problem]:
    """A ModelName is left out or changes with the model."""
    return _fixed(template, names.FIXED_MODEL_NAME, MODEL)


def _fixed(template: Template, limit: Limit, type_: str) -> Iterator[Problem]:
    if template.has_defaults:
        return  # a name that is a parameter can be given anew with every update
    for root in template.of(type_):
        name = root.at(limit.what)
        if name.given and all(_is_fixed(part) for part in name.parts):
            yield Problem(
                name,
                f"{limit.what} is fixed as {_shown(name)}: the first change replaces the resource under a taken name",
                f"leave {limit.what} out, and refer to the name with Fn::GetAtt {limit.what}",
            )


def _is_fixed(part: object) -> bool:
    """Whether a part of a name stays the same as long as the stack lives; that of a parameter is not known."""
    if isinstance(part, Reference):
        return part.logical_id.startswith("AWS::") and not part.attribute
    return isinstance(part, str) and not any(_CHANGING.fullmatch(token) for token in part.split("-"))


def _shown(name: Node) -> str:
    parts = (f"${{{part.logical_id}}}" if isinstance(part, Reference) else part for part in name.parts)
    return repr("".join(parts))


@rule(names.NAME_BY_REF)
def names_by_their_attribute(template: Template) -> Iterator[Problem]:
    """Where a name is wanted, Fn::GetAtt gives it; Ref gives the ARN."""
    for path, named in names.NAMED.items():
        for place in template.places(path):
            reference = place.reference
            if reference is None or reference.attribute or template.follow(place, named) is None:
                continue
            attribute = named.rpartition("::")[2] + "Name"
            message = f"{place.path[-1]} must be a name, got Ref {reference.logical_id}, which is an ARN"
            yield Problem(place, message, f"use Fn::GetAtt {reference.logical_id}.{attribute}")


@rule(names.TAG_KEYS_DIFFER)
def tags_of_different_keys(template: Template) -> Iterator[Problem]:
    """The tags of a resource have different keys."""
    for root in template.of(*names.TAGGED):
        for key in repeated(root.below("Tags/*/Key")):
            yield Problem(key, f"Key of a tag must be unique in its resource, got {key.text!r} again", "remove one")
