"""The Lambda functions whose code lies in ``lambda/``: where it is found, and what all of them are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from aws_cdk import Duration, IgnoreMode
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.endpoints.keys import let_logs
from constructs_lib.endpoints.permissions import allow, arn_of
from constructs_lib.endpoints.safekeeping import Safekeeping

_PACKAGE = Path(__file__).resolve().parents[1]
_MEMORY_SIZE_IN_MB = 256
# Calls that are throttled or cut off are made anew by the SDK, with back-off, before Lambda starts over.
RETRIES = {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "5"}

# What handlers call through interface endpoints, by the names of those; S3 and DynamoDB have gateways.
INTERFACE_ENDPOINTS: Mapping[str, Sequence[str]] = {
    "async_submit": ("sagemaker.runtime",),
    "batch_deadline": ("monitoring",),
    "batch_plan": ("states",),
    "drift": ("sagemaker.api",),
    "hybrid_compute": ("sagemaker.api", "sagemaker.runtime"),
    "hybrid_load": ("sqs",),
    "hybrid_lookup": ("lambda",),
    "stream_score": ("sagemaker.runtime",),  # and that of the sink
}


def handlers_folder() -> Path:
    """The folder of all handlers: in the package where it is installed, beside it in a checkout."""
    installed = _PACKAGE / "lambda"
    return installed if installed.is_dir() else _PACKAGE.parent / "lambda"


def make_function(
    scope: Construct,
    name: str,
    *,
    description: str,
    environment: Mapping[str, str],
    timeout_in_seconds: int,
    log_retention: logs.RetentionDays,
    safekeeping: Safekeeping,
    dead_letter_queue: sqs.IQueue | None = None,
) -> lambda_.Function:
    """The handler ``lambda/NAME`` as ``Function``, with a log group and a role of its own that may write to it.

    ``environment`` holds a text for each field of the handler's ``Settings``, by the field's name. ``safekeeping`` says
    by which key that and the log are encrypted, from which network the function calls others, and whether it is traced.
    """
    log_group = make_log_group(scope, log_retention, safekeeping)
    role = _role(scope, log_group)
    key, network = safekeeping.encryption_key, safekeeping.network
    if key:
        # Lambda makes a grant for the role as it is now; one that is made anew by the same name would have none.
        # What it decrypts so is the environment; one function would have to be there before its role.
        environments = {"kms:EncryptionContext:aws:lambda:FunctionArn": arn_of(scope, "lambda", "function:*")}
        allow(role, ["kms:Decrypt"], [key.key_arn], {"ArnLike": environments})
    if network:
        network.allow_function(scope, role)
        network.reach(*INTERFACE_ENDPOINTS.get(name, ()))
    return lambda_.Function(
        scope,
        "Function",
        description=description,
        runtime=lambda_.Runtime.PYTHON_3_14,
        architecture=lambda_.Architecture.ARM_64,
        code=_code(name),
        handler=f"{name}.handler.handle",
        environment={field.upper(): value for field, value in environment.items()} | RETRIES,
        memory_size=_MEMORY_SIZE_IN_MB,
        timeout=Duration.seconds(timeout_in_seconds),
        log_group=log_group,
        role=role,
        dead_letter_queue=dead_letter_queue,
        environment_encryption=key,
        # CDK lets the role put segments and telemetry, on "*": these actions have no resource level.
        tracing=lambda_.Tracing.ACTIVE if safekeeping.tracing else None,
        vpc=network.vpc if network else None,
        vpc_subnets=network.selection if network else None,
        security_groups=network.groups if network else None,
    )


def make_log_group(scope: Construct, retention: logs.RetentionDays, safekeeping: Safekeeping) -> logs.LogGroup:
    """A log group as ``LogGroup``, encrypted by the key if there is one."""
    key = safekeeping.encryption_key
    if key:
        let_logs(key, scope)
    return logs.LogGroup(
        scope, "LogGroup", retention=retention, removal_policy=safekeeping.removal_policy, encryption_key=key
    )


def code_asset(scope: Construct, id: str, name: str) -> assets.Asset:
    """The archive of the handler ``NAME`` for those who run it elsewhere; the same object as the function's."""
    return assets.Asset(scope, id, path=str(handlers_folder()), exclude=_all_but(name), ignore_mode=IgnoreMode.GIT)


def _code(name: str) -> lambda_.Code:
    """The folder ``NAME`` and nothing else, at the root of the archive: the handler imports its files as ``NAME.x``."""
    return lambda_.Code.from_asset(str(handlers_folder()), exclude=_all_but(name), ignore_mode=IgnoreMode.GIT)


def _all_but(name: str) -> list[str]:
    return ["/*", f"!/{name}", "__pycache__"]


def _role(scope: Construct, log_group: logs.LogGroup) -> iam.Role:
    write = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": log_group.log_group_arn,
    }
    document = iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": [write]})
    return iam.Role(scope, "Role", assumed_by=_lambda(), inline_policies={"Logs": document})


@cache
def _lambda() -> iam.ServicePrincipal:
    return iam.ServicePrincipal("lambda.amazonaws.com")
