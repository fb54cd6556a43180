"""Which rollouts an endpoint on instances takes, and which a serverless one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from constructs_lib.checks import Checks
from constructs_lib.endpoints.deployment_config import ALL_AT_ONCE, ROLLING
from constructs_lib.endpoints.variant import Variant
from constructs_lib.facts import deployment as facts
from constructs_lib.facts import rollback_alarms, serverless
from constructs_lib.facts.instances import family
from constructs_lib.tokens import is_token

if TYPE_CHECKING:
    from constructs_lib.endpoints.rollout import Rollout


def check_on_instances(checks: Checks, rollout: Rollout, variants: Sequence[Variant]) -> None:
    """Note every problem of a rollout with an endpoint of these variants."""
    several = (
        f"rollout must not be rolling for several variants, got {len(variants)}; give Rollout.canary or Rollout.linear"
    )
    checks.require(rollout.kind != ROLLING or len(variants) == 1, several, facts.NO_ROLLING)
    if rollout.kind != ALL_AT_ONCE or rollout.has_alarms:
        _check_guarded(checks, variants)
    _check_alarms(checks, rollout, len(variants))


def check_serverless(checks: Checks, rollout: Rollout) -> None:
    """Note every problem of a rollout with a serverless endpoint."""
    rolling = "rollout must not be rolling for a serverless endpoint; give Rollout.canary or Rollout.linear"
    checks.require(rollout.kind != ROLLING, rolling, serverless.NO_ROLLING_UPDATE)
    size = rollout.size
    if rollout.kind != ROLLING and size is not None:
        counted = f"rollout must have a share as its size, got {size.value} instances; give CapacitySize.percent"
        checks.require(not size.is_count, counted, serverless.NO_INSTANCE_COUNT)
    _check_alarms(checks, rollout, 1)


def _check_alarms(checks: Checks, rollout: Rollout, variants: int) -> None:
    made = variants * rollout.default_alarms.per_variant if rollout.default_alarms else 0
    limit = rollback_alarms.ROLLBACK_ALARMS
    many = (
        f"rollout must have {limit.allowed} alarms, got {len(rollout.alarms)} of alarms and {made} of default_alarms "
        f"for {variants} variants; give default_alarms=None and a composite alarm of your own"
    )
    checks.require(len(rollout.alarms) + made <= limit.maximum, many, limit)


def _check_guarded(checks: Checks, variants: Sequence[Variant]) -> None:
    for instance_type in (name for variant in variants for name in variant.instance_types):
        silent = (
            f"rollout does nothing for {instance_type}: AWS updates such instances all at once, without a baking "
            "period or a rollback by alarms; leave rollout out, or serve from other instances"
        )
        is_guarded = is_token(instance_type) or family(instance_type) != facts.FALLBACK_FAMILY
        checks.require(is_guarded, silent, facts.FALLBACK_FAMILIES)
