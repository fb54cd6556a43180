"""What a drift watch reads and writes, and who may."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from constructs_lib.endpoints.permissions import DECRYPT, Role, allow, allow_key
from constructs_lib.endpoints.storage import grant_read, grant_write
from constructs_lib.endpoints.variant import DEFAULT_VARIANT
from constructs_lib.patterns.drift_baseline import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedData:
    """Captured data of an endpoint that is not of this app.

    :param bucket: where data capture writes.
    :param endpoint_name: whose data; the bucket may hold those of others, too.
    :param prefix: below which key; ``captured`` by default.
    :param variant_name: of which variant; ``AllTraffic`` by default.
    :param encryption_key: the key of the data where it is another one than the bucket's.
    """

    bucket: s3.IBucket
    endpoint_name: str
    prefix: str = "captured"
    variant_name: str = DEFAULT_VARIANT
    encryption_key: kms.IKey | None = None

    @property
    def key_prefix(self) -> str:
        """What all keys begin with."""
        return f"{self.prefix.strip('/')}/{self.endpoint_name}/{self.variant_name}/".removeprefix("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSources:
    """The captured data, the baseline, and where reports go; ``encryption_key`` is for the volume of a job."""

    captured: CapturedData
    baseline: Location
    report_bucket: s3.IBucket
    report_prefix: str
    encryption_key: kms.IKey | None

    def grant(self, role: Role) -> None:
        """Let ``role`` read what is compared, and write the reports."""
        captured = self.captured
        grant_read(captured.bucket, role, f"{captured.key_prefix}*")
        below = {"StringLike": {"s3:prefix": [f"{captured.key_prefix}*"]}}
        allow(role, ["s3:ListBucket"], [captured.bucket.bucket_arn], below)
        if captured.encryption_key:
            allow_key(role, captured.encryption_key, "s3", *DECRYPT)
        bucket, key = self.baseline
        grant_read(bucket, role, key)
        grant_write(self.report_bucket, role, f"{self.report_prefix}*")
