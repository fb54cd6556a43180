"""The preflight as it is called from a terminal, in the local AWS: before a deployment, and before an update."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
from pathlib import Path

import pytest

from constructs_lib.__main__ import main
from constructs_lib.local import LocalAws
from constructs_lib.local.environment import for_clients
from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import Document, changed
from constructs_lib.testing import local_aws

ECHO = [sys.executable, str(Path(__file__).parents[1] / "local" / "echo_server.py")]
ROLE = "arn:aws:iam::000000000000:role/Execution"
IMAGE = {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/echo:1"}


aws = local_aws(containers={"echo": ECHO}, time_scale=60.0, scope="module")


@pytest.fixture
def folder(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of an app whose commands call the local AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in for_clients(aws.endpoint_url, {}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def document() -> Document:
    """An endpoint named Fraud, in subnets of the default VPC."""
    network = {"Subnets": ["subnet-00000001", "subnet-00000002"], "SecurityGroupIds": ["sg-1"]}
    container = {"Image": IMAGE, "ModelDataUrl": {"Fn::Sub": "s3://${Bucket}/model.tar.gz"}}
    model = {"ExecutionRoleArn": ROLE, "PrimaryContainer": container, "VpcConfig": network}
    found = changed(realtime(), {"Endpoint.EndpointName": "Fraud"})
    found["Resources"]["Model"]["Properties"] = model
    return found | {"Parameters": {"Bucket": {"Type": "String", "Default": "models"}}}


def synthesized(folder: Path, template: Document) -> None:
    """What cdk synth would write of a stack."""
    out = folder / "cdk.out"
    out.mkdir(exist_ok=True)
    (out / "Fraud.template.json").write_text(json.dumps(template))
    properties = {"templateFile": "Fraud.template.json"}
    artifact = {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region"}
    (out / "manifest.json").write_text(json.dumps({"artifacts": {"Fraud": {**artifact, "properties": properties}}}))


def found(capsys: pytest.CaptureFixture[str]) -> set[tuple[str, str]]:
    """Rule and severity of each finding; the local AWS has no quotas, which the preflight says."""
    rows = json.loads(capsys.readouterr().out)
    quotas = [row for row in rows if "Service Quotas has no quota" in row["message"]]
    assert {(row["rule"], row["severity"]) for row in quotas} == {("PREFLIGHT-UNJUDGED", "info")}
    return {(row["rule"], row["severity"]) for row in rows if row not in quotas}


def provide(aws: LocalAws) -> None:
    """What the template asks of the account."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    statements = {"Version": "2012-10-17", "Statement": [trust]}
    aws.client("iam").create_role(RoleName="Execution", AssumeRolePolicyDocument=json.dumps(statements))
    aws.client("s3").create_bucket(Bucket="models")
    buffer = io.BytesIO()
    tarfile.open(fileobj=buffer, mode="w:gz").close()
    aws.client("s3").put_object(Bucket="models", Key="model.tar.gz", Body=buffer.getvalue())
    aws.client("ecr").create_repository(repositoryName="echo")
    platforms = [{"platform": {"architecture": "amd64"}}]
    media_type = "application/vnd.docker.distribution.manifest.list.v2+json"
    aws.client("ecr").put_image(
        repositoryName="echo",
        imageTag="1",
        imageManifestMediaType=media_type,
        imageManifest=json.dumps({"schemaVersion": 2, "mediaType": media_type, "manifests": platforms}),
    )


def test_an_account_is_looked_at_before_a_deployment_and_before_an_update(
    aws: LocalAws, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    synthesized(folder, document())
    command = ["preflight", "--stack", "Fraud", "--format", "json"]
    assert main(command) == 1
    assert found(capsys) == {("ART-EXISTS", "error"), ("IMG-EXISTS", "error"), ("ROLE-EXISTS", "error")}

    provide(aws)
    assert main(command) == 0
    assert found(capsys) == set()

    assert main([*command, "--parameter", "Bucket=elsewhere"]) == 1
    assert found(capsys) == {("ART-EXISTS", "error")}

    stacks = aws.client("cloudformation")
    stacks.create_stack(StackName="Fraud", TemplateBody=json.dumps(document()))
    stacks.get_waiter("stack_create_complete").wait(StackName="Fraud", WaiterConfig={"Delay": 1})
    assert main(command) == 0
    assert found(capsys) == set()

    (folder / "other.json").write_text(json.dumps(document()))
    assert main(["preflight", "other.json", "--format", "json"]) == 0
    assert found(capsys) == {("EP-EXISTS", "warning")}
