"""Instance types: which there are, where, with what, and how many an account may run."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import QUOTAS, config, endpoint, instance_variant, model, realtime, scaled
from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed, get, template

_VARIANT = "Config.ProductionVariants.0"
_TYPE = f"{_VARIANT}.InstanceType"
_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def _two_endpoints() -> Document:
    """Model, Config, Endpoint, OtherConfig, Other: two endpoints of two instances each."""
    return template(
        Model=model(),
        Config=config(instance_variant()),
        Endpoint=endpoint(),
        OtherConfig=config(instance_variant()),
        Other=endpoint(EndpointConfigName=get("OtherConfig", "EndpointConfigName")),
    )


EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "VAR-TYPE": (
        boundary(realtime(), _TYPE, passes="ml.m5.large", fails="ml.m5.8xlarge"),
        boundary(realtime(), _TYPE, passes="ml.m5.large", fails="local"),
    ),
    "CFN-REGIONTYPES": boundary(realtime(), _TYPE, passes="ml.g6.xlarge", fails="ml.g6e.xlarge", region="eu-west-1"),
    "VAR-VOLUME-NVME": boundary(
        changed(realtime(), {_TYPE: "ml.g5.xlarge"}), f"{_VARIANT}.VolumeSizeInGB", passes=ABSENT, fails=100
    ),
    "KMS-NVME-EP": boundary(
        changed(realtime(), {"Config.KmsKeyId": _KEY}), _TYPE, passes="ml.m5.large", fails="ml.m5d.large"
    ),
    "VAR-AMI": boundary(
        changed(realtime(), {_TYPE: "ml.g5.xlarge"}),
        f"{_VARIANT}.InferenceAmiVersion",
        passes="al2-ami-sagemaker-inference-gpu-3-1",
        fails="al2-ami-sagemaker-inference-gpu-3",
    ),
    "VAR-AMI-HARDWARE": boundary(
        changed(realtime(), {_TYPE: "ml.g5.xlarge"}),
        f"{_VARIANT}.InferenceAmiVersion",
        passes="al2-ami-sagemaker-inference-gpu-2",
        fails="al2-ami-sagemaker-inference-neuron-2",
    ),
    "Q-EP-PER": (
        boundary(realtime(), f"{_VARIANT}.InitialInstanceCount", passes=4, fails=5),
        boundary(scaled(), "Target.MaxCapacity", passes=4, fails=5),
    ),
    # An update runs two fleets at once.
    "Q-TYPE-EP": boundary(realtime(), f"{_VARIANT}.InitialInstanceCount", passes=2, fails=3, quotas=QUOTAS),
    "Q-EP-TOTAL": boundary(
        _two_endpoints(), "OtherConfig.ProductionVariants.0.InitialInstanceCount", passes=2, fails=3
    ),
}
