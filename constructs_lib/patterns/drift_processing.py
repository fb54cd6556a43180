"""A SageMaker Processing job that compares what is too much for a function, with the same code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Names
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.handlers import code_asset
from constructs_lib.endpoints.image import ContainerImage
from constructs_lib.endpoints.network import Network, VpcConfig
from constructs_lib.endpoints.permissions import NewRole, allow, arn_of
from constructs_lib.endpoints.storage import grant_read
from constructs_lib.facts import processing as facts

if TYPE_CHECKING:
    from constructs_lib.patterns.drift_sources import DriftSources

_PREFIX_LENGTH = 50  # the time of a window takes another 11 of the 63 characters of a job's name
_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
# As much as the job can read in its time and hold in its memory; 8 bytes a value.
_MAX_MEGABYTES = 1024 * 1024
_MAX_RECORDS = 5_000_000
# Of the function's environment, what a job is told as it is.
TOLD = (
    "BASELINE_BUCKET_NAME",
    "BASELINE_KEY",
    "CAPTURE_BUCKET_NAME",
    "CAPTURE_PREFIX",
    "ENDPOINT_NAME",
    "METRIC_NAMESPACE",
    "REPORT_BUCKET_NAME",
    "REPORT_PREFIX",
    "THRESHOLDS",
    "VARIANT_NAME",
    "WINDOW_IN_HOURS",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftProcessing:
    """Windows with more captured data than a function should read go to a job on one instance, which reads all of it.

    Without it the function reads a sample of such a window, which is enough for most: 100,000 records say as much of a
    distribution as all do. A job says something of rare categories, too.

    :param image: any image with Python 3.11 or newer and boto3, as ``python3`` on its path.
    :param instance_type: such as ``ml.m5.xlarge``, the default. Each record takes 8 bytes of memory for each number.
    :param above_megabytes: size of a window from which on the job is used; 256 by default, as much as the function
        reads.
    :param volume_size_in_gb: for the image and the code alone, as data are not kept on the disk; 10 by default.
    :param max_runtime_in_seconds: after which the job is stopped, and the alarm ``Failed`` trips; 14,400 by default.
    :param vpc_config: where the job is connected to; by default to no VPC. It must reach S3 and CloudWatch Logs.
    :raises InvalidConfiguration: with every wrong value.
    """

    image: ContainerImage
    instance_type: str = "ml.m5.xlarge"
    above_megabytes: int = 256
    volume_size_in_gb: int = 10
    max_runtime_in_seconds: int = 14_400
    vpc_config: VpcConfig | None = None

    def __post_init__(self) -> None:
        checks = Checks("DriftProcessing")
        checks.limit("instance_type", self.instance_type, facts.INSTANCE_TYPE, facts.INSTANCE_TYPE.fix)
        checks.limit("volume_size_in_gb", self.volume_size_in_gb, facts.VOLUME_SIZE)
        checks.limit("max_runtime_in_seconds", self.max_runtime_in_seconds, facts.MAX_RUNTIME)
        if self.vpc_config:
            self.vpc_config.check(checks)
        checks.done()

    def bind(self, scope: Construct, sources: DriftSources) -> BoundDriftProcessing:
        """Make the role of the jobs in ``scope``, and what the function has to be told of them."""
        role = NewRole(scope)
        role.allow(_LOGS, [arn_of(scope, "logs", "log-group:/aws/sagemaker/ProcessingJobs*")])
        image_uri = self.image.bind(scope, role)
        code = code_asset(scope, "Code", "drift")
        grant_read(code.bucket, role, code.s3_object_key)
        # SageMaker lists what it is to copy.
        only = {"StringLike": {"s3:prefix": [f"{code.s3_object_key}*"]}}
        allow(role, ["s3:ListBucket"], [code.bucket.bucket_arn], only)
        network = Network(scope, self.vpc_config) if self.vpc_config else None
        if network:
            network.grant_interfaces(scope, role)
        sources.grant(role)
        key = sources.encryption_key
        if key:
            key.grant_encrypt_decrypt(role.made)
        prefix = Names.unique_resource_name(scope, max_length=_PREFIX_LENGTH, separator="-").lower()
        told = {
            "job_name_prefix": prefix,
            "role_arn": role.made.role_arn,
            "image_uri": image_uri,
            "code_bucket_name": code.s3_bucket_name,
            "code_key": code.s3_object_key,
            "instance_type": self.instance_type,
            "volume_size_in_gb": self.volume_size_in_gb,
            "volume_key": key.key_arn if key else "",
            "max_runtime_in_seconds": self.max_runtime_in_seconds,
            "above_megabytes": self.above_megabytes,
            "max_megabytes": _MAX_MEGABYTES,
            "max_records": _MAX_RECORDS,
            "network": _network_config(network),
            "environment": list(TOLD),
        }
        return BoundDriftProcessing(scope, prefix, role, told, sources)


@dataclass(frozen=True, slots=True)
class BoundDriftProcessing:
    """The jobs of a watch: what the function is told of them, and their role."""

    scope: Construct
    prefix: str
    role: NewRole
    told: dict[str, Any]
    sources: DriftSources

    def grant_start(self, function: lambda_.Function) -> None:
        """Let the function start the jobs of this watch, and no others, and hear of those that fail."""
        assert function.role is not None
        allow(
            function.role,
            ["sagemaker:CreateProcessingJob"],
            [arn_of(self.scope, "sagemaker", f"processing-job/{self.prefix}-*")],
        )
        passed = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        allow(function.role, ["iam:PassRole"], [self.role.made.role_arn], passed)
        if self.sources.encryption_key:
            for_sagemaker = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
            allow(function.role, ["kms:CreateGrant"], [self.sources.encryption_key.key_arn], for_sagemaker)
        events.Rule(
            self.scope,
            "Failed",
            description="tells the watch of a processing job that has not finished",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Processing Job State Change"],
                detail={
                    "ProcessingJobName": [{"prefix": f"{self.prefix}-"}],
                    "ProcessingJobStatus": ["Failed", "Stopped"],
                },
            ),
            targets=[targets.LambdaFunction(function, retry_attempts=2)],
        )


def _network_config(network: Network | None) -> dict[str, Any]:
    if network is None:
        return {}
    rendered = network.render()
    return {"VpcConfig": {"Subnets": rendered.subnets, "SecurityGroupIds": rendered.security_group_ids}}
