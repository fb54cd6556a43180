"""Model artifacts: where a model is in S3, packed or not, and what a role needs to read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.permissions import Role, allow, arn_of
from constructs_lib.endpoints.storage import grant_read
from constructs_lib.errors import InvalidConfiguration
from constructs_lib.facts import models
from constructs_lib.tokens import is_token


@dataclass(frozen=True, slots=True)
class ModelArtifact:
    """What SageMaker puts into ``/opt/ml/model``: a ``model.tar.gz`` that it unpacks, or the objects below a prefix.

    Make one with a ``from_`` method. ``is_packed`` tells the two apart: objects below a prefix are for instances only,
    not for serverless inference or batch transform.
    """

    _bind: Callable[[Construct, Role], str]
    is_packed: bool = True

    @classmethod
    def from_s3_uri(cls, uri: str) -> ModelArtifact:
        """The archive at ``s3://BUCKET/KEY``, in the Region of the model.

        :raises InvalidConfiguration: for a URI that AWS refuses.
        """
        checks = Checks("ModelArtifact.from_s3_uri")
        checks.limit("uri", uri, models.ARTIFACT_URI)
        checks.limit("uri", uri, models.ARTIFACT_IS_AN_ARCHIVE, "name the .tar.gz object, not a prefix")
        checks.done()

        def bind(scope: Construct, role: Role) -> str:
            path = uri.split("://", 1)[-1]
            allow(role, ["s3:GetObject"], [arn_of(scope, "s3", path, region="", account="")])
            return uri

        return cls(bind)

    @classmethod
    def from_bucket(cls, bucket: s3.IBucket, key: str) -> ModelArtifact:
        """The archive ``key`` in ``bucket``; the role also gets the bucket's key, if it has one.

        :raises InvalidConfiguration: for a key that is a prefix.
        """
        checks = Checks("ModelArtifact.from_bucket")
        checks.limit("key", key, models.ARTIFACT_IS_AN_ARCHIVE, "name the .tar.gz object, not a prefix")
        checks.done()

        def bind(_scope: Construct, role: Role) -> str:
            grant_read(bucket, role, key)
            return bucket.s3_url_for_object(key)

        return cls(bind)

    @classmethod
    def from_file(cls, path: str | Path) -> ModelArtifact:
        """The local archive ``path``, which CDK uploads as an asset when the stack is deployed.

        :raises InvalidConfiguration: when there is no such file.
        """
        file = Path(path)
        if not file.is_file():
            problem = f"path must be an existing .tar.gz file, got {str(path)!r}; create it first"
            raise InvalidConfiguration("ModelArtifact.from_file", [problem])

        def bind(scope: Construct, role: Role) -> str:
            asset = assets.Asset(scope, "Artifact", path=str(file))
            grant_read(asset.bucket, role, asset.s3_object_key)
            return asset.s3_object_url

        return cls(bind)

    @classmethod
    def from_prefix(cls, bucket: s3.IBucket, prefix: str) -> ModelArtifact:
        """The objects below ``prefix`` in ``bucket``, not packed: large models start sooner that way.

        :raises InvalidConfiguration: for a prefix that does not end in a slash.
        """
        checks = Checks("ModelArtifact.from_prefix")
        if not is_token(prefix):
            problem = f"prefix must end in a slash, got {prefix!r}; add it, or use from_bucket for an archive"
            checks.require(prefix.endswith("/"), problem, models.DATA_SOURCE_URI)
        checks.done()

        def bind(_scope: Construct, role: Role) -> str:
            grant_read(bucket, role, f"{prefix}*")
            below = {"StringLike": {"s3:prefix": [f"{prefix}*"]}}
            allow(role, ["s3:ListBucket"], [bucket.bucket_arn], below)
            return bucket.s3_url_for_object(prefix)

        return cls(bind, is_packed=False)

    def bind(self, scope: Construct, role: Role) -> str:
        """Let ``role`` read it, and give its URI."""
        return self._bind(scope, role)
