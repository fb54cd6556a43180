"""The name of an endpoint where it must be known before the endpoint is there, or must change for it to be replaced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from aws_cdk import Names
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.variant import Variant
from constructs_lib.facts import scaling, variants
from constructs_lib.tokens import is_token

_MAXIMUM_LENGTH = 63
_DIGITS = 8


def derived_name(endpoint: Construct, generation: str = "") -> str:
    """A name that is the same in every synthesis: the names of the stack and the constructs, and a hash of both.

    No two endpoints of an account and Region share it, as no two stacks there share a name.
    """
    suffix = f"-{generation}" if generation else ""
    name = Names.unique_resource_name(
        endpoint, max_length=_MAXIMUM_LENGTH - len(suffix), separator="-", allowed_special_characters="-"
    )
    return f"{name}{suffix}"


def generation_of(scaled: Sequence[Variant]) -> str:
    """A hash of what SageMaker cannot change of scaled variants: which there are, and on which instances."""
    if not scaled:
        return ""
    kept = sorted((variant.name, variant.instance_types) for variant in scaled)
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:_DIGITS]


def check_replacement(checks: Checks, endpoint_name: str | None, scaled: Sequence[Variant]) -> None:
    """Note every problem of an endpoint that is to be replaced with the instance types of its scaled variants."""
    fixed = (
        "endpoint_name must be left out with replace_on_instance_type_change: the new endpoint is made beside the old "
        f"one, and cannot have its name, got {endpoint_name}; AWS chooses one"
    )
    checks.require(endpoint_name is None, fixed, variants.ENDPOINT_NAME)
    unknown = [name for variant in scaled for name in (variant.name, *variant.instance_types) if is_token(name)]
    late = (
        "names and instance types of scaled variants must be known in the synthesis with "
        "replace_on_instance_type_change, a change of a parameter is not seen; give texts"
    )
    checks.require(not unknown, late, scaling.UPDATE_OF_SCALED_VARIANT)
