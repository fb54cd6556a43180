"""Names and tags: what they may hold, and which names must not be fixed."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Count, Limit, Pattern, Severity, Told
from constructs_lib.facts.paths import (
    COMPONENT,
    CONFIG,
    ENDPOINT,
    EXPERIMENT,
    MODEL,
    MONITORING_JOB_DEFINITIONS,
    MONITORING_SCHEDULE,
    PACKAGE,
    in_variants,
)

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_CLOUDFORMATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"

FIXED_CONFIG_NAME = Limit(
    id="CFN-CFG-REPLACE",
    what="EndpointConfigName",
    unit="",
    allowed=Told("left out, or with a part that changes with the configuration: every change replaces it"),
    source=f"{_CLOUDFORMATION}/aws-resource-sagemaker-endpointconfig.html",
    checked_on=_CHECKED,
    aws_says="Cannot create already existing endpoint configuration",
)
FIXED_MODEL_NAME = Limit(
    id="CFN-MODEL-REPLACE",
    what="ModelName",
    unit="",
    allowed=Told("left out, or with a part that changes with the model: every change replaces it"),
    source=f"{_CLOUDFORMATION}/aws-resource-sagemaker-model.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    aws_says="Cannot create already existing model",
)
ENDPOINT_UPDATES = Limit(
    id="CFN-EP-UPDATE",
    what="change of an endpoint",
    unit="",
    allowed=Told("in place, by UpdateEndpoint, but for EndpointName, which replaces it"),
    source=f"{_CLOUDFORMATION}/aws-resource-sagemaker-endpoint.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
CONFIG_DELETION = Limit(
    id="CFN-ORDER",
    what="deletion of the former endpoint configuration",
    unit="",
    allowed=Told("after the endpoint was updated; CloudFormation deletes what it replaced last"),
    source=f"{_API}: UpdateEndpoint",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)

# Where a name is wanted, and the type of what bears it: Ref gives the ARN of each, Fn::GetAtt its name.
NAMED = {
    **dict.fromkeys(in_variants("ModelName"), MODEL),
    f"{ENDPOINT}/EndpointConfigName": CONFIG,
    f"{COMPONENT}/EndpointName": ENDPOINT,
    f"{COMPONENT}/Specification/ModelName": MODEL,
}
NAME_BY_REF = Limit(
    id="NAME-BY-REF",
    what="reference to the name of a model, an endpoint configuration or an endpoint",
    unit="",
    allowed=Told("Fn::GetAtt: Ref is the ARN, which does not match the pattern of the name"),
    source=f"{_CLOUDFORMATION}/aws-resource-sagemaker-model.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)

TAGGED = (
    MODEL,
    CONFIG,
    ENDPOINT,
    COMPONENT,
    EXPERIMENT,
    PACKAGE,
    "AWS::SageMaker::ModelPackageGroup",
    MONITORING_SCHEDULE,
    *MONITORING_JOB_DEFINITIONS,
)
# The API model says [\p{L}\p{Z}\p{N}_.:/=+\-@], which \w and \s hold.
_TAG_TEXT = r"[\w\s.:/=+\-@]*"

TAGS = Limit(
    id="TAGS",
    what="Tags",
    unit="tags",
    allowed=Count(0, 50),
    source=f"{_API}: TagList",
    checked_on=_CHECKED,
    paths=tuple(f"{type_}/Tags" for type_ in TAGGED),
    shape="sagemaker.TagList",
)
TAG_KEY = Limit(
    id="TAGS-KEY",
    what="Key of a tag",
    unit="",
    allowed=Pattern(_TAG_TEXT, 128),
    source=f"{_API}: TagKey",
    checked_on=_CHECKED,
    paths=tuple(f"{type_}/Tags/*/Key" for type_ in TAGGED),
)
TAG_VALUE = Limit(
    id="TAGS-VALUE",
    what="Value of a tag",
    unit="",
    allowed=Pattern(_TAG_TEXT, 256, 0),
    source=f"{_API}: TagValue",
    checked_on=_CHECKED,
    paths=tuple(f"{type_}/Tags/*/Value" for type_ in TAGGED),
)
TAG_KEYS_DIFFER = Limit(
    id="TAGS-UNIQUE",
    what="Key of a tag",
    unit="",
    allowed=Told("unique in its resource"),
    source=f"{_API}: Tag.Key",
    checked_on=_CHECKED,
)
