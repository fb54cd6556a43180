"""Managed instance scaling: SageMaker adds and removes instances as inference components need them."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.components import components, without_component
from constructs_lib.rules.examples.example import (
    ABSENT,
    Example,
    boundary,
    changed,
)

_MANAGED = "Config.ProductionVariants.0.ManagedInstanceScaling"
_CONSOLIDATING = changed(components(), {f"{_MANAGED}.ScaleInPolicy": {"Strategy": "CONSOLIDATION"}})

_PARTITIONED = "Config.ProductionVariants.0.AcceleratorPartitionLayouts"

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "VAR-MIS-IC": boundary(
        realtime(), _MANAGED, passes=ABSENT, fails={"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 4}
    ),
    "VAR-MIS": boundary(components(), f"{_MANAGED}.MinInstanceCount", passes=2, fails=3),
    "VAR-MIS-MIN": boundary(components(), f"{_MANAGED}.MinInstanceCount", passes=0, fails=-1),
    "VAR-MIS-MAX": boundary(
        changed(components(), {f"{_MANAGED}.MinInstanceCount": 0}), f"{_MANAGED}.MaxInstanceCount", passes=1, fails=0
    ),
    "VAR-MIS-STATUS": boundary(components(), f"{_MANAGED}.Status", passes="ENABLED", fails="Enabled"),
    "VAR-MIS-STRATEGY": boundary(
        _CONSOLIDATING, f"{_MANAGED}.ScaleInPolicy.Strategy", passes="IDLE_RELEASE", fails="IDLE"
    ),
    "VAR-MIS-STEP": boundary(_CONSOLIDATING, f"{_MANAGED}.ScaleInPolicy.MaximumStepSize", passes=100, fails=101),
    "VAR-MIS-COOLDOWN": boundary(_CONSOLIDATING, f"{_MANAGED}.ScaleInPolicy.CooldownInMinutes", passes=5, fails=4),
    "VAR-PART": boundary(components(), _PARTITIONED, passes=ABSENT, fails=[{"PartitionLayout": "all-1g.10gb"}]),
    "IC-ZERO-REGION": boundary(
        without_component(), f"{_MANAGED}.MinInstanceCount", passes=1, fails=0, region="eu-west-3"
    ),
}
