"""The preflight: what a template asks of an account, looked up in the account before a deployment.

It calls nothing that writes. ``judge`` is the whole of it; ``python -m constructs_lib preflight`` its command line.
"""

from __future__ import annotations

from typing import Any

from constructs_lib.preflight.artifacts import ARTIFACTS
from constructs_lib.preflight.check import Check
from constructs_lib.preflight.concurrency import SERVERLESS_QUOTAS
from constructs_lib.preflight.images import IMAGES
from constructs_lib.preflight.instances import INSTANCE_QUOTAS
from constructs_lib.preflight.names import ENDPOINT_NAMES
from constructs_lib.preflight.networks import SUBNETS
from constructs_lib.preflight.regions import OFFERED_TYPES
from constructs_lib.preflight.roles import PASSED_ROLES
from constructs_lib.preflight.target import Target, target_of
from constructs_lib.rules.rule import Finding

CHECKS: tuple[Check[Any], ...] = (
    OFFERED_TYPES,
    INSTANCE_QUOTAS,
    SERVERLESS_QUOTAS,
    ARTIFACTS,
    IMAGES,
    PASSED_ROLES,
    SUBNETS,
    ENDPOINT_NAMES,
)
"""Everything that the preflight looks at, in the order in which it asks."""


def judge(target: Target) -> list[Finding]:
    """Everything that AWS would refuse or that could not be known, each once; no call of a check ends the others."""
    found = dict.fromkeys(target.notes)
    for check in CHECKS:
        found.update(dict.fromkeys(check.findings(target)))
    return list(found)


__all__ = ["CHECKS", "Target", "judge", "target_of"]
