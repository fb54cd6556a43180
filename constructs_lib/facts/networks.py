"""Networks and encryption keys of models and endpoints."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Count, Limit, Pattern, Severity
from constructs_lib.facts.paths import CONFIG, EXPERIMENT, MODEL, MONITORING_JOB, in_variants

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_NETWORKS = (f"{MODEL}/VpcConfig", f"{CONFIG}/VpcConfig", f"{MONITORING_JOB}/NetworkConfig/VpcConfig")

KMS_KEY = Limit(
    id="KMS-FMT",
    what="a KMS key",
    unit="",
    allowed=Pattern(r"[a-zA-Z0-9:/_-]*", 2048, 0),
    source=f"{_API}: KmsKeyId",
    checked_on=_CHECKED,
    paths=(
        f"{CONFIG}/KmsKeyId",
        f"{CONFIG}/DataCaptureConfig/KmsKeyId",
        f"{CONFIG}/AsyncInferenceConfig/OutputConfig/KmsKeyId",
        *in_variants("CoreDumpConfig/KmsKeyId"),
        f"{EXPERIMENT}/KmsKey",
        f"{EXPERIMENT}/DataStorageConfig/KmsKey",
        f"{MONITORING_JOB}/MonitoringOutputConfig/KmsKeyId",
        f"{MONITORING_JOB}/MonitoringResources/ClusterConfig/VolumeKmsKeyId",
    ),
    shape="sagemaker.KmsKeyId",
    fix="give the id, the ARN or the alias of the key",
)
SUBNETS = Limit(
    id="VPC-SUBNETS",
    what="Subnets of VpcConfig",
    unit="subnets",
    allowed=Count(1, 16),
    source=f"{_API}: Subnets",
    checked_on=_CHECKED,
    paths=tuple(f"{network}/Subnets" for network in _NETWORKS),
    shape="sagemaker.Subnets",
)
SUBNET_ID = Limit(
    id="VPC-SUBNET-ID",
    what="the id of a subnet",
    unit="",
    allowed=Pattern(r"[-0-9a-zA-Z]+", 32),
    source=f"{_API}: SubnetId",
    checked_on=_CHECKED,
    paths=tuple(f"{network}/Subnets/*" for network in _NETWORKS),
    shape="sagemaker.SubnetId",
    fix="give the id of the subnet, subnet-...",
)
SECURITY_GROUPS = Limit(
    id="VPC-SG",
    what="SecurityGroupIds of VpcConfig",
    unit="security groups",
    allowed=Count(1, 5),
    source=f"{_API}: VpcSecurityGroupIds",
    checked_on=_CHECKED,
    paths=tuple(f"{network}/SecurityGroupIds" for network in _NETWORKS),
    shape="sagemaker.VpcSecurityGroupIds",
)
SECURITY_GROUP_ID = Limit(
    id="VPC-SG-ID",
    what="the id of a security group",
    unit="",
    allowed=Pattern(r"[-0-9a-zA-Z]+", 32),
    source=f"{_API}: SecurityGroupId",
    checked_on=_CHECKED,
    paths=tuple(f"{network}/SecurityGroupIds/*" for network in _NETWORKS),
    shape="sagemaker.SecurityGroupId",
    fix="give the id of the security group, sg-...",
)
# AWS's words: "You must create at least two subnets in different availability zones in your private VPC, even if
# you have only one hosting instance." That they must all be named in VpcConfig is not said: a warning.
AVAILABILITY_ZONES = Limit(
    id="VPC-2AZ",
    what="subnets of a hosted model",
    unit="Availability Zones",
    allowed=Count(2, None),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
