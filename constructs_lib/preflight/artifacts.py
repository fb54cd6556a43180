"""Model artifacts: that they are there, in the Region, and that they fit the disk and the memory that serve them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constructs_lib.facts import account as facts
from constructs_lib.facts import instances, models, serverless, variants
from constructs_lib.facts.limit import Limit, Severity
from constructs_lib.facts.paths import MODEL
from constructs_lib.preflight.check import Check
from constructs_lib.preflight.findings import found, unjudged
from constructs_lib.preflight.serving import serving
from constructs_lib.preflight.storage import Location, bucket_region, size_below, size_of, size_on_disk
from constructs_lib.preflight.target import Target
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.relations import Variant, containers, is_multi_model
from constructs_lib.templates.template import Node

_TITLE = "model artifacts are there, and fit"
_GIB = 1024**3
_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Artifact:
    """Model data: one object or all below a prefix; of many models only some are loaded at once."""

    node: Node
    model: Node
    location: Location
    is_prefix: bool
    is_of_many: bool


def _artifacts(target: Target) -> Iterator[Artifact | Finding]:
    for model in target.template.of(MODEL):
        for container in containers(model):
            source = container.at("ModelDataSource", "S3DataSource")
            node = container.at("ModelDataUrl") if container.at("ModelDataUrl").given else source.at("S3Uri")
            if node.missing:
                continue
            location = Location.of(node.text) if node.text is not None else None
            if node.text is None:
                why, fix = target.why_unknown(node)
                yield unjudged(node, f"the location of the artifact is not known: {why}", fix)
            elif location is None:
                yield unjudged(node, f"{node.text} is no s3:// location", "give the artifact as s3://BUCKET/KEY")
            else:
                many = is_multi_model(container)
                prefix = many or source.at("S3DataType").text == "S3Prefix"
                yield Artifact(node, model, location, prefix, many)


def _judge(target: Target, artifact: Artifact) -> Iterator[Finding]:
    location = artifact.location
    local = target.assets.files.get((location.bucket, location.key))
    region = bucket_region(target.account, location.bucket)
    if region is None:
        fix = (
            "run cdk bootstrap in this account and Region" if local else "put the artifact into a bucket that is there"
        )
        yield found(facts.ARTIFACT_EXISTS, artifact.node, f"there is no bucket {location.bucket}", fix)
        return
    if region != target.account.region:
        yield found(
            models.ARTIFACT_REGION,
            artifact.node,
            f"{models.ARTIFACT_REGION.what} must be {target.account.region}, {location.bucket} is in {region}",
            f"copy the artifact to a bucket in {target.account.region}",
        )
    if local is not None:
        size = size_on_disk(local)
        missing = f"{local} is not there, which CDK would upload", "run cdk synth again"
    else:
        size = (size_below if artifact.is_prefix else size_of)(target.account, location)
        uri, kind = f"s3://{location.bucket}/{location.key}", "nothing below" if artifact.is_prefix else "no object"
        missing = f"there is {kind} {uri}", "upload the artifact there, or give the location that it has"
    if size is None:
        yield found(facts.ARTIFACT_EXISTS, artifact.node, *missing)
    elif not artifact.is_of_many:
        for variant in serving(target.template, artifact.model):
            yield from _fits(artifact, size, variant)


def _fits(artifact: Artifact, size: int, variant: Variant) -> Iterator[Finding]:
    """What is too small for the artifact as it is stored, which is packed, so for what it becomes all the more."""
    disk, memory = _disk(variant), _memory(variant)
    if disk is None and size > variants.VOLUME_OF_A_LARGE_MODEL.maximum * _GIB:
        yield unjudged(artifact.node, f"how large the disk is for {size / _GIB:.1f} GB", "look at the type's own disks")
    if disk is not None and size > disk.gib * _GIB:
        message = f"the artifact has {size / _GIB:.1f} GB as it is stored, the disk of {disk.of} has {disk.gib:g} GB"
        yield found(disk.limit, artifact.node, message, disk.fix, Severity.ERROR)
    if memory is not None and size > memory.mib * _MIB:
        yield found(
            facts.ARTIFACT_IN_MEMORY,
            artifact.node,
            f"the artifact has {size / _GIB:.1f} GB as it is stored, "
            f"{memory.of} has {memory.mib * _MIB / _GIB:.1f} GB of memory",
            "choose more memory, or a smaller model",
        )


@dataclass(frozen=True, slots=True)
class _Disk:
    of: str
    gib: float
    limit: Limit
    fix: str


@dataclass(frozen=True, slots=True)
class _Memory:
    of: str
    mib: float


def _disk(variant: Variant) -> _Disk | None:
    """The disk onto which the artifact is unpacked; ``None`` where its size is not known, as that of NVMe disks."""
    if variant.is_serverless:
        limit = serverless.DISK_SIZE
        return _Disk("a serverless variant", limit.maximum, limit, "serve from instances, or make the model smaller")
    types = [place.text or "" for place in variant.instance_types]
    hardware = [instances.hardware(name) for name in types]
    if not types or any(each is None or each.has_local_nvme for each in hardware):
        return None
    volume, limit = variant.node.at("VolumeSizeInGB"), variants.VOLUME_OF_A_LARGE_MODEL
    if volume.given and volume.number is None:
        return None
    fix = f"give a VolumeSizeInGB that is larger than the unpacked model, at most {variants.VOLUME.maximum}"
    return _Disk(types[0], limit.maximum if volume.missing else volume.number or 0, limit, fix)


def _memory(variant: Variant) -> _Memory | None:
    """The memory of the instance, or of its accelerators where they have more: the smallest of the types."""
    if variant.is_serverless:
        size = variant.node.at("ServerlessConfig", "MemorySizeInMB").number
        return None if size is None else _Memory("a serverless variant", size)
    found = [
        _Memory(place.text or "", max(hardware.memory_mib, _of_accelerators(hardware)))
        for place in variant.instance_types
        if (hardware := instances.hardware(place.text or ""))
    ]
    return min(found, key=lambda memory: memory.mib, default=None)


def _of_accelerators(hardware: instances.Hardware) -> int:
    accelerators = hardware.accelerators
    return accelerators.count * (accelerators.memory_mib or 0) if accelerators else 0


ARTIFACTS = Check(_TITLE, _artifacts, _judge)
