"""Instance types: which there are, where, with what, and how many an account may run.

The tables are JSON files beside this one, each with its source and the day it was checked. They are read at first use.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

from constructs_lib.facts.limit import Choice, Limit, Never, Severity, Told
from constructs_lib.facts.paths import in_variants

Use = Literal["endpoint", "transform"]

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/sagemaker.html"

VOLUME_ON_NVME = Limit(
    id="VAR-VOLUME-NVME",
    what="VolumeSizeInGB on an instance type with NVMe disks of its own",
    unit="",
    allowed=Never(),
    source="https://github.com/aws/sagemaker-python-sdk/pull/4828",
    checked_on=_CHECKED,
    aws_says="VolumeSize parameter is not allowed for the selected Instance type",
)
KEY_ON_NVME = Limit(
    id="KMS-NVME-EP",
    what="KmsKeyId of an endpoint configuration with instance types that have NVMe disks of their own",
    unit="",
    allowed=Told(
        "accepted without effect on those disks; until 2026-06 AWS said that the call to CreateEndpointConfig fails"
    ),
    source=f"{_API}: CreateEndpointConfigInput.KmsKeyId",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
AMI_VERSION = Limit(
    id="VAR-AMI",
    what="InferenceAmiVersion",
    unit="",
    allowed=Choice(
        (
            "al2-ami-sagemaker-inference-gpu-2",
            "al2-ami-sagemaker-inference-gpu-2-1",
            "al2-ami-sagemaker-inference-gpu-3-1",
            "al2-ami-sagemaker-inference-neuron-2",
            "al2023-ami-sagemaker-inference-gpu-4-1",
        )
    ),
    source=f"{_API}: ProductionVariantInferenceAmiVersion",
    checked_on=_CHECKED,
    paths=in_variants("InferenceAmiVersion"),
    shape="sagemaker.ProductionVariantInferenceAmiVersion",
)
AMI_HARDWARE = Limit(
    id="VAR-AMI-HARDWARE",
    what="instance type for an InferenceAmiVersion",
    unit="",
    allowed=Told("one with GPUs for a gpu version, one with Inferentia2 or Trainium for a neuron version"),
    source=f"{_API}: ProductionVariant.InferenceAmiVersion",
    checked_on=_CHECKED,
    severity=Severity.WARNING,  # CreateEndpointConfig has taken a gpu version for ml.t2.medium
)
IN_REGION = Limit(
    id="CFN-REGIONTYPES",
    what="instance types that a Region offers",
    unit="",
    allowed=Told("those with an on-demand price for hosting in the Region"),
    source="https://aws.amazon.com/sagemaker/ai/pricing/ (types by Region as cfn-lint 1.58.0 has them, 2026-10)",
    checked_on=_CHECKED,
    severity=Severity.WARNING,  # AWS does refuse what it does not offer, but this table is one of prices
    aws_says="is not supported for the chosen region. Please choose some other instance type.",
)


@dataclass(frozen=True, slots=True)
class Accelerators:
    """GPUs, Neuron devices or other accelerators of an instance; ``memory_mib`` is that of each, where it is known."""

    count: int
    manufacturer: str
    name: str
    memory_mib: int | None


@dataclass(frozen=True, slots=True)
class Hardware:
    """What an instance of a type has. ``architecture`` is ``x86_64`` or ``arm64``."""

    family: str
    architecture: str
    vcpus: int
    memory_mib: int
    accelerators: Accelerators | None
    has_local_nvme: bool
    is_burstable: bool


@dataclass(frozen=True, slots=True)
class Quota:
    """The quota ``<type> for endpoint usage`` or ``for transform job usage``: its code, and its value in a new account.

    Either is ``None`` where it was not seen.
    """

    code: str | None
    default: int | None


def family(instance_type: str) -> str:
    """``inf1`` of ``ml.inf1.xlarge``; empty for what is not written like an instance type."""
    parts = instance_type.split(".")
    return parts[1] if len(parts) == 3 and parts[0] == "ml" else ""


@cache
def types(use: Use = "endpoint") -> frozenset[str]:
    """Every instance type that the API takes for endpoints or for transform jobs, in any Region."""
    table = _table("instance_types")
    if use == "transform":
        return _spelled(table["transform"])
    return frozenset(f"ml.{name}.{size}" for name, row in table["families"].items() for size in row["sizes"])


def nearest(instance_type: str, use: Use = "endpoint", *, region: str = "") -> list[str]:
    """Up to three types that are spelled much like this one, the likest first, of those that ``region`` offers."""
    return get_close_matches(instance_type, sorted(types(use) & (offered(region, use) or types(use))), n=3, cutoff=0.8)


def may_be_newer(instance_type: str) -> bool:
    """Whether the type is of a family that no table here has, so that AWS may have added it after they were made."""
    name = family(instance_type)
    return name != "" and name not in _families()


@cache
def _families() -> frozenset[str]:
    regions = _table("instance_regions")
    priced_families = (row for use in ("endpoint", "transform") for row in regions[use].values())
    return frozenset(_table("instance_types")["families"]).union(*priced_families)


@cache
def hardware(instance_type: str) -> Hardware | None:
    """What an instance of this type has; ``None`` for a type that is not in the table."""
    name = family(instance_type)
    row = _table("instance_types")["families"].get(name, {})
    columns = row.get("sizes", {}).get(instance_type.rpartition(".")[2])
    if columns is None:
        return None
    accelerator = row.get("accelerator")
    return Hardware(
        family=name,
        architecture=row["architecture"],
        vcpus=columns[0],
        memory_mib=columns[1],
        accelerators=Accelerators(count=columns[2], **accelerator) if accelerator else None,
        has_local_nvme=row.get("local_nvme", False),
        is_burstable=row.get("burstable", False),
    )


def is_gpu(instance_type: str) -> bool:
    """Whether the type has NVIDIA GPUs."""
    return _manufacturer(instance_type) == "NVIDIA"


def is_neuron(instance_type: str) -> bool:
    """Whether the type has AWS Inferentia or AWS Trainium chips."""
    return _manufacturer(instance_type) == "AWS"


def refuses_a_volume(instance_type: str) -> bool:
    """Whether a volume size is known to be refused for the type, since it has NVMe disks of its own.

    These are the families for which AWS's SDK leaves the size out; of others with such disks no refusal is on record.
    """
    name = family(instance_type)
    return "d" in name or name.startswith(("g5", "g6", "p5", "trn1"))


def _manufacturer(instance_type: str) -> str:
    found = hardware(instance_type)
    return found.accelerators.manufacturer if found and found.accelerators else ""


@cache
def offered(region: str, use: Use = "endpoint") -> frozenset[str] | None:
    """The instance types with an on-demand price in a Region; ``None`` for a Region that is not in the table.

    A type that has no price in any Region says nothing: see ``priced``.
    """
    row = _table("instance_regions")[use].get(region)
    return None if row is None else _spelled(row)


@cache
def priced(use: Use = "endpoint") -> frozenset[str]:
    """The instance types with an on-demand price in at least one Region."""
    return frozenset().union(*(_spelled(row) for row in _table("instance_regions")[use].values()))


@cache
def quota(instance_type: str, use: Use = "endpoint") -> Quota:
    """The quota on instances of this type, as far as it was seen."""
    row = _table("instance_quotas")[use].get(family(instance_type), {})
    code, default = row.get(instance_type.rpartition(".")[2], (None, None))
    return Quota(code, default)


@cache
def _table(name: str) -> Any:
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text("utf-8"))


def _spelled(row: dict[str, str]) -> frozenset[str]:
    """Full names from a mapping of families to their sizes."""
    return frozenset(f"ml.{name}.{size}" for name, sizes in row.items() for size in sizes.split())
