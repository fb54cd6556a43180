"""Boto3 clients pointed at the local AWS itself, and the few things that its SageMaker does with S3."""

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from constructs_lib.local.arns import REGION
from constructs_lib.local.errors import AwsError


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; raises ValidationException for anything else."""
    parts = urlsplit(uri, allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc:
        raise AwsError("ValidationException", f"an S3 location must look like s3://bucket/key, got '{uri}'")
    key = uri[len("s3://") + len(parts.netloc) :].lstrip("/")
    return parts.netloc, key


class S3:
    """Reads and writes objects of the local S3. Call it from worker threads only: the server answers from its loop."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str) -> Any:
        """A boto3 client of `service` on the local AWS; made once, safe to share among threads."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = boto3.session.Session(
                    aws_access_key_id="local", aws_secret_access_key="local", region_name=REGION
                ).client(
                    service,
                    endpoint_url=self._endpoint_url,
                    config=Config(
                        retries={"total_max_attempts": 2}, max_pool_connections=32, s3={"addressing_style": "path"}
                    ),
                )
            return self._clients[service]

    def read(self, uri: str) -> bytes:
        """The bytes of an object; raises botocore's ClientError when it does not exist."""
        bucket, key = split(uri)
        body: bytes = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def head(self, uri: str) -> dict[str, Any]:
        """HeadObject's answer: ContentLength, ContentType and so on."""
        bucket, key = split(uri)
        answer: dict[str, Any] = self.client("s3").head_object(Bucket=bucket, Key=key)
        return answer

    def write(self, uri: str, body: bytes, content_type: str = "application/octet-stream") -> None:
        """Write `body` as an object."""
        bucket, key = split(uri)
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)

    def list_objects(self, uri: str) -> Iterator[str]:
        """The URIs of all objects whose key begins with the prefix, in key order."""
        bucket, prefix = split(uri)
        for page in self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield f"s3://{bucket}/{entry['Key']}"
