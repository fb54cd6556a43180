"""What S3 holds below a location: asked by listing, for which nobody has to be able to read the objects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from constructs_lib.client.retries import code_of
from constructs_lib.preflight.account import Account

_LOCATION = re.compile(r"s3://([^/]+)/?(.*)", re.DOTALL)
_MISSING = frozenset({"404", "NoSuchBucket", "NotFound"})


@dataclass(frozen=True, slots=True)
class Location:
    """A bucket and a key or prefix."""

    bucket: str
    key: str

    @classmethod
    def of(cls, uri: str) -> Location | None:
        """The location that an ``s3://`` URI names; ``None`` for another kind of URI."""
        found = _LOCATION.fullmatch(uri)
        return cls(found[1], found[2]) if found else None


def bucket_region(account: Account, bucket: str) -> str | None:
    """The Region of a bucket; ``None`` for one that does not exist."""
    try:
        with account.permitted("s3:ListBucket"):
            answer = account.service("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if code_of(error) in _MISSING:
            return None
        raise
    # Directory buckets and older servers do not say it; they answer in their own Region alone.
    return str(answer.get("BucketRegion", account.region))


def size_of(account: Account, location: Location) -> int | None:
    """The bytes of an object; ``None`` if there is none of exactly this key."""
    with account.permitted("s3:ListBucket"):
        # Keys come in order, and an object's own key is before all that begin with it.
        answer = account.service("s3").list_objects_v2(Bucket=location.bucket, Prefix=location.key, MaxKeys=1)
    rows = [row for row in answer.get("Contents", ()) if row["Key"] == location.key]
    return int(rows[0]["Size"]) if rows else None


def size_below(account: Account, location: Location) -> int | None:
    """The bytes of all objects below a prefix; ``None`` if there are none."""
    pages = account.service("s3").get_paginator("list_objects_v2")
    with account.permitted("s3:ListBucket"):
        answers = pages.paginate(Bucket=location.bucket, Prefix=location.key)
        sizes = [int(row["Size"]) for answer in answers for row in answer.get("Contents", ())]
    return sum(sizes) if sizes else None


def size_on_disk(path: Path) -> int | None:
    """The bytes of a file, or of all files of a folder; ``None`` if there is neither."""
    if path.is_dir():
        return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
    return path.stat().st_size if path.is_file() else None
