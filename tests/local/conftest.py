"""One local AWS a test process, and the shortest way to a served model."""

import io
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from constructs_lib import testing
from constructs_lib.local import LocalAws
from tests.local.shapes import check_answers

ECHO = [sys.executable, str(Path(__file__).with_name("echo_server.py"))]
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/echo:1"
ROLE = "arn:aws:iam::000000000000:role/any"
WEIGHTS = b"these are the weights"


def any_name(prefix: str = "any") -> str:
    """A name that no other test uses."""
    return f"{prefix}-{uuid4().hex[:12]}"


# It serves images called `echo`, its clock is 60 times as fast as the wall's, and the roles of functions are made up.
local_aws = testing.local_aws(containers={"echo": ECHO}, time_scale=60.0, permissions=False)


def client_of(aws: LocalAws, service: str) -> Any:
    """A client that does not retry, so that a test sees the first answer, and that checks each answer's shape."""
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=32)
    session = boto3.session.Session(aws_access_key_id="any", aws_secret_access_key="any", region_name="us-east-1")
    return check_answers(session.client(service, endpoint_url=aws.endpoint_url, config=config))


@pytest.fixture(scope="session")
def sagemaker(local_aws: LocalAws) -> Any:
    """The control plane."""
    return client_of(local_aws, "sagemaker")


@pytest.fixture(scope="session")
def runtime(local_aws: LocalAws) -> Any:
    """The runtime."""
    return client_of(local_aws, "sagemaker-runtime")


@pytest.fixture(scope="session")
def artifact(local_aws: LocalAws) -> str:
    """The location of a model.tar.gz that holds `weights.txt`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("weights.txt")
        member.size = len(WEIGHTS)
        archive.addfile(member, io.BytesIO(WEIGHTS))
    bucket = any_name("models")
    local_aws.client("s3").create_bucket(Bucket=bucket)
    local_aws.client("s3").put_object(Bucket=bucket, Key="model.tar.gz", Body=buffer.getvalue())
    return f"s3://{bucket}/model.tar.gz"


def settled(sagemaker: Any, endpoint: str) -> dict[str, Any]:
    """DescribeEndpoint's answer once nothing is in progress, within 30 s."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=endpoint)
        if answer["EndpointStatus"] not in ("Creating", "Updating"):
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{endpoint} is still in progress")


def children_of(pid: int) -> list[int]:
    """The processes whose parent is `pid`, from /proc."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found


class Serve:
    """Makes models, configurations and endpoints, and takes the endpoints away again."""

    def __init__(self, sagemaker: Any, artifact: str) -> None:
        self._sagemaker = sagemaker
        self._artifact = artifact
        self._endpoints: list[str] = []

    def model(self, **environment: str) -> str:
        """A model of the echo server with this environment."""
        name = any_name("model")
        container = {"Image": IMAGE, "ModelDataUrl": self._artifact, "Environment": environment}
        self._sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        return name

    def config(self, *variants: dict[str, Any], **members: Any) -> str:
        """An endpoint configuration."""
        name = any_name("config")
        self._sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants), **members)
        return name

    def endpoint(self, config: str) -> str:
        """An endpoint that is no longer in creation, whatever became of it."""
        name = any_name("endpoint")
        self._sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        self._endpoints.append(name)
        settled(self._sagemaker, name)
        return name

    def __call__(self, **environment: str) -> str:
        """An endpoint on one instance."""
        return self.endpoint(self.config(on_instances(self.model(**environment))))

    def close(self) -> None:
        """Delete the endpoints; one may be gone already."""
        for name in self._endpoints:
            with suppress(ClientError):
                settled(self._sagemaker, name)
                self._sagemaker.delete_endpoint(EndpointName=name)


@pytest.fixture(scope="module")
def serve(sagemaker: Any, artifact: str) -> Iterator[Serve]:
    """A maker of endpoints, for one module."""
    made = Serve(sagemaker, artifact)
    yield made
    made.close()


def on_instances(model: str, name: str = "all", count: int = 1, **members: Any) -> dict[str, Any]:
    """A variant on instances."""
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": count,
    } | members


def without_instances(model: str, max_concurrency: int = 2) -> dict[str, Any]:
    """A serverless variant."""
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": max_concurrency}
    return {"VariantName": "all", "ModelName": model, "ServerlessConfig": serverless}


def refused(call: Callable[..., Any], **arguments: Any) -> ClientError:
    """The error that a call must end with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error: ClientError = caught.value
    return error
