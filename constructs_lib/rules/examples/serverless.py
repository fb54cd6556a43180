"""Serverless variants."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import config, endpoint, model, realtime, serverless, serverless_variant
from constructs_lib.rules.examples.example import (
    ABSENT,
    Document,
    Example,
    boundary,
    changed,
    get,
    resource,
    template,
)

_SERVERLESS = "Config.ProductionVariants.0.ServerlessConfig"
_VPC = {"Subnets": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-0a"]}
_IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/classifier:1"
_INFERENCE = "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference"
_ROUTING = "Endpoint.DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration"
_CANARY = {
    "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "CANARY", "WaitIntervalInSeconds": 300}},
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}
_PIPELINE: dict[str, object] = {
    "Model.PrimaryContainer": ABSENT,
    "Model.Containers": [
        {"Image": _IMAGE, "ModelDataUrl": "s3://models-123456789012/scale.tar.gz"},
        {"Image": _IMAGE, "ModelDataUrl": "s3://models-123456789012/classify.tar.gz"},
    ],
}
_UNPACKED = {
    "S3DataSource": {
        "S3Uri": "s3://models-123456789012/classifier/",
        "S3DataType": "S3Prefix",
        "CompressionType": "None",
    }
}
_CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 10,
    "DestinationS3Uri": "s3://captured-123456789012/",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
_PRIVATE_REGISTRY: dict[str, object] = {
    "Model.PrimaryContainer.Image": "registry.example.com/classifier:1",
    "Model.PrimaryContainer.ImageConfig": {"RepositoryAccessMode": "Vpc"},
    "Model.VpcConfig": _VPC,
}


def serverless_fleet(count: int, concurrency: int) -> Document:
    """Several serverless endpoints of one configuration each."""
    resources = {"Model": model()}
    for number in range(count):
        resources[f"Config{number}"] = config(serverless_variant(MaxConcurrency=concurrency))
        resources[f"Endpoint{number}"] = endpoint(EndpointConfigName=get(f"Config{number}", "EndpointConfigName"))
    return template(**resources)


def moved(document: Document, region: str) -> Document:
    """``document`` with the image of its model in another Region."""
    return changed(document, {"Model.PrimaryContainer.Image": _IMAGE.replace("eu-west-1", region)})


def monitored(document: Document) -> Document:
    """``document`` with a monitoring schedule for its endpoint."""
    job = {
        "MonitoringAppSpecification": {"ImageUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/monitor:1"},
        "MonitoringInputs": [
            {"EndpointInput": {"EndpointName": get("Endpoint", "EndpointName"), "LocalPath": "/opt/ml/processing/in"}}
        ],
        "MonitoringOutputConfig": {
            "MonitoringOutputs": [
                {"S3Output": {"LocalPath": "/opt/ml/processing/out", "S3Uri": "s3://reports-123456789012/drift"}}
            ]
        },
        "MonitoringResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
        },
        "RoleArn": "arn:aws:iam::123456789012:role/Monitor",
        "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
    }
    settings = {"ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"}, "MonitoringJobDefinition": job}
    schedule = resource("AWS::SageMaker::MonitoringSchedule", MonitoringScheduleName="drift")
    schedule["Properties"]["MonitoringScheduleConfig"] = settings
    return {**document, "Resources": {**document["Resources"], "Schedule": schedule}}


EXAMPLES = {
    "SLS-MEM": (
        boundary(serverless(), f"{_SERVERLESS}.MemorySizeInMB", passes=3072, fails=3071),
        boundary(serverless(), f"{_SERVERLESS}.MemorySizeInMB", passes=1024, fails=ABSENT),
    ),
    "SLS-ACC-MEM": boundary(serverless(), f"{_SERVERLESS}.MemorySizeInMB", passes=3072, fails=4096),
    "SLS-CONC": (
        boundary(serverless(), f"{_SERVERLESS}.MaxConcurrency", passes=200, fails=201),
        boundary(serverless(), f"{_SERVERLESS}.MaxConcurrency", passes=1, fails=ABSENT),
    ),
    "SLS-PC": boundary(serverless(), f"{_SERVERLESS}.ProvisionedConcurrency", passes=5, fails=6),
    "SLS-NO-VPC": boundary(serverless(), "Model.VpcConfig", passes=ABSENT, fails=_VPC),
    "SLS-NO-NETISO": boundary(serverless(), "Model.EnableNetworkIsolation", passes=False, fails=True),
    "SLS-NO-PIPE": Example(serverless(), changed(serverless(), _PIPELINE)),
    "SLS-NO-MME": Example(
        serverless(),
        changed(
            serverless(),
            {
                "Model.PrimaryContainer.Mode": "MultiModel",
                "Model.PrimaryContainer.ModelDataUrl": "s3://models-123456789012/classifiers/",
            },
        ),
    ),
    "SLS-NO-MDS": Example(
        serverless(),
        changed(
            serverless(),
            {"Model.PrimaryContainer.ModelDataUrl": ABSENT, "Model.PrimaryContainer.ModelDataSource": _UNPACKED},
        ),
    ),
    "SLS-NO-GPU": boundary(
        serverless(),
        "Model.PrimaryContainer.Image",
        passes=f"{_INFERENCE}:2.1.0-cpu-py310",
        fails=f"{_INFERENCE}:2.1.0-gpu-py310",
    ),
    "SLS-ROLL-SIZE": boundary(
        changed(serverless(), {"Endpoint.DeploymentConfig": _CANARY}),
        f"{_ROUTING}.CanarySize",
        passes={"Type": "CAPACITY_PERCENT", "Value": 10},
        fails={"Type": "INSTANCE_COUNT", "Value": 1},
    ),
    # An image of a private registry needs a VPC, which is not supported either.
    "SLS-NO-PRIVREG": Example(serverless(), changed(serverless(), _PRIVATE_REGISTRY), also=frozenset({"SLS-NO-VPC"})),
    "SLS-NO-DC": boundary(serverless(), "Config.DataCaptureConfig", passes=ABSENT, fails=_CAPTURE),
    "SLS-NO-MULTIVAR": Example(
        serverless(), changed(serverless(), {"Config.ProductionVariants.1": serverless_variant("Second")})
    ),
    # Model Monitor is closed to new customers wherever it watches.
    "SLS-NO-MM": Example(realtime(), monitored(serverless()), also=frozenset({"MM-CLOSED"})),
    "SLS-REGIONS": Example(
        moved(realtime(), "ap-southeast-3"), moved(serverless(), "ap-southeast-3"), region="ap-southeast-3"
    ),
    "SLS-ACC-CONC": (
        Example(serverless_fleet(5, 200), serverless_fleet(6, 200), region="eu-west-1"),
        Example(
            moved(serverless_fleet(5, 100), "eu-west-2"),
            moved(serverless_fleet(6, 100), "eu-west-2"),
            region="eu-west-2",
        ),
    ),
}
