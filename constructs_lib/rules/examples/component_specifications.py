"""Specifications of inference components: what one copy asks for, how it starts and where it is placed."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import ARTIFACT
from constructs_lib.rules.examples.components import adapters, components, on_cpu, pooled, specification
from constructs_lib.rules.examples.example import (
    ABSENT,
    Example,
    boundary,
    changed,
)

_SPECIFICATION = "Component.Specification"
_REQUIREMENTS = f"{_SPECIFICATION}.ComputeResourceRequirements"
_METRICS = f"{_SPECIFICATION}.Container.ContainerMetricsConfig.MetricsEndpoints"
_SCHEDULING = f"{_SPECIFICATION}.SchedulingConfig"
_VARIANT = "Config.ProductionVariants.0"


def _many(count: int) -> dict[str, str]:
    return {f"OPTION_{number}": "on" for number in range(count)}


_CPU = on_cpu()
_BALANCE = {"EnforcementMode": "PERMISSIVE"}
_SCHEDULED = changed(components(), {_SCHEDULING: {"PlacementStrategy": "SPREAD", "AvailabilityZoneBalance": _BALANCE}})
_MEASURED = changed(components(), {_METRICS: [{"MetricsEndpointPath": "/metrics"}]})
_BOTH = components()["Resources"]["Component"]["Properties"]["Specification"]

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "IC-CPU": boundary(_CPU, f"{_REQUIREMENTS}.NumberOfCpuCoresRequired", passes=0.25, fails=0.2),
    "IC-ACC": (
        boundary(components(), f"{_REQUIREMENTS}.NumberOfAcceleratorDevicesRequired", passes=1, fails=0),
        boundary(_CPU, f"{_REQUIREMENTS}.NumberOfAcceleratorDevicesRequired", passes=ABSENT, fails=1),
    ),
    "IC-MEM": (
        boundary(components(), f"{_REQUIREMENTS}.MinMemoryRequiredInMb", passes=128, fails=127),
        boundary(components(), f"{_REQUIREMENTS}.MinMemoryRequiredInMb", passes=128, fails=ABSENT),
        boundary(components(), f"{_REQUIREMENTS}.MaxMemoryRequiredInMb", passes=8192, fails=8191),
    ),
    "IC-TOO-LARGE": (
        boundary(components(), f"{_REQUIREMENTS}.NumberOfAcceleratorDevicesRequired", passes=4, fails=5),
        boundary(components(), f"{_REQUIREMENTS}.NumberOfCpuCoresRequired", passes=48, fails=48.5),
        boundary(components(), f"{_REQUIREMENTS}.MinMemoryRequiredInMb", passes=196608, fails=196609),
        boundary(components(), "Component.RuntimeConfig.CopyCount", passes=8, fails=9),
    ),
    "IC-SPEC-XOR": (
        Example(passes=components(), fails=changed(components(), {_SPECIFICATION: ABSENT})),
        boundary(pooled(), _SPECIFICATION, passes=ABSENT, fails=_BOTH),
    ),
    "IC-SPEC-COUNT": boundary(
        pooled(), "Component.Specifications.1", passes=specification("ml.g6.2xlarge"), fails=ABSENT
    ),
    "IC-SPECS-TYPE": (
        boundary(pooled(), "Component.Specifications.1.InstanceType", passes="ml.g6.2xlarge", fails="ml.g5.xlarge"),
        boundary(pooled(), "Component.Specifications.1.InstanceType", passes="ml.g6.2xlarge", fails=ABSENT),
        boundary(components(), f"{_SPECIFICATION}.InstanceType", passes=ABSENT, fails="ml.g5.12xlarge"),
    ),
    "IC-ADAPTER": (
        boundary(adapters(), "Adapter.Specification.Container.ArtifactUrl", passes=ARTIFACT, fails=ABSENT),
        boundary(
            adapters(),
            "Adapter.Specification.ComputeResourceRequirements",
            passes=ABSENT,
            fails={"MinMemoryRequiredInMb": 128},
        ),
        boundary(pooled(), "Component.Specifications.0.BaseInferenceComponentName", passes=ABSENT, fails="base"),
    ),
    "IC-STARTUP": boundary(
        components(), f"{_SPECIFICATION}.StartupParameters.ModelDataDownloadTimeoutInSeconds", passes=3600, fails=3601
    ),
    "IC-ENV": boundary(components(), f"{_SPECIFICATION}.Container.Environment", passes=_many(16), fails=_many(17)),
    "IC-METRIC-EP": boundary(
        components(), _METRICS, passes=[{"MetricsEndpointPath": "/a"}], fails=[{"MetricsEndpointPath": "/a"}] * 2
    ),
    "IC-METRIC-EP-PATH": boundary(_MEASURED, f"{_METRICS}.0.MetricsEndpointPath", passes="/a/b", fails="/a/../b"),
    "IC-METRIC-EP-FREQUENCY": boundary(
        _MEASURED, f"{_METRICS}.0.MetricPublishFrequencyInSeconds", passes=300, fails=299
    ),
    "IC-SCHED": (
        boundary(_SCHEDULED, f"{_SCHEDULING}.AvailabilityZoneBalance", passes=_BALANCE, fails=ABSENT),
        boundary(_SCHEDULED, f"{_SCHEDULING}.PlacementStrategy", passes="SPREAD", fails=ABSENT),
    ),
    "IC-SCHED-STRATEGY": boundary(_SCHEDULED, f"{_SCHEDULING}.PlacementStrategy", passes="BINPACK", fails="PACK"),
    "IC-SCHED-MODE": boundary(
        _SCHEDULED, f"{_SCHEDULING}.AvailabilityZoneBalance.EnforcementMode", passes="PERMISSIVE", fails="STRICT"
    ),
    "IC-SCHED-IMBALANCE": boundary(
        _SCHEDULED, f"{_SCHEDULING}.AvailabilityZoneBalance.MaxImbalance", passes=100, fails=101
    ),
}
