"""Models: images, artifacts, environment."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import ARTIFACT, config, endpoint, instance_variant, model, realtime
from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed, resource, template

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/classifier:1"
_CONTAINER = "Model.PrimaryContainer"
_PREFIX = "s3://models-123456789012/classifier/"
_VPC = {"Subnets": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-0a"]}
_LOGIN = {"RepositoryCredentialsProviderArn": "arn:aws:lambda:eu-west-1:123456789012:function:login"}
_SOURCE = {"S3Uri": _PREFIX, "S3DataType": "S3Prefix", "CompressionType": "None"}
_S3 = f"{_CONTAINER}.ModelDataSource.S3DataSource"


def _unpacked() -> Document:
    """A real-time endpoint of a model that is not packed into an archive."""
    container = {"Image": IMAGE, "ModelDataSource": {"S3DataSource": _SOURCE}}
    return changed(realtime(), {_CONTAINER: container})


def _private() -> Document:
    """A real-time endpoint whose image is in a private Docker registry."""
    container = {"Image": "registry.example.com/classifier:1", "ImageConfig": {"RepositoryAccessMode": "Vpc"}}
    return changed(realtime(), {_CONTAINER: container, "Model.VpcConfig": _VPC})


def _packaged() -> Document:
    """A real-time endpoint of a model package."""
    specification = {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": ARTIFACT, "Environment": {"LOG_LEVEL": "info"}}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    return template(
        Package=resource("AWS::SageMaker::ModelPackage", InferenceSpecification=specification),
        Model=model(PrimaryContainer={"ModelPackageName": {"Ref": "Package"}}),
        Config=config(instance_variant()),
        Endpoint=endpoint(),
    )


def _environment(last: str) -> dict[str, str]:
    """32 variables of 1024 bytes each, but for the last."""
    return {**{f"K{index:02}": "v" * 1021 for index in range(31)}, "K31": last}


EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "MODEL-NAME": (
        boundary(realtime(), "Model.ModelName", passes="1-a", fails="1-a.b"),
        boundary(realtime(), "Config.ProductionVariants.0.ModelName", passes="A" * 63, fails="A" * 64),
    ),
    "MODEL-IMG": boundary(realtime(), f"{_CONTAINER}.Image", passes=IMAGE.ljust(255, "1"), fails=IMAGE.ljust(256, "1")),
    "IMG-NOT-ECR": (
        boundary(realtime(), f"{_CONTAINER}.Image", passes=IMAGE, fails="classifier:1"),
        boundary(realtime(), f"{_CONTAINER}.Image", passes=IMAGE, fails="public.ecr.aws/models/classifier:1"),
        Example(_private(), changed(realtime(), {f"{_CONTAINER}.Image": "registry.example.com/classifier:1"})),
    ),
    "MODEL-IMG-REGION": boundary(
        realtime(),
        f"{_CONTAINER}.Image",
        passes=IMAGE,
        fails=IMAGE.replace("eu-west-1", "us-east-1"),
        region="eu-west-1",
    ),
    "MODEL-PRIVREG-MODE": boundary(
        realtime(),
        f"{_CONTAINER}.ImageConfig",
        passes={"RepositoryAccessMode": "Platform"},
        fails={"RepositoryAccessMode": "VPC"},
    ),
    "MODEL-PRIVREG": (
        boundary(_private(), "Model.VpcConfig", passes=_VPC, fails=ABSENT),
        Example(
            changed(_private(), {f"{_CONTAINER}.ImageConfig.RepositoryAuthConfig": _LOGIN}),
            changed(
                realtime(),
                {f"{_CONTAINER}.ImageConfig": {"RepositoryAccessMode": "Platform", "RepositoryAuthConfig": _LOGIN}},
            ),
        ),
    ),
    "MODEL-URL": boundary(realtime(), f"{_CONTAINER}.ModelDataUrl", passes=ARTIFACT, fails="models/model.tar.gz"),
    "MODEL-URL-PREFIX": boundary(
        realtime(), f"{_CONTAINER}.ModelDataUrl", passes=f"{_PREFIX}model.tar.gz", fails=_PREFIX
    ),
    "MODEL-URL-REGION": (
        boundary(
            realtime(),
            f"{_CONTAINER}.ModelDataUrl",
            passes="https://s3.eu-west-1.amazonaws.com/models/model.tar.gz",
            fails="https://s3.us-east-1.amazonaws.com/models/model.tar.gz",
            region="eu-west-1",
        ),
        boundary(
            realtime(),
            f"{_CONTAINER}.ModelDataUrl",
            passes="s3://jumpstart-cache-prod-eu-west-1/model.tar.gz",
            fails="s3://jumpstart-cache-prod-us-east-1/model.tar.gz",
            region="eu-west-1",
        ),
    ),
    "MODEL-MDS": (
        boundary(_unpacked(), f"{_S3}.S3Uri", passes=_PREFIX, fails=_PREFIX[:-1]),
        boundary(_unpacked(), f"{_S3}.CompressionType", passes="None", fails="Gzip"),
    ),
    "MODEL-MDS-URI": boundary(_unpacked(), f"{_S3}.S3Uri", passes=_PREFIX, fails="models/"),
    "MODEL-MDS-TYPE": boundary(_unpacked(), f"{_S3}.S3DataType", passes="S3Object", fails="Object"),
    "MODEL-MDS-COMPRESSION": boundary(_unpacked(), f"{_S3}.CompressionType", passes="None", fails="Zip"),
    "MODEL-AMDS-CFN": boundary(
        realtime(),
        f"{_CONTAINER}.AdditionalModelDataSources",
        passes=ABSENT,
        fails=[{"ChannelName": "draft", "S3DataSource": _SOURCE}],
    ),
    "MODEL-ENV": boundary(
        realtime(),
        f"{_CONTAINER}.Environment",
        passes={f"K{index}": "v" for index in range(100)},
        fails={f"K{index}": "v" for index in range(101)},
    ),
    "MODEL-ENV-KEY": boundary(realtime(), f"{_CONTAINER}.Environment", passes={"_1": "value"}, fails={"1_": "value"}),
    "MODEL-ENV-VALUE": boundary(
        realtime(), f"{_CONTAINER}.Environment", passes={"KEY": "v" * 1024}, fails={"KEY": "v" * 1025}
    ),
    "MODEL-ENV-TOTAL": boundary(
        realtime(),
        f"{_CONTAINER}.Environment",
        passes=_environment("v" * 1021),
        fails=_environment("v" * 1022),
    ),
    "MODEL-ENV-PACKAGE": boundary(
        _packaged(), f"{_CONTAINER}.Environment", passes=ABSENT, fails={"LOG_LEVEL": "debug"}
    ),
}
