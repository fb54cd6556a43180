"""Objects in S3 by their s3:// locations."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


def split(location: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; raises ValueError for anything else."""
    parts = urlsplit(location)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError(f"a location must be s3://BUCKET/KEY, got {location!r}")
    return parts.netloc, location[len(f"s3://{parts.netloc}/") :]


def read(s3: Any, location: str) -> bytes:
    """The object's bytes."""
    bucket, key = split(location)
    body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def put(s3: Any, bucket: str, key: str, body: bytes) -> str:
    """Store the bytes; returns their location."""
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    return f"s3://{bucket}/{key}"


def keys_below(s3: Any, bucket: str, prefix: str) -> list[str]:
    """Every key that begins with the prefix, sorted."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return sorted(item["Key"] for page in pages for item in page.get("Contents", []))
