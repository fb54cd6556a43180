"""Several containers in a model, and several models in a container: pipelines, direct invocation, multi-model."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Pattern, Range, Severity, Told
from constructs_lib.facts.paths import MODEL, in_containers

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg"

ONE_OR_MANY = Limit(
    id="MODEL-XOR",
    what="containers of a model",
    unit="",
    allowed=Told("either PrimaryContainer or Containers"),
    source=f"{_GUIDE}/multi-container-create.html",
    checked_on=_CHECKED,
)
CONTAINERS = Limit(
    id="MODEL-CONTAINERS",
    what="Containers",
    unit="containers",
    allowed=Count(0, 15),
    source=f"{_API}: ContainerDefinitionList",
    checked_on=_CHECKED,
    paths=(f"{MODEL}/Containers",),
    shape="sagemaker.ContainerDefinitionList",
)
HOSTNAME = Limit(
    id="MCE-HOSTNAME-RE",
    what="ContainerHostname",
    unit="",
    allowed=Pattern(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", 63),
    source=f"{_API}: ContainerHostname",
    checked_on=_CHECKED,
    paths=in_containers("ContainerHostname"),
    shape="sagemaker.ContainerHostname",
)

PIPELINE_CONTAINERS = Limit(
    id="PIPE-COUNT",
    what="containers of a serial inference pipeline",
    unit="containers",
    allowed=Count(2, 15),
    source=f"{_GUIDE}/inference-pipelines.html",
    checked_on=_CHECKED,
)
PIPELINE_HOSTNAMES = Limit(
    id="PIPE-HOST",
    what="ContainerHostname in a pipeline",
    unit="",
    allowed=Told("given on every container or on none"),
    source=f"{_API}: ContainerDefinition.ContainerHostname",
    checked_on=_CHECKED,
)
PIPELINE_LABEL = Limit(
    id="PIPE-LABEL",
    what="image in a pipeline",
    unit="",
    allowed=Told(
        "its label com.amazonaws.sagemaker.capabilities.accept-bind-to-port is true, and it listens on "
        "SAGEMAKER_BIND_TO_PORT"
    ),
    source=f"{_GUIDE}/inference-pipeline-real-time.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
ONE_MULTI_MODEL_CONTAINER = Limit(
    id="PIPE-ONE-MME",
    what="containers in MultiModel mode in a pipeline",
    unit="containers",
    allowed=Count(0, 1),
    source="https://github.com/OElesin/sagemaker-autopilot-step-functions/issues/10",
    checked_on=_CHECKED,
    aws_says="More than one container in MultiModel mode is not supported with inference pipeline.",
)

DIRECT_CONTAINERS = Limit(
    id="MCE-COUNT",
    what="containers of a model with direct invocation",
    unit="containers",
    allowed=Count(2, 15),
    source=f"{_GUIDE}/multi-container-create.html",
    checked_on=_CHECKED,
)
EXECUTION_MODE = Limit(
    id="MCE-MODE",
    what="Mode of InferenceExecutionConfig",
    unit="",
    allowed=Choice(("Serial", "Direct")),
    source=f"{_API}: InferenceExecutionMode",
    checked_on=_CHECKED,
    paths=(f"{MODEL}/InferenceExecutionConfig/Mode",),
    shape="sagemaker.InferenceExecutionMode",
)
DIRECT_HOSTNAMES = Limit(
    id="MCE-HOST",
    what="ContainerHostname with direct invocation",
    unit="",
    allowed=Told("given on every container, each time another"),
    source=f"{_GUIDE}/multi-container-create.html",
    checked_on=_CHECKED,
)
DIRECT_TARGET = Limit(
    id="MCE-TARGET",
    what="TargetContainerHostname of a request",
    unit="",
    allowed=Told("that of a container where invocation is direct, none where it is serial"),
    source=f"{_GUIDE}/multi-container-direct.html",
    checked_on=_CHECKED,
)

CONTAINER_MODE = Limit(
    id="MME-MODE",
    what="Mode of a container",
    unit="",
    allowed=Choice(("SingleModel", "MultiModel")),
    source=f"{_API}: ContainerMode",
    checked_on=_CHECKED,
    paths=in_containers("Mode"),
    shape="sagemaker.ContainerMode",
)
MULTI_MODEL_PREFIX = Limit(
    id="MME-MODE-PREFIX",
    what="ModelDataUrl of a container in MultiModel mode",
    unit="",
    allowed=Told("the S3 prefix below which the archives are, not one archive"),
    source=f"{_GUIDE}/create-multi-model-endpoint.html",
    checked_on=_CHECKED,
)
MULTI_MODEL_DATA_SOURCE = Limit(
    id="MME-NO-MDS",
    what="ModelDataSource of a container in MultiModel mode",
    unit="",
    allowed=Never(),
    source=f"{_API}: ContainerDefinition.ModelDataSource",
    checked_on=_CHECKED,
)
CACHE_SETTING = Limit(
    id="MODEL-CACHE",
    what="ModelCacheSetting",
    unit="",
    allowed=Choice(("Enabled", "Disabled")),
    source=f"{_API}: ModelCacheSetting",
    checked_on=_CHECKED,
    paths=in_containers("MultiModelConfig/ModelCacheSetting"),
    shape="sagemaker.ModelCacheSetting",
)
MULTI_MODEL_GPUS = Limit(
    id="MME-GPU",
    what="GPUs of the instance type of a model in MultiModel mode",
    unit="GPUs",
    allowed=Range(0, 1),
    source=f"{_GUIDE}/multi-model-support.html",
    checked_on=_CHECKED,
    aws_says="MultiModel mode is not supported for instance type",
)
# The documents list these; newer types of one GPU, and Inferentia and Trainium, they do not mention.
MULTI_MODEL_GPU_TYPES = Limit(
    id="MME-GPU-TYPES",
    what="instance type with an accelerator for a model in MultiModel mode",
    unit="",
    allowed=Choice(
        (
            "ml.p2.xlarge",
            "ml.p3.2xlarge",
            "ml.g4dn.xlarge",
            "ml.g4dn.2xlarge",
            "ml.g4dn.4xlarge",
            "ml.g4dn.8xlarge",
            "ml.g4dn.16xlarge",
            "ml.g5.xlarge",
            "ml.g5.2xlarge",
            "ml.g5.4xlarge",
            "ml.g5.8xlarge",
            "ml.g5.16xlarge",
        )
    ),
    source=f"{_GUIDE}/multi-model-support.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
MULTI_MODEL_LABEL = Limit(
    id="MME-LABEL",
    what="image of a container in MultiModel mode",
    unit="",
    allowed=Told("its label com.amazonaws.sagemaker.capabilities.multi-models is true"),
    source=f"{_GUIDE}/build-multi-model-build-container.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
    aws_says="does not contain required com.amazonaws.sagemaker.capabilities.multi-models=true Docker label(s).",
)
# No rule: AWS's own TorchServe and LMI images serve several models on a GPU too.
MULTI_MODEL_TRITON = Limit(
    id="MME-GPU-TRITON",
    what="image of a container in MultiModel mode on a GPU",
    unit="",
    allowed=Told("one with NVIDIA Triton Inference Server"),
    source=f"{_GUIDE}/build-multi-model-build-container.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
MULTI_MODEL_CPU_TYPES = Limit(
    id="MME-CPU",
    what="instance type without an accelerator for a model in MultiModel mode",
    unit="",
    allowed=Told("any"),
    source=f"{_GUIDE}/multi-model-support.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
MULTI_MODEL_INSTANCES = Limit(
    id="MME-MIN2",
    what="instances of a multi-model endpoint",
    unit="instances",
    allowed=Told("at least 2 are recommended"),
    source=f"{_GUIDE}/create-multi-model-endpoint.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
MULTI_MODEL_COMBINATIONS = Limit(
    id="MME-AB",
    what="what a multi-model endpoint goes together with",
    unit="",
    allowed=Told("a VPC, automatic scaling, one such container in a pipeline, several production variants"),
    source=f"{_GUIDE}/multi-model-endpoints.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
