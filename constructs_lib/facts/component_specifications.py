"""Specifications of inference components: what one copy asks for, how it starts and where it is placed."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Pattern, Range, Told
from constructs_lib.facts.paths import COMPONENT

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_CFN = "CloudFormation schema of AWS::SageMaker::InferenceComponent (cfn-lint 1.58.0)"
_POOLS = "https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-heterogeneous.html"


def in_specifications(below: str) -> tuple[str, ...]:
    """``below`` in the specification or in every specification of an inference component."""
    return (f"{COMPONENT}/Specification/{below}", f"{COMPONENT}/Specifications/*/{below}")


# What a component asks for.
CPU_CORES = Limit(
    id="IC-CPU",
    what="NumberOfCpuCoresRequired",
    unit="CPU cores",
    allowed=Range(0.25, None),
    source=f"{_API}: NumberOfCpuCores",
    checked_on=_CHECKED,
    paths=in_specifications("ComputeResourceRequirements/NumberOfCpuCoresRequired"),
    shape="sagemaker.NumberOfCpuCores",
)
ACCELERATORS = Limit(
    id="IC-ACC",
    what="NumberOfAcceleratorDevicesRequired",
    unit="accelerators",
    allowed=Range(1, None),
    source=f"{_API}: NumberOfAcceleratorDevices",
    checked_on=_CHECKED,
    paths=in_specifications("ComputeResourceRequirements/NumberOfAcceleratorDevicesRequired"),
    fix="give 1 or more, or leave it out where no accelerator is needed",
    shape="sagemaker.NumberOfAcceleratorDevices",
)
MEMORY = Limit(
    id="IC-MEM",
    what="memory that a component asks for (MinMemoryRequiredInMb, MaxMemoryRequiredInMb)",
    unit="MB",
    allowed=Range(128, None),
    source=f"{_API}: MemoryInMb",
    checked_on=_CHECKED,
    paths=(
        *in_specifications("ComputeResourceRequirements/MinMemoryRequiredInMb"),
        *in_specifications("ComputeResourceRequirements/MaxMemoryRequiredInMb"),
    ),
    shape="sagemaker.MemoryInMb",
)
TOO_LARGE = Limit(
    id="IC-TOO-LARGE",
    what="CPU cores, accelerators and memory that one copy of a component asks for",
    unit="",
    allowed=Told("at most what one instance has, less what it needs itself"),
    source="https://github.com/huggingface/skills",
    checked_on=_CHECKED,
    aws_says=(
        "There is not enough hardware resources on the instances for this endpoint "
        "to create a copy of the inference component."
    ),
)
# How a component is specified.
SPECIFICATION = Limit(
    id="IC-SPEC-XOR",
    what="Specification and Specifications",
    unit="",
    allowed=Told("exactly one of the two"),
    source=f"{_API}: CreateInferenceComponentInput.Specifications; {_CFN}",
    checked_on=_CHECKED,
)
SPECIFICATIONS = Limit(
    id="IC-SPEC-COUNT",
    what="Specifications",
    unit="entries (the API takes 1 to 5, CloudFormation no fewer than 2)",
    allowed=Count(2, 5),
    source=_CFN,
    checked_on=_CHECKED,
    paths=(f"{COMPONENT}/Specifications",),
    fix="give one entry for each of 2 to 5 instance types; one alone goes into Specification",
)
SPECIFICATION_TYPE = Limit(
    id="IC-SPECS-TYPE",
    what="InstanceType of a specification",
    unit="",
    allowed=Told(
        "given in each entry and one of the InstancePools of the variant; not taken in the single Specification"
    ),
    source=_POOLS,
    checked_on=_CHECKED,
)
ADAPTER = Limit(
    id="IC-ADAPTER",
    what="adapter component (BaseInferenceComponentName)",
    unit="",
    allowed=Told("has Container.ArtifactUrl, no ComputeResourceRequirements, and a single Specification"),
    source=f"{_API}: InferenceComponentSpecification",
    checked_on=_CHECKED,
)
STARTUP_TIMEOUTS = Limit(
    id="IC-STARTUP",
    what="a time-out in StartupParameters",
    unit="s",
    allowed=Range(60, 3600),
    source=f"{_API}: InferenceComponentStartupParameters",
    checked_on=_CHECKED,
    paths=(
        *in_specifications("StartupParameters/ModelDataDownloadTimeoutInSeconds"),
        *in_specifications("StartupParameters/ContainerStartupHealthCheckTimeoutInSeconds"),
    ),
    shape="sagemaker.ProductionVariantContainerStartupHealthCheckTimeoutInSeconds",
)
ENVIRONMENT = Limit(
    id="IC-ENV",
    what="Environment of a component's container",
    unit="entries (the API takes 100, CloudFormation 16)",
    allowed=Count(None, 16),
    source=_CFN,
    checked_on=_CHECKED,
    paths=in_specifications("Container/Environment"),
)
METRICS_ENDPOINTS = Limit(
    id="IC-METRIC-EP",
    what="MetricsEndpoints of a component's container",
    unit="entry",
    allowed=Count(1, 1),
    source=_CFN,
    checked_on=_CHECKED,
    paths=in_specifications("Container/ContainerMetricsConfig/MetricsEndpoints"),
    fix="give one, or leave ContainerMetricsConfig out",
)
METRICS_PATH = Limit(
    id="IC-METRIC-EP-PATH",
    what="MetricsEndpointPath",
    unit="",
    allowed=Pattern(r"/(?!.*\.\.)[a-zA-Z0-9/_.\-]+", 256),
    source=f"{_API}: MetricsEndpointPath",
    checked_on=_CHECKED,
    paths=in_specifications("Container/ContainerMetricsConfig/MetricsEndpoints/*/MetricsEndpointPath"),
    fix="begin with / and go on with letters, digits and / _ . - (no ..)",
    shape="sagemaker.MetricsEndpointPath",
)
METRICS_FREQUENCY = Limit(
    id="IC-METRIC-EP-FREQUENCY",
    what="MetricPublishFrequencyInSeconds",
    unit="s",
    allowed=Choice((10, 30, 60, 120, 180, 240, 300)),
    source=f"{_API}: MetricsEndpoint.MetricPublishFrequencyInSeconds",
    checked_on=_CHECKED,
    default=60,
    paths=in_specifications("Container/ContainerMetricsConfig/MetricsEndpoints/*/MetricPublishFrequencyInSeconds"),
)
SCHEDULING = Limit(
    id="IC-SCHED",
    what="SchedulingConfig",
    unit="",
    allowed=Told("has PlacementStrategy and, for CloudFormation, AvailabilityZoneBalance with EnforcementMode"),
    source=_CFN,
    checked_on=_CHECKED,
)
PLACEMENT_STRATEGY = Limit(
    id="IC-SCHED-STRATEGY",
    what="PlacementStrategy",
    unit="",
    allowed=Choice(("SPREAD", "BINPACK")),
    source=f"{_API}: InferenceComponentPlacementStrategy",
    checked_on=_CHECKED,
    paths=in_specifications("SchedulingConfig/PlacementStrategy"),
    shape="sagemaker.InferenceComponentPlacementStrategy",
)
ENFORCEMENT_MODE = Limit(
    id="IC-SCHED-MODE",
    what="EnforcementMode",
    unit="",
    allowed=Choice(("PERMISSIVE",)),
    source=f"{_API}: AvailabilityZoneBalanceEnforcementMode",
    checked_on=_CHECKED,
    paths=in_specifications("SchedulingConfig/AvailabilityZoneBalance/EnforcementMode"),
    shape="sagemaker.AvailabilityZoneBalanceEnforcementMode",
)
MAX_IMBALANCE = Limit(
    id="IC-SCHED-IMBALANCE",
    what="MaxImbalance",
    unit="copies",
    allowed=Range(0, 100),
    source=f"{_API}: AvailabilityZoneBalanceMaxImbalance",
    checked_on=_CHECKED,
    default=0,
    paths=in_specifications("SchedulingConfig/AvailabilityZoneBalance/MaxImbalance"),
    shape="sagemaker.AvailabilityZoneBalanceMaxImbalance",
)
