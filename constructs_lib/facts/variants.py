"""Endpoint configurations and their production variants."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts import models
from constructs_lib.facts.limit import Choice, Count, Limit, Never, Pattern, Range, Severity, Told
from constructs_lib.facts.paths import CONFIG, ENDPOINT, EXPERIMENT, in_variants

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_CLOUDFORMATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
_POOLS = f"{_GUIDE}/realtime-endpoints-heterogeneous.html"
_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"

VARIANT_NAME = Limit(
    id="VAR-NAME",
    what="VariantName",
    unit="",
    allowed=Pattern(_NAME, 63),
    source=f"{_API}: VariantName",
    checked_on=_CHECKED,
    paths=in_variants("VariantName"),
    shape="sagemaker.VariantName",
)
ENDPOINT_CONFIG_NAME = Limit(
    id="CFG-NAME",
    what="EndpointConfigName",
    unit="",
    allowed=Pattern(_NAME, 63),
    source=f"{_API}: EndpointConfigName",
    checked_on=_CHECKED,
    paths=(f"{CONFIG}/EndpointConfigName",),
    shape="sagemaker.EndpointConfigName",
    aws_says="at 'endpointConfigName' failed to satisfy constraint",
)
ENDPOINT_NAME = Limit(
    id="EP-NAME",
    what="EndpointName",
    unit="",
    allowed=Pattern(_NAME, 63),
    source=f"{_API}: EndpointName",
    checked_on=_CHECKED,
    paths=(f"{ENDPOINT}/EndpointName", f"{EXPERIMENT}/EndpointName"),
    shape="sagemaker.EndpointName",
)
MODEL_NAME = Limit(
    id="VAR-MODEL-NAME",
    what="the name of the model of an instance pool or of a shadow test",
    unit="",
    allowed=models.MODEL_NAME.allowed,
    source=f"{_API}: InstancePool.ModelNameOverride, ModelVariantConfig.ModelName",
    checked_on=_CHECKED,
    paths=(*in_variants("InstancePools/*/ModelNameOverride"), f"{EXPERIMENT}/ModelVariants/*/ModelName"),
    fix="refer to the model with Fn::GetAtt and ModelName",
    shape="sagemaker.ModelName",
)
PRODUCTION_VARIANTS = Limit(
    id="VAR-COUNT",
    what="ProductionVariants",
    unit="variants",
    allowed=Count(1, 10),
    source=f"{_API}: ProductionVariantList",
    checked_on=_CHECKED,
    paths=(f"{CONFIG}/ProductionVariants",),
    shape="sagemaker.ProductionVariantList",
)
WEIGHT = Limit(
    id="VAR-WEIGHT",
    what="InitialVariantWeight",
    unit="",
    allowed=Range(0, None),
    default=1,
    source=f"{_API}: ProductionVariant.InitialVariantWeight",
    checked_on=_CHECKED,
    paths=in_variants("InitialVariantWeight"),
    shape="sagemaker.VariantWeight",
)
INITIAL_INSTANCE_COUNT = Limit(
    id="VAR-INITCOUNT",
    what="InitialInstanceCount",
    unit="instance",
    allowed=Range(1, None),
    source=f"{_API}: InitialTaskCount",
    checked_on=_CHECKED,
    paths=in_variants("InitialInstanceCount"),
    fix="start with 1 instance; only scaling takes an asynchronous variant or one for inference components to 0",
    shape="sagemaker.InitialTaskCount",
)
INSTANCE_TYPE = Limit(
    id="VAR-TYPE",
    what="InstanceType of a variant or a transform job",
    unit="",
    allowed=Pattern(r"ml\.[a-z0-9-]+\.[a-z0-9-]+", 64),
    source=f"{_API}: ProductionVariantInstanceType",
    checked_on=_CHECKED,
    aws_says="failed to satisfy constraint: Member must satisfy enum value set",
)
SERVERLESS_OR_INSTANCES = Limit(
    id="VAR-XOR-SLS",
    what="settings of a variant",
    unit="",
    allowed=Told("exactly one of ServerlessConfig, InstanceType and InstancePools"),
    source=f"{_API}: ProductionVariant.ServerlessConfig (instead of an instance-based configuration)",
    checked_on=_CHECKED,
)
ONE_KIND = Limit(
    id="VAR-NOMIX-SLS",
    what="kinds of the variants of a configuration",
    unit="",
    allowed=Told("either all serverless or all on instances"),
    source=f"{_GUIDE}/serverless-endpoints.html#feature-exclusions",
    checked_on=_CHECKED,
)
VOLUME = Limit(
    id="VAR-VOLUME",
    what="VolumeSizeInGB",
    unit="GB",
    allowed=Range(1, 512),
    source=f"{_API}: ProductionVariantVolumeSizeInGB",
    checked_on=_CHECKED,
    paths=in_variants("VolumeSizeInGB"),
    shape="sagemaker.ProductionVariantVolumeSizeInGB",
)
VOLUME_OF_A_LARGE_MODEL = Limit(
    id="VAR-VOLUME-MODEL30",
    what="model artifact on an instance type without local disk that needs no VolumeSizeInGB",
    unit="GB",
    allowed=Range(0, 30),
    source=f"{_GUIDE}/large-model-inference-hosting.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
DOWNLOAD_TIMEOUT = Limit(
    id="VAR-DL-TMO",
    what="ModelDataDownloadTimeoutInSeconds",
    unit="s",
    allowed=Range(60, 3600),
    source=f"{_API}: ProductionVariantModelDataDownloadTimeoutInSeconds",
    checked_on=_CHECKED,
    paths=in_variants("ModelDataDownloadTimeoutInSeconds"),
    shape="sagemaker.ProductionVariantModelDataDownloadTimeoutInSeconds",
)
HEALTH_CHECK_TIMEOUT = Limit(
    id="VAR-HC-TMO",
    what="ContainerStartupHealthCheckTimeoutInSeconds",
    unit="s",
    allowed=Range(60, 3600),
    source=f"{_API}: ProductionVariantContainerStartupHealthCheckTimeoutInSeconds",
    checked_on=_CHECKED,
    paths=in_variants("ContainerStartupHealthCheckTimeoutInSeconds"),
    shape="sagemaker.ProductionVariantContainerStartupHealthCheckTimeoutInSeconds",
)
POOLS = Limit(
    id="VAR-POOL-COUNT",
    what="InstancePools",
    unit="pools",
    allowed=Count(1, 5),
    source=f"{_API}: InstancePoolList",
    checked_on=_CHECKED,
    paths=in_variants("InstancePools"),
    shape="sagemaker.InstancePoolList",
)
POOLS_REPLACE_TYPE = Limit(
    id="VAR-POOL-TYPE",
    what="InstanceType beside InstancePools",
    unit="",
    allowed=Never(),
    source=_POOLS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,  # the guide says that pools replace InstanceType, no refusal is on record
)
POOL_PRIORITY = Limit(
    id="VAR-POOL-PRIO",
    what="Priority of an instance pool (1 is the highest)",
    unit="",
    allowed=Range(1, 5),
    source=f"{_API}: InstancePoolPriority",
    checked_on=_CHECKED,
    paths=in_variants("InstancePools/*/Priority"),
    shape="sagemaker.InstancePoolPriority",
)
PROVISION_TIMEOUT = Limit(
    id="VAR-POOL-TMO",
    what="VariantInstanceProvisionTimeoutInSeconds",
    unit="s",
    allowed=Range(300, 3600),
    source=f"{_API}: VariantInstanceProvisionTimeoutInSeconds",
    checked_on=_CHECKED,
    paths=in_variants("VariantInstanceProvisionTimeoutInSeconds"),
    shape="sagemaker.VariantInstanceProvisionTimeoutInSeconds",
)
ELASTIC_INFERENCE = Limit(
    id="VAR-EI",
    what="AcceleratorType (Elastic Inference is no longer available)",
    unit="",
    allowed=Never(),
    source=f"{_API}: ProductionVariant.AcceleratorType",
    checked_on=_CHECKED,
    paths=in_variants("AcceleratorType"),
    fix="leave it out, and choose an instance type with an accelerator, such as ml.inf2.xlarge or ml.g5.xlarge",
    aws_says="total_accelerator_count is not available in this region",
)
PREFIX_AWARE = "PREFIX_AWARE"
ROUTING_STRATEGY = Limit(
    id="VAR-ROUTING",
    what="RoutingStrategy",
    unit="",
    allowed=Choice(("LEAST_OUTSTANDING_REQUESTS", "RANDOM", PREFIX_AWARE)),
    # The API has KV_AWARE besides, which CloudFormation does not take.
    source=f"{_CLOUDFORMATION}/aws-properties-sagemaker-endpointconfig-routingconfig.html",
    checked_on=_CHECKED,
    paths=in_variants("RoutingConfig/RoutingStrategy"),
)
PREFIX_ROUTING = Limit(
    id="VAR-PREFIX",
    what="PrefixAwareRoutingConfig",
    unit="",
    allowed=Told("PrefixLength and ConcurrencyThreshold with PREFIX_AWARE, nothing with another RoutingStrategy"),
    source=f"{_API}: ProductionVariantRoutingConfig, PrefixAwareRoutingConfig",
    checked_on=_CHECKED,
)
PREFIX_LENGTH = Limit(
    id="VAR-PREFIX-LENGTH",
    what="PrefixLength",
    unit="bytes",
    allowed=Range(1024, 65_536),
    source=f"{_API}: PrefixAwareRoutingPrefixLength",
    checked_on=_CHECKED,
    paths=in_variants("RoutingConfig/PrefixAwareRoutingConfig/PrefixLength"),
    shape="sagemaker.PrefixAwareRoutingPrefixLength",
)
PREFIX_THRESHOLD = Limit(
    id="VAR-PREFIX-THRESHOLD",
    what="ConcurrencyThreshold",
    unit="requests",
    allowed=Range(1, 1024),
    source=f"{_API}: PrefixAwareRoutingConcurrencyThreshold",
    checked_on=_CHECKED,
    paths=in_variants("RoutingConfig/PrefixAwareRoutingConfig/ConcurrencyThreshold"),
    shape="sagemaker.PrefixAwareRoutingConcurrencyThreshold",
)
SSM_ACCESS = Limit(
    id="VAR-SSM-NETISO",
    what="EnableSSMAccess with network isolation",
    unit="",
    allowed=Never(),
    source=f"{_GUIDE}/ssm-access.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
