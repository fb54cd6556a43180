"""Updates: what CloudFormation replaces, what SageMaker refuses or keeps, and what is live once all is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Severity, Told
from constructs_lib.facts.paths import (
    COMPONENT,
    CONFIG,
    ENDPOINT,
    MODEL,
    POLICY,
    ROLE,
    SECURITY_GROUP,
    TARGET,
    TOPIC,
)

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_CLOUDFORMATION = "cloudformation API model 2010-05-15 (botocore 1.44.5)"
_SCALING = "application-autoscaling API model 2016-02-06 (botocore 1.44.5)"

# The createOnlyProperties of CloudFormation's schemas (cfn-lint 1.58.0): a change of one replaces the resource.
CREATE_ONLY: Mapping[str, frozenset[str]] = {
    MODEL: frozenset(
        {
            "Containers",
            "EnableNetworkIsolation",
            "ExecutionRoleArn",
            "InferenceExecutionConfig",
            "ModelName",
            "PrimaryContainer",
            "VpcConfig",
        }
    ),
    CONFIG: frozenset(
        {
            "AsyncInferenceConfig",
            "DataCaptureConfig",
            "EnableNetworkIsolation",
            "EndpointConfigName",
            "ExecutionRoleArn",
            "ExplainerConfig",
            "KmsKeyId",
            "MetricsConfig",
            "ProductionVariants",
            "ShadowProductionVariants",
            "VpcConfig",
        }
    ),
    ENDPOINT: frozenset({"EndpointName"}),
    COMPONENT: frozenset(),
    TARGET: frozenset({"ResourceId", "ScalableDimension", "ServiceNamespace"}),
    POLICY: frozenset({"PolicyName", "ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace"}),
    ROLE: frozenset({"Path", "RoleName"}),
    SECURITY_GROUP: frozenset({"GroupDescription", "GroupName", "VpcId"}),
    TOPIC: frozenset({"FifoTopic", "TopicName"}),
    "AWS::S3::Bucket": frozenset({"BucketName", "BucketNamePrefix", "BucketNamespace"}),
}

# What SageMaker does with an update.
RETAINED = Limit(
    id="UPD-RETAINED",
    what="properties of live variants that RetainAllVariantProperties keeps",
    unit="",
    allowed=Choice(("DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig")),
    source=f"{_API}: VariantPropertyType",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
RETAINED_COUNT, RETAINED_WEIGHT, RETAINED_CAPTURE = "DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig"
# Of the other direction no refusal is on record.
ASYNC_REMOVAL = Limit(
    id="ASYNC-REMOVE",
    what="update of an asynchronous endpoint to one that is not",
    unit="",
    allowed=Told("never: AsyncInferenceConfig cannot be removed from an endpoint; replace the endpoint"),
    source="https://github.com/aws/sagemaker-python-sdk/pull/3124",
    checked_on=_CHECKED,
    aws_says="The AsyncInferenceConfig parameter cannot be removed from this endpoint",
)
# CloudFormation's schema names no property that replaces a component, and the API's update takes none of these.
COMPONENT_FIXED = Limit(
    id="IC-FIXED",
    what="change of the name, the endpoint or the variant of an inference component",
    unit="",
    allowed=Told("none: UpdateInferenceComponent takes none of them; create another component"),
    source=f"{_API}: UpdateInferenceComponentInput",
    checked_on=_CHECKED,
)
COMPONENT_FIXED_PROPERTIES = ("InferenceComponentName", "EndpointName", "EndpointArn", "VariantName")

# What is live once a deployment is over.
LIVE_STACK = Limit(
    id="UPD-STACK",
    what="StackStatus after a deployment",
    unit="",
    allowed=Choice(("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "IMPORT_COMPLETE")),
    source=f"{_CLOUDFORMATION}: StackStatus",
    checked_on=_CHECKED,
)
LIVE_TEMPLATE = Limit(
    id="UPD-TEMPLATE",
    what="template of a stack after a deployment",
    unit="",
    allowed=Told("the one that was deployed: a rollback puts the former one back"),
    source=f"{_CLOUDFORMATION}: GetTemplate",
    checked_on=_CHECKED,
)
LIVE_STATUS = Limit(
    id="UPD-STATUS",
    what="EndpointStatus after a deployment",
    unit="",
    allowed=Choice(("InService",)),
    source=f"{_API}: EndpointStatus",
    checked_on=_CHECKED,
)
# AWS's words: "Once the rollback completes, endpoint returns to an InService status."
LIVE_CONFIG = Limit(
    id="UPD-CONFIG",
    what="endpoint configuration that is live after a deployment",
    unit="",
    allowed=Told("the intended one: an endpoint that was rolled back is InService too"),
    source=f"{_API}: DescribeEndpointOutput.EndpointStatus",
    checked_on=_CHECKED,
)
LIVE_MODEL = Limit(
    id="UPD-MODEL",
    what="image and artifact that are served after a deployment",
    unit="",
    allowed=Told("the intended ones"),
    source=f"{_API}: DescribeModel, ProductionVariantSummary.DeployedImages",
    checked_on=_CHECKED,
)
LIVE_CAPACITY = Limit(
    id="UPD-CAPACITY",
    what="instances, concurrency and weight of a live variant",
    unit="",
    allowed=Told("current as desired, and as the configuration says where nothing else sets them"),
    source=f"{_API}: ProductionVariantSummary",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
LIVE_SCALING = Limit(
    id="UPD-SCALING",
    what="scalable targets and policies of a live endpoint",
    unit="",
    allowed=Told("those of the template"),
    source=f"{_SCALING}: DescribeScalableTargets, DescribeScalingPolicies",
    checked_on=_CHECKED,
)
LIVE_COMPONENT = Limit(
    id="UPD-COMPONENT",
    what="InferenceComponentStatus and copies after a deployment",
    unit="",
    allowed=Told("InService, with as many copies as desired"),
    source=f"{_API}: DescribeInferenceComponentOutput",
    checked_on=_CHECKED,
)
