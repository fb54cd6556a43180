"""The roles that SageMaker and its neighbours take."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Pattern, Severity, Told
from constructs_lib.facts.paths import CONFIG, EXPERIMENT, MODEL, MONITORING_JOB, MONITORING_JOB_DEFINITIONS

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"

ROLE_ARN = Limit(
    id="ROLE-ARN",
    what="execution role",
    unit="",
    allowed=Pattern(r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+", 2048, 20),
    source=f"{_API}: RoleArn",
    checked_on=_CHECKED,
    paths=(
        f"{MODEL}/ExecutionRoleArn",
        f"{CONFIG}/ExecutionRoleArn",
        f"{EXPERIMENT}/RoleArn",
        f"{MONITORING_JOB}/RoleArn",
        *(f"{type_}/RoleArn" for type_ in MONITORING_JOB_DEFINITIONS),
    ),
    shape="sagemaker.RoleArn",
    aws_says="failed to satisfy constraint",
    fix="give the ARN of the role (Fn::GetAtt Arn), not its name",
)
SAGEMAKER_ASSUMES = Limit(
    id="ROLE-TRUST",
    what="trust policy of an execution role",
    unit="",
    allowed=Told("lets sagemaker.amazonaws.com assume the role"),
    source="https://github.com/awslabs/predictive-maintenance-using-machine-learning/issues/3",
    checked_on=_CHECKED,
    aws_says="Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.",
)
STEP_FUNCTIONS_ASSUMES = Limit(
    id="ROLE-TRUST-STATES",
    what="trust policy of a state machine's role",
    unit="",
    allowed=Told("lets states.amazonaws.com assume the role"),
    source="https://github.com/lumigo-io/lumigo-CLI/issues/83",
    checked_on=_CHECKED,
    aws_says="Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume "
    "the provided role.",
)
LAMBDA_ASSUMES = Limit(
    id="ROLE-TRUST-LAMBDA",
    what="trust policy of a function's role",
    unit="",
    allowed=Told("lets lambda.amazonaws.com assume the role"),
    source="https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
    checked_on=_CHECKED,
    aws_says="The role defined for the function cannot be assumed by Lambda.",
)
POLICIES_FIRST = Limit(
    id="ROLE-RACE",
    what="model whose role reads the artifact by a policy of its own",
    unit="",
    allowed=Told("depends on that policy: CreateModel tries the role at once"),
    source="https://github.com/aws/aws-cdk/issues/10064",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    aws_says="Could not access model data at s3://",
)
