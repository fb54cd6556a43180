"""Data capture: requests and answers of an endpoint that are kept in S3, to see later what a model was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.permissions import ENCRYPT, allow_key
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.storage import INCOMPLETE_UPLOADS_STAY, grant_write, private_bucket
from constructs_lib.facts import capture as facts

_CfnConfig = sagemaker.CfnEndpointConfig
_BOTH = "InputAndOutput"
_CSV = ("text/csv",)
_JSON = ("application/json",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCapture:
    """What is kept of the requests to all variants, as JSON lines under ``PREFIX/ENDPOINT/VARIANT/yyyy/mm/dd/hh/``.

    It belongs to the endpoint's configuration, so it stays over updates. An instance stops capturing while its disk is
    more than 75 % full.

    :param sampling_percentage: how many of the requests are kept, 0 to 100 %; all by default.
    :param capture_mode: ``Input``, ``Output`` or ``InputAndOutput``, which is the default.
    :param csv_content_types: types that are kept as text, at most 10; ``text/csv`` by default. Types in neither list
        are kept in base64.
    :param json_content_types: types that are kept as JSON, at most 10; ``application/json`` by default.
    :param bucket: where; by default a bucket is made: private, encrypted, TLS only.
    :param prefix: below which key in the bucket; ``captured`` by default.
    :param encryption_key: the key with which SageMaker encrypts what it keeps; by default that of the endpoint, or else
        the bucket's own encryption.
    :param expire_in_days: after how many days S3 deletes what is in the bucket that is made; 30 by default, ``None``
        keeps it for ever.
    :param removal_policy: what becomes of that bucket when the stack goes; by default what the endpoint says.
    :raises InvalidConfiguration: with every wrong value.
    """

    sampling_percentage: int = 100
    capture_mode: str = _BOTH
    csv_content_types: Sequence[str] = _CSV
    json_content_types: Sequence[str] = _JSON
    bucket: s3.IBucket | None = None
    prefix: str = "captured"
    encryption_key: kms.IKey | None = None
    expire_in_days: int | None = 30
    removal_policy: RemovalPolicy | None = None

    def __post_init__(self) -> None:
        checks = Checks("DataCapture")
        checks.limit("sampling_percentage", self.sampling_percentage, facts.SAMPLING_PERCENTAGE)
        checks.limit("capture_mode", self.capture_mode, facts.CAPTURE_MODE)
        for name in ("csv_content_types", "json_content_types"):
            types = getattr(self, name)
            if types:
                checks.count(name, types, facts.CONTENT_TYPES)
            for content_type in types:
                checks.limit(name, content_type, facts.CONTENT_TYPE, facts.CONTENT_TYPE.fix)
        checks.done()

    def bind(self, scope: Construct, roles: Sequence[iam.IRole], safekeeping: Safekeeping) -> BoundDataCapture:
        """Make the bucket unless there is one, and let the execution roles write there.

        ``safekeeping`` is that of the endpoint.
        """
        key = self.encryption_key or safekeeping.encryption_key
        bucket = self.bucket or self._make_bucket(scope, key, self.removal_policy or safekeeping.removal_policy)
        for role in roles:
            grant_write(bucket, role, f"{self.prefix}/*")
            if key and self.bucket:
                allow_key(role, key, "s3", *ENCRYPT)
        return BoundDataCapture(bucket, key, self._render(bucket, key))

    def _make_bucket(self, scope: Construct, key: kms.IKey | None, removal_policy: RemovalPolicy) -> s3.Bucket:
        expiration = None if self.expire_in_days is None else Duration.days(self.expire_in_days)
        rule = s3.LifecycleRule(abort_incomplete_multipart_upload_after=INCOMPLETE_UPLOADS_STAY, expiration=expiration)
        return private_bucket(
            scope, "CaptureBucket", lifecycle_rules=[rule], encryption_key=key, removal_policy=removal_policy
        )

    def _render(
        self, bucket: s3.IBucket, key: kms.IKey | None
    ) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
        modes = ["Input", "Output"] if self.capture_mode == _BOTH else [self.capture_mode]
        csv, json = list(self.csv_content_types), list(self.json_content_types)
        header = _CfnConfig.CaptureContentTypeHeaderProperty(
            csv_content_types=csv or None, json_content_types=json or None
        )
        return _CfnConfig.DataCaptureConfigProperty(
            enable_capture=True,
            initial_sampling_percentage=self.sampling_percentage,
            destination_s3_uri=bucket.s3_url_for_object(self.prefix),
            kms_key_id=key.key_arn if key else None,
            capture_options=[_CfnConfig.CaptureOptionProperty(capture_mode=mode) for mode in modes],
            capture_content_type_header=header if csv or json else None,
        )


@dataclass(frozen=True, slots=True)
class BoundDataCapture:
    """Data capture at work: the bucket, the key of the data, and how CloudFormation writes it."""

    bucket: s3.IBucket
    encryption_key: kms.IKey | None
    config: sagemaker.CfnEndpointConfig.DataCaptureConfigProperty
