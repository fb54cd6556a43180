"""Networks and encryption keys of models and endpoints."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import asynchronous, realtime
from constructs_lib.rules.examples.example import Document, Example, boundary, changed

_VPC = {"Subnets": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-0a"]}


def _inside() -> Document:
    """A real-time endpoint in a VPC."""
    return changed(realtime(), {"Model.VpcConfig": _VPC})


def _ids(kind: str, count: int) -> list[str]:
    return [f"{kind}-{index}" for index in range(count)]


EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "KMS-FMT": (
        boundary(realtime(), "Config.KmsKeyId", passes="alias/endpoint-key", fails="alias/endpoint.key"),
        boundary(
            asynchronous(),
            "Config.AsyncInferenceConfig.OutputConfig.KmsKeyId",
            passes="arn:aws:kms:eu-west-1:123456789012:alias/results",
            fails="arn:aws:kms:eu-west-1:123456789012:alias/results*",
        ),
    ),
    "VPC-SUBNETS": boundary(_inside(), "Model.VpcConfig.Subnets", passes=_ids("subnet", 16), fails=_ids("subnet", 17)),
    "VPC-SUBNET-ID": boundary(
        _inside(),
        "Model.VpcConfig.Subnets.0",
        passes="subnet-0123456789abcdef0",
        fails="arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-0a",
    ),
    "VPC-SG": boundary(_inside(), "Model.VpcConfig.SecurityGroupIds", passes=_ids("sg", 5), fails=_ids("sg", 6)),
    "VPC-SG-ID": boundary(
        _inside(), "Model.VpcConfig.SecurityGroupIds.0", passes="sg-0123456789abcdef0", fails="my group"
    ),
    "VPC-2AZ": boundary(_inside(), "Model.VpcConfig.Subnets", passes=_ids("subnet", 2), fails=_ids("subnet", 1)),
}
