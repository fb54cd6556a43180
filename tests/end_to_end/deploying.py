"""Deploys what CDK has synthesized into the local AWS, without the command line: in a second where that takes ten."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.local import LocalAws

_VERSION_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
_LONGEST = 90


def bootstrap(aws: LocalAws) -> None:
    """Say that the account is ready for stacks of CDK."""
    aws.client("ssm").put_parameter(Name=_VERSION_PARAMETER, Value="30", Type="String", Overwrite=True)


def deploy(aws: LocalAws, stack: Any) -> dict[str, str]:
    """Create a synthesized stack, or update it; its outputs. Raises AssertionError with CloudFormation's reasons."""
    _upload_assets(aws, stack)
    cloudformation = aws.client("cloudformation")
    arguments = {
        "StackName": stack.stack_name,
        "TemplateURL": _uploaded_template(aws, stack),
        "Capabilities": ["CAPABILITY_IAM"],
    }
    try:
        cloudformation.describe_stacks(StackName=stack.stack_name)
    except ClientError:
        cloudformation.create_stack(**arguments)
    else:
        cloudformation.update_stack(**arguments)
    found = _settled(cloudformation, stack.stack_name)
    assert found["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), _reasons(cloudformation, stack.stack_name)
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def _upload_assets(aws: LocalAws, stack: Any) -> None:
    """Put the files of a stack where its template expects them, as the CDK command line does."""
    folder = Path(stack.assembly.directory)
    assets = json.loads((folder / f"{stack.id}.assets.json").read_text(encoding="utf-8"))
    s3 = aws.client("s3")
    for file in assets["files"].values():
        for destination in file["destinations"].values():
            bucket = destination["bucketName"].replace("${AWS::AccountId}", "000000000000")
            bucket = bucket.replace("${AWS::Region}", "us-east-1")
            s3.create_bucket(Bucket=bucket)
            path, packaging = folder / file["source"]["path"], file["source"]["packaging"]
            content = _zipped(path) if packaging == "zip" else path.read_bytes()
            s3.put_object(Bucket=bucket, Key=destination["objectKey"], Body=content)


def _uploaded_template(aws: LocalAws, stack: Any) -> str:
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


def _settled(cloudformation: Any, name: str) -> dict[str, Any]:
    deadline = time.monotonic() + _LONGEST
    while True:
        [found] = cloudformation.describe_stacks(StackName=name)["Stacks"]
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            return dict(found)
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def _reasons(cloudformation: Any, name: str) -> list[str]:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    return [event.get("ResourceStatusReason", "") for event in events if "FAILED" in event["ResourceStatus"]]
