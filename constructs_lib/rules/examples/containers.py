"""Several containers in a model, and several models in a container: pipelines, direct invocation, multi-model."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import IMAGE, realtime
from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed

_PREFIX = "s3://models-123456789012/"
_ONE = {"Image": IMAGE}
_MULTI_MODEL = {"Image": IMAGE, "Mode": "MultiModel", "ModelDataUrl": _PREFIX}
_TYPE = "Config.ProductionVariants.0.InstanceType"
_SOURCE = {"S3Uri": _PREFIX, "S3DataType": "S3Prefix", "CompressionType": "None"}


def _pipeline(*containers: Document) -> Document:
    """A real-time endpoint of a serial inference pipeline."""
    return changed(realtime(), {"Model.PrimaryContainer": ABSENT, "Model.Containers": list(containers)})


def direct(*hostnames: str) -> Document:
    """A real-time endpoint whose containers are invoked directly."""
    document = _pipeline(*({**_ONE, "ContainerHostname": hostname} for hostname in hostnames))
    return changed(document, {"Model.InferenceExecutionConfig": {"Mode": "Direct"}})


def _multi_model() -> Document:
    """A real-time endpoint of many models."""
    return changed(realtime(), {"Model.PrimaryContainer": _MULTI_MODEL})


EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "MODEL-XOR": (
        boundary(realtime(), "Model.Containers", passes=ABSENT, fails=[_ONE, _ONE]),
        boundary(realtime(), "Model.PrimaryContainer", passes=_ONE, fails=ABSENT),
    ),
    "MODEL-CONTAINERS": Example(_pipeline(*[_ONE] * 15), _pipeline(*[_ONE] * 16)),
    "MCE-HOSTNAME-RE": boundary(
        direct("first", "second"), "Model.Containers.0.ContainerHostname", passes="a" * 63, fails="a" * 64
    ),
    "MCE-MODE": boundary(
        direct("first", "second"), "Model.InferenceExecutionConfig.Mode", passes="Serial", fails="Parallel"
    ),
    "MCE-COUNT": Example(direct("first", "second"), direct("first")),
    "MCE-HOST": (
        boundary(direct("first", "second"), "Model.Containers.1.ContainerHostname", passes="second", fails=ABSENT),
        boundary(direct("first", "second"), "Model.Containers.1.ContainerHostname", passes="second", fails="first"),
    ),
    "PIPE-HOST": Example(
        _pipeline({**_ONE, "ContainerHostname": "first"}, {**_ONE, "ContainerHostname": "second"}),
        _pipeline({**_ONE, "ContainerHostname": "first"}, _ONE),
    ),
    "PIPE-ONE-MME": Example(_pipeline(_ONE, _MULTI_MODEL), _pipeline(_MULTI_MODEL, _MULTI_MODEL)),
    "MME-MODE": boundary(realtime(), "Model.PrimaryContainer.Mode", passes="SingleModel", fails="Single"),
    "MME-MODE-PREFIX": boundary(
        _multi_model(), "Model.PrimaryContainer.ModelDataUrl", passes=_PREFIX, fails=f"{_PREFIX}model.tar.gz"
    ),
    "MME-NO-MDS": boundary(
        _multi_model(), "Model.PrimaryContainer.ModelDataSource", passes=ABSENT, fails={"S3DataSource": _SOURCE}
    ),
    "MODEL-CACHE": boundary(
        _multi_model(), "Model.PrimaryContainer.MultiModelConfig.ModelCacheSetting", passes="Disabled", fails="Off"
    ),
    "MME-GPU": boundary(_multi_model(), _TYPE, passes="ml.g5.8xlarge", fails="ml.g5.12xlarge"),
    "MME-GPU-TYPES": (
        boundary(_multi_model(), _TYPE, passes="ml.g5.xlarge", fails="ml.g6.xlarge"),
        boundary(_multi_model(), _TYPE, passes="ml.c5.xlarge", fails="ml.inf2.xlarge"),
    ),
}
