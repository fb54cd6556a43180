"""How Application Auto Scaling names what it scales: a resource id with a dimension."""

from __future__ import annotations

import re

from constructs_lib.facts import scaling
from constructs_lib.local.errors import AwsError

Key = tuple[str, str]

_COMPONENT = re.compile(r"inference-component/(?P<component>[^/]+)")
_VARIANT = re.compile(r"endpoint/(?P<endpoint>[^/]+)/variant/(?P<variant>[^/]+)")


def variant_of(key: Key) -> tuple[str, str]:
    """Endpoint and variant of a resource id; AWS's error for another kind of resource or dimension."""
    match = _VARIANT.fullmatch(key[0])
    if match is None or key[1] not in scaling.RESOURCE_IDS:
        raise refused("Unsupported service namespace, resource type or scalable dimension")
    return match["endpoint"], match["variant"]


def component_of(key: Key) -> str | None:
    """The inference component of a resource id, None for one of a variant; AWS's error when the dimension differs."""
    match = _COMPONENT.fullmatch(key[0])
    if (match is not None) != (key[1] == scaling.COPY_COUNT_DIMENSION):
        raise refused("Unsupported service namespace, resource type or scalable dimension")
    return match["component"] if match else None


def refused(message: str) -> AwsError:
    """AWS's ValidationException."""
    return AwsError("ValidationException", message)
