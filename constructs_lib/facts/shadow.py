"""Shadow variants and shadow tests."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Pattern, Range, Told
from constructs_lib.facts.paths import CONFIG, EXPERIMENT

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_CLOUDFORMATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests.html"
_MODELS = f"{EXPERIMENT}/ModelVariants"
_SHADOWS = f"{EXPERIMENT}/ShadowModeConfig/ShadowModelVariants"

ONE_OF_EACH = Limit(
    id="SHADOW-COUNT",
    what="ShadowProductionVariants",
    unit="variant",
    allowed=Count(1, 1),
    source=f"{_API}: CreateEndpointConfigInput.ShadowProductionVariants",
    checked_on=_CHECKED,
    paths=(f"{CONFIG}/ShadowProductionVariants",),
    fix="give exactly 1 shadow variant",
)
NO_SERVERLESS = Limit(
    id="SHADOW-NO-SLS",
    what="a serverless variant in a shadow test",
    unit="",
    allowed=Never(),
    source=_GUIDE,
    checked_on=_CHECKED,
    fix="serve both variants from instances (InstanceType), or leave out ShadowProductionVariants",
)
NO_ASYNCHRONOUS = Limit(
    id="SHADOW-NO-ASYNC",
    what="AsyncInferenceConfig in a shadow test",
    unit="",
    allowed=Never(),
    source=_GUIDE,
    checked_on=_CHECKED,
    fix="leave out AsyncInferenceConfig or ShadowProductionVariants",
)
NO_MARKETPLACE = Limit(
    id="SHADOW-NO-MKT",
    what="a container of AWS Marketplace in a shadow test",
    unit="",
    allowed=Never(),
    source=_GUIDE,
    checked_on=_CHECKED,
)
NO_MULTI_CONTAINER = Limit(
    id="SHADOW-NO-MCE",
    what="a model of several containers in a shadow test",
    unit="",
    allowed=Never(),
    source=_GUIDE,
    checked_on=_CHECKED,
    fix="put everything into one container, or leave out ShadowProductionVariants",
)
NO_MULTI_MODEL = Limit(
    id="SHADOW-NO-MME",
    what="a multi-model container in a shadow test",
    unit="",
    allowed=Never(),
    source=_GUIDE,
    checked_on=_CHECKED,
    fix="serve a single model, or leave out ShadowProductionVariants",
)
NO_INF1 = Limit(
    id="SHADOW-NO-INF1",
    what="an Inf1 instance type in a shadow test",
    unit="",
    allowed=Never(),
    source=_GUIDE,
    checked_on=_CHECKED,
    fix="choose another instance type, such as ml.inf2.xlarge",
)
EXPERIMENT_SHADOWS = Limit(
    id="SHADOW-EXP",
    what="ShadowModelVariants of a shadow test",
    unit="variant",
    allowed=Count(1, 1),
    source=f"{_API}: ShadowModelVariantConfigList",
    checked_on=_CHECKED,
    paths=(_SHADOWS,),
    fix="give exactly 1 shadow variant",
    shape="sagemaker.ShadowModelVariantConfigList",
)
EXPERIMENT_VARIANTS = Limit(
    id="SHADOW-EXP-VARIANTS",
    what="ModelVariants of a shadow test",
    unit="variants",
    allowed=Count(1, 2),
    source=f"{_API}: ModelVariantConfigList",
    checked_on=_CHECKED,
    paths=(_MODELS,),
    shape="sagemaker.ModelVariantConfigList",
)
EXPERIMENT_NAMES = Limit(
    id="SHADOW-EXP-NAMES",
    what="SourceModelVariantName and ShadowModelVariantName",
    unit="",
    allowed=Told("two different VariantNames of ModelVariants"),
    source=f"{_API}: ShadowModeConfig",
    checked_on=_CHECKED,
)
EXPERIMENT_MODE = Limit(
    id="SHADOW-EXP-MODE",
    what="ShadowModeConfig",
    unit="",
    allowed=Told("required, although CloudFormation does not ask for it"),
    source=f"{_API}: CreateInferenceExperimentRequest",
    checked_on=_CHECKED,
)
EXPERIMENT_SAMPLING = Limit(
    id="SHADOW-EXP-SAMPLING",
    what="SamplingPercentage",
    unit="percent",
    allowed=Range(0, 100),
    source=f"{_CLOUDFORMATION}/aws-properties-sagemaker-inferenceexperiment-shadowmodelvariantconfig.html",
    checked_on=_CHECKED,
    paths=(f"{_SHADOWS}/*/SamplingPercentage",),
)
EXPERIMENT_NAME = Limit(
    id="SHADOW-EXP-NAME",
    what="Name of a shadow test",
    unit="",
    allowed=Pattern(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}", 120),
    source=f"{_API}: InferenceExperimentName",
    checked_on=_CHECKED,
    paths=(f"{EXPERIMENT}/Name",),
    shape="sagemaker.InferenceExperimentName",
)
EXPERIMENT_TYPE = Limit(
    id="SHADOW-EXP-TYPE",
    what="Type of an inference experiment",
    unit="",
    allowed=Choice(("ShadowMode",)),
    source=f"{_API}: InferenceExperimentType",
    checked_on=_CHECKED,
    paths=(f"{EXPERIMENT}/Type",),
    shape="sagemaker.InferenceExperimentType",
)
EXPERIMENT_INFRASTRUCTURE = Limit(
    id="SHADOW-EXP-INFRA",
    what="InfrastructureType",
    unit="",
    allowed=Choice(("RealTimeInference",)),
    source=f"{_API}: ModelInfrastructureType",
    checked_on=_CHECKED,
    paths=(f"{_MODELS}/*/InfrastructureConfig/InfrastructureType",),
    shape="sagemaker.ModelInfrastructureType",
)
EXPERIMENT_INSTANCES = Limit(
    id="SHADOW-EXP-INSTANCES",
    what="InstanceCount",
    unit="instances",
    allowed=Range(0, None),
    source=f"{_API}: TaskCount",
    checked_on=_CHECKED,
    paths=(f"{_MODELS}/*/InfrastructureConfig/RealTimeInferenceConfig/InstanceCount",),
    shape="sagemaker.TaskCount",
)
EXPERIMENT_STATE = Limit(
    id="SHADOW-EXP-STATE",
    what="DesiredState of a shadow test",
    unit="",
    allowed=Choice(("Running", "Completed", "Cancelled")),
    source=f"{_CLOUDFORMATION}/aws-resource-sagemaker-inferenceexperiment.html",
    checked_on=_CHECKED,
    paths=(f"{EXPERIMENT}/DesiredState",),
)
EXPERIMENT_DURATION = Limit(
    id="SHADOW-EXP-DURATION",
    what="duration of a shadow test (7 days if no Schedule is given)",
    unit="days",
    allowed=Range(None, 30),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-create.html",
    checked_on=_CHECKED,
    default=7,
)
