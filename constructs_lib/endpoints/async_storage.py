"""Where the inputs, answers and errors of an asynchronous endpoint lie."""

from __future__ import annotations

from dataclasses import dataclass, field

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.permissions import ENCRYPT, allow_key
from constructs_lib.endpoints.storage import PayloadBuckets
from constructs_lib.facts import asynchronous_output as facts
from constructs_lib.options import Expiration
from constructs_lib.outputs import REQUESTS_PREFIX
from constructs_lib.tokens import is_token

_WITHOUT_END = "where inputs and outputs share a bucket, {} would be submitted in their turn, without end"


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncStorage:
    """Buckets and paths. Buckets that are handed in keep their encryption and life cycle; they may be the same one.

    :param input_bucket: where requests are read. By default one is made: private, encrypted, TLS only.
    :param output_bucket: where answers and errors are put. By default one is made likewise.
    :param client_input_prefix: below which key clients put their inputs, with the slash at its end; ``requests/`` by
        default.
    :param success_prefix: below which key answers are put; ``success`` by default.
    :param failure_prefix: below which key errors are put; ``failure`` by default.
    :param expiration: after how many days inputs (7) and outputs (30) are deleted in the buckets that are made.
    :raises InvalidConfiguration: with every wrong value.
    """

    input_bucket: s3.IBucket | None = None
    output_bucket: s3.IBucket | None = None
    client_input_prefix: str = REQUESTS_PREFIX
    success_prefix: str = "success"
    failure_prefix: str = "failure"
    expiration: Expiration = field(default_factory=Expiration)

    def __post_init__(self) -> None:
        checks = Checks("AsyncStorage")
        prefix = self.client_input_prefix
        ends = is_token(prefix) or (prefix.endswith("/") and not prefix.startswith("/"))
        form = "client_input_prefix must end with a slash and not begin with one"
        checks.require(ends, f"{form}, got {prefix!r}; give one such as {REQUESTS_PREFIX!r}", facts.OUTPUT_PATH)
        for name in ("success_prefix", "failure_prefix"):
            path = getattr(self, name)
            inside = is_token(path) or (path != "" and path.strip("/") == path)
            problem = f"{name} must neither be empty nor begin or end with a slash, got {path!r}; take it off"
            checks.require(inside, problem, facts.OUTPUT_PATH)
        both = {self.success_prefix, self.failure_prefix}
        problem = f"success_prefix and failure_prefix must differ, got {self.success_prefix!r} for both"
        checks.require(len(both) == 2, f"{problem}; errors would lie among the answers", facts.OUTPUT_PATH)
        checks.done()

    def check_apart(self, checks: Checks, submitted_prefix: str) -> None:
        """Note a problem where what clients submit, or what SageMaker answers, would be submitted by itself."""
        for name, path, follows in (
            ("client_input_prefix", self.client_input_prefix, "what clients submit would be submitted twice"),
            ("success_prefix", f"{self.success_prefix}/", _WITHOUT_END.format("answers")),
            ("failure_prefix", f"{self.failure_prefix}/", _WITHOUT_END.format("errors")),
        ):
            problem = (
                f"{name} must lie apart from submission.input_prefix {submitted_prefix!r}, got {path!r}; {follows}"
            )
            checks.require(_are_apart(path, submitted_prefix), problem, facts.OUTPUT_PATH)

    def bind(
        self, scope: Construct, *, encryption_key: kms.IKey | None, removal_policy: RemovalPolicy
    ) -> BoundAsyncStorage:
        """Make the buckets that were not handed in."""
        buckets = PayloadBuckets(
            scope,
            expiration=self.expiration,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            input_bucket=self.input_bucket,
            output_bucket=self.output_bucket,
        )
        # A bucket of ours encrypts by its own; of another one the key is said with each object.
        return BoundAsyncStorage(self, buckets, encryption_key if self.output_bucket else None)


@dataclass(frozen=True, slots=True)
class BoundAsyncStorage:
    """The buckets at work; ``output_key`` is the key that SageMaker must be told of."""

    options: AsyncStorage
    buckets: PayloadBuckets
    output_key: kms.IKey | None

    @property
    def success_path(self) -> str:
        """Where answers are put."""
        return self.buckets.output.s3_url_for_object(self.options.success_prefix)

    @property
    def failure_path(self) -> str:
        """Where errors are put."""
        return self.buckets.output.s3_url_for_object(self.options.failure_prefix)

    def grant_model(self, role: iam.IRole) -> None:
        """Let a model's role read inputs, and write answers and errors."""
        self.buckets.grant_model(role, *self._outputs)
        if self.output_key:
            allow_key(role, self.output_key, "s3", *ENCRYPT)

    def grant_put(self, grantee: iam.IGrantable) -> None:
        """Let ``grantee`` put inputs where clients do."""
        self.buckets.input.grant_put(grantee, f"{self.options.client_input_prefix}*")

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read answers and errors."""
        answers, errors = (self.buckets.output.grant_read(grantee, keys) for keys in self._outputs)
        granted = answers.combine(errors)
        return granted.combine(self.output_key.grant_decrypt(grantee)) if self.output_key else granted

    @property
    def _outputs(self) -> tuple[str, str]:
        return f"{self.options.success_prefix}/*", f"{self.options.failure_prefix}/*"


def _are_apart(one: str, other: str) -> bool:
    """Whether no key lies below both; unknown prefixes pass."""
    return is_token(one) or is_token(other) or not (one.startswith(other) or other.startswith(one))
