"""Deploys what CDK has synthesized into the local AWS without the command line: in a second where that takes ten."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk.cx_api import CloudFormationStackArtifact
from botocore.exceptions import ClientError

from constructs_lib.local import LocalAws
from constructs_lib.local.arns import ACCOUNT, REGION
from constructs_lib.templates.files import asset_manifest
from constructs_lib.testing.synthesis import single_stack, stage_of

_VERSION_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
_VERSION = "30"
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_DEPLOYED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_UNCHANGED = "No updates are to be performed"
_POLL = 0.1


def deploy(
    aws: LocalAws,
    stack: cdk.Stack | cdk.Stage | CloudFormationStackArtifact,
    *,
    timeout_in_seconds: float = 90,
) -> dict[str, str]:
    """Create a stack in the local AWS, or update it, with its assets and after the stacks that it depends on.

    :param stack: a stack, an app or a stage with a single one, or what ``app.synth()`` made of one.
    :param timeout_in_seconds: how long it may take. Default: 90.
    :return: the outputs of the stack by their logical ids.

    Raises AssertionError with CloudFormation's reasons if it is refused or fails, or with the last status if it takes
    too long.
    """
    __tracebackhide__ = True
    # The account is ready for stacks of CDK, as after cdk bootstrap.
    aws.client("ssm").put_parameter(Name=_VERSION_PARAMETER, Value=_VERSION, Type="String", Overwrite=True)
    return _deploy(aws, _synthesized(stack), timeout_in_seconds)


def _deploy(aws: LocalAws, artifact: CloudFormationStackArtifact, timeout_in_seconds: float) -> dict[str, str]:
    __tracebackhide__ = True
    for needed in _dependencies(artifact):
        _deploy(aws, needed, timeout_in_seconds)
    _upload_assets(aws, Path(artifact.template_full_path))
    cloudformation = aws.client("cloudformation")
    _begin(cloudformation, artifact.stack_name, _uploaded_template(aws, artifact))
    found = _settled(cloudformation, artifact.stack_name, timeout_in_seconds)
    if found["StackStatus"] not in _DEPLOYED:
        reasons = _reasons(cloudformation, artifact.stack_name)
        raise AssertionError(f"stack {artifact.stack_name} ended as {found['StackStatus']}:{reasons}")
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def _synthesized(stack: cdk.Stack | cdk.Stage | CloudFormationStackArtifact) -> CloudFormationStackArtifact:
    __tracebackhide__ = True
    if isinstance(stack, cdk.Stage):
        return single_stack(stack)
    if isinstance(stack, cdk.Stack):
        return stage_of(stack).synth().get_stack_artifact(stack.artifact_id)
    return stack


def _dependencies(artifact: CloudFormationStackArtifact) -> list[CloudFormationStackArtifact]:
    stacks = artifact.assembly.stacks  # first: jsii keeps the class by which an object comes first
    needed = {each.id for each in artifact.dependencies}
    return [stack for stack in stacks if stack.id in needed]


def _begin(cloudformation: Any, name: str, template_url: str) -> None:
    __tracebackhide__ = True
    try:
        begin = cloudformation.update_stack if _exists(cloudformation, name) else cloudformation.create_stack
        begin(StackName=name, TemplateURL=template_url, Capabilities=_CAPABILITIES)
    except ClientError as error:
        if _UNCHANGED not in str(error):
            raise AssertionError(f"stack {name} is refused: {error}") from error


def _exists(cloudformation: Any, name: str) -> bool:
    try:
        return bool(cloudformation.describe_stacks(StackName=name)["Stacks"])
    except ClientError:
        return False


def _upload_assets(aws: LocalAws, template: Path) -> None:
    """Put the files of a stack where its template expects them, as the CDK command line does."""
    s3 = aws.client("s3")
    for file in asset_manifest(template).get("files", {}).values():
        path, packaging = template.parent / file["source"]["path"], file["source"]["packaging"]
        for destination in file["destinations"].values():
            bucket = destination["bucketName"].replace("${AWS::AccountId}", ACCOUNT).replace("${AWS::Region}", REGION)
            s3.create_bucket(Bucket=bucket)
            content = _zipped(path) if packaging == "zip" else path.read_bytes()
            s3.put_object(Bucket=bucket, Key=destination["objectKey"], Body=content)


def _uploaded_template(aws: LocalAws, stack: CloudFormationStackArtifact) -> str:
    """Where the template is: in the text of a request a large one has no room."""
    s3, bucket = aws.client("s3"), "templates"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=stack.stack_name, Body=json.dumps(stack.template).encode())
    return f"{aws.endpoint_url}/{bucket}/{stack.stack_name}"


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            archive.write(path, path.relative_to(folder))
    return packed.getvalue()


def _settled(cloudformation: Any, name: str, timeout_in_seconds: float) -> dict[str, Any]:
    __tracebackhide__ = True
    deadline = time.monotonic() + timeout_in_seconds
    while True:
        [found] = cloudformation.describe_stacks(StackName=name)["Stacks"]
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            return dict(found)
        if time.monotonic() > deadline:
            raise AssertionError(f"stack {name} is still {found['StackStatus']} after {timeout_in_seconds:g} s")
        time.sleep(_POLL)


def _reasons(cloudformation: Any, name: str) -> str:
    """What failed and why, the first failure first: the others follow from it."""
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in reversed(events) if "FAILED" in event["ResourceStatus"]]
    return "".join(
        f"\n  - {event['LogicalResourceId']} ({event['ResourceType']}): {_reason(event)}" for event in failed
    )


def _reason(event: Mapping[str, str]) -> str:
    return event.get("ResourceStatusReason", "CloudFormation gives no reason")
