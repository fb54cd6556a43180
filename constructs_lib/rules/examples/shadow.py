"""Shadow variants and shadow tests."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import ARTIFACT, IMAGE, ROLE_ARN, config, endpoint, instance_variant, model
from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed, get, resource, template

_SHADOW = "Config.ShadowProductionVariants.0"
_MULTI_MODEL = {"Image": IMAGE, "ModelDataUrl": "s3://models-123456789012/all/", "Mode": "MultiModel"}


def _shadowed() -> Document:
    """Model, Challenger, Config, Endpoint: a production variant, and a shadow variant of another model."""
    shadow = _single("Shadow", ModelName=get("Challenger", "ModelName"))
    return template(
        Model=model(),
        Challenger=model(),
        Config=config(_single("AllTraffic"), ShadowProductionVariants=[shadow]),
        Endpoint=endpoint(),
    )


def _single(name: str, **properties: object) -> Document:
    """A variant on one instance."""
    return instance_variant(name, InitialInstanceCount=1, **properties)


def _experiment() -> Document:
    """Model, Challenger, Config, Endpoint, Experiment: a shadow test on an endpoint."""
    mode = {
        "SourceModelVariantName": "AllTraffic",
        "ShadowModelVariants": [{"ShadowModelVariantName": "Shadow", "SamplingPercentage": 50}],
    }
    experiment = resource(
        "AWS::SageMaker::InferenceExperiment",
        Name="challenge",
        Type="ShadowMode",
        RoleArn=ROLE_ARN,
        EndpointName=get("Endpoint", "EndpointName"),
        ModelVariants=[_model_variant("AllTraffic", "Model"), _model_variant("Shadow", "Challenger")],
        ShadowModeConfig=mode,
        Schedule={"StartTime": "2027-01-01T00:00:00Z", "EndTime": "2027-01-08T00:00:00Z"},
    )
    return template(
        Model=model(),
        Challenger=model(),
        Config=config(instance_variant()),
        Endpoint=endpoint(),
        Experiment=experiment,
    )


def _model_variant(name: str, model_id: str) -> Document:
    instances = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    return {
        "VariantName": name,
        "ModelName": get(model_id, "ModelName"),
        "InfrastructureConfig": {"InfrastructureType": "RealTimeInference", "RealTimeInferenceConfig": instances},
    }


def _serverless_shadow() -> Document:
    settings = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    return changed(
        _shadowed(),
        {
            f"{_SHADOW}.InstanceType": ABSENT,
            f"{_SHADOW}.InitialInstanceCount": ABSENT,
            f"{_SHADOW}.ServerlessConfig": settings,
        },
    )


def _pipeline_shadow(*containers: Document) -> Document:
    changes = {"Challenger.PrimaryContainer": ABSENT, "Challenger.Containers": list(containers)}
    direct = {"Challenger.InferenceExecutionConfig": {"Mode": "Direct"}} if len(containers) > 1 else {}
    return changed(_shadowed(), {**changes, **direct})


def _container(name: str) -> Document:
    return {"Image": IMAGE, "ModelDataUrl": ARTIFACT, "ContainerHostname": name}


_SOURCE = "Experiment.ShadowModeConfig.SourceModelVariantName"
_TESTED = "Experiment.ShadowModeConfig.ShadowModelVariants.0"
_ON = "Experiment.ModelVariants.1.InfrastructureConfig"

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "SHADOW-COUNT": (
        Example(_shadowed(), changed(_shadowed(), {"Config.ShadowProductionVariants.1": _single("Third")})),
        Example(_shadowed(), changed(_shadowed(), {"Config.ProductionVariants.1": _single("Third")})),
    ),
    "SHADOW-NO-SLS": Example(_shadowed(), _serverless_shadow()),
    "SHADOW-NO-ASYNC": boundary(
        _shadowed(),
        "Config.AsyncInferenceConfig",
        passes=ABSENT,
        fails={
            "OutputConfig": {
                "S3OutputPath": "s3://results-123456789012/output/",
                "S3FailurePath": "s3://results-123456789012/failed/",
            }
        },
    ),
    "SHADOW-NO-MCE": Example(
        _pipeline_shadow(_container("first")), _pipeline_shadow(_container("first"), _container("second"))
    ),
    "SHADOW-NO-MME": boundary(
        _shadowed(),
        "Challenger.PrimaryContainer",
        passes={"Image": IMAGE, "ModelDataUrl": ARTIFACT},
        fails=_MULTI_MODEL,
    ),
    "SHADOW-NO-INF1": (
        boundary(_shadowed(), f"{_SHADOW}.InstanceType", passes="ml.inf2.xlarge", fails="ml.inf1.xlarge"),
        boundary(
            _experiment(),
            f"{_ON}.RealTimeInferenceConfig.InstanceType",
            passes="ml.inf2.xlarge",
            fails="ml.inf1.xlarge",
        ),
    ),
    "SHADOW-EXP": Example(
        _experiment(), changed(_experiment(), {"Experiment.ShadowModeConfig.ShadowModelVariants": []})
    ),
    "SHADOW-EXP-VARIANTS": Example(
        _experiment(), changed(_experiment(), {"Experiment.ModelVariants.2": _model_variant("Third", "Model")})
    ),
    "SHADOW-EXP-NAMES": (
        boundary(_experiment(), _SOURCE, passes="AllTraffic", fails="AllTrafic"),
        boundary(_experiment(), f"{_TESTED}.ShadowModelVariantName", passes="Shadow", fails="AllTraffic"),
    ),
    "SHADOW-EXP-MODE": Example(_experiment(), changed(_experiment(), {"Experiment.ShadowModeConfig": ABSENT})),
    "SHADOW-EXP-SAMPLING": boundary(_experiment(), f"{_TESTED}.SamplingPercentage", passes=100, fails=101),
    "SHADOW-EXP-NAME": boundary(_experiment(), "Experiment.Name", passes="a" * 120, fails="a" * 121),
    "SHADOW-EXP-TYPE": boundary(_experiment(), "Experiment.Type", passes="ShadowMode", fails="Shadow"),
    "SHADOW-EXP-INFRA": boundary(
        _experiment(), f"{_ON}.InfrastructureType", passes="RealTimeInference", fails="RealTime"
    ),
    "SHADOW-EXP-INSTANCES": boundary(_experiment(), f"{_ON}.RealTimeInferenceConfig.InstanceCount", passes=0, fails=-1),
    "SHADOW-EXP-STATE": boundary(_experiment(), "Experiment.DesiredState", passes="Cancelled", fails="Canceled"),
    "SHADOW-EXP-DURATION": boundary(
        _experiment(),
        "Experiment.Schedule.EndTime",
        passes="2027-01-31T00:00:00Z",
        fails="2027-01-31T00:00:01Z",
    ),
}
