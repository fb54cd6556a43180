"""Transform jobs: how input is cut into requests, how they are sent, and how answers are put together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from constructs_lib.checks import Checks
from constructs_lib.facts import instances, names, networks, transform, transform_instances
from constructs_lib.options.data_processing import DataProcessing
from constructs_lib.tokens import is_token

# AWS does not say which of the two megabytes it means: the smaller one holds in either case.
_BYTES_A_MEGABYTE = 1_000_000
# AWS advises to set the payload slightly larger than a record: a tenth.
_TENTHS = 11


@dataclass(frozen=True, kw_only=True, slots=True)
class TransformOptions:
    """How a transform job cuts its input into requests, sends them, and puts the answers together.

    :param content_type: media type of the input.
    :param accept: media type of the output; ``None``: the container's own choice.
    :param split_type: ``Line``, ``RecordIO``, ``TFRecord``, or ``None`` (the word) for one request an object.
    :param batch_strategy: ``MultiRecord`` fills requests up to ``max_payload_in_mb``, ``SingleRecord`` does not. It
        goes with records only: without a ``split_type`` it is left out.
    :param assemble_with: ``Line`` puts a line break between answers, ``None`` (the word) does not.
    :param compression_type: of the input, ``Gzip`` or ``None`` (the word).
    :param max_payload_in_mb: largest request in MB, 0 to 100; 0 sends an object as one chunked request.
    :param max_concurrent_transforms: requests at once and instance; 0 asks the container, ``None`` leaves it to
        SageMaker. ``tuned`` computes it together with the payload.
    :param data_processing: filters, and the join of input and output.
    :param environment: variables for the container, at most 16; they go over the model's.
    :param invocations_timeout_in_seconds: for one request, 1 to 3600; ``None``: SageMaker's own 600.
    :param invocations_max_retries: of a request that fails, 0 to 3; ``None``: SageMaker's own 3.
    :param volume_kms_key_id: key for the disks of the instances; AWS refuses it for types with local storage.
    :param output_kms_key_id: key with which the results are written; by default that of the bucket.
    :param transform_ami_version: image with another version of the NVIDIA driver, such as
        ``al2-ami-sagemaker-batch-gpu-535``; for types with GPUs.
    :param tags: of the job, at most 50, such as those by which costs are told apart.
    :raises InvalidConfiguration: with every wrong value; payload times concurrency stays within 100 MB.
    """

    content_type: str = "text/csv"
    accept: str | None = None
    split_type: str = "Line"
    batch_strategy: str = "MultiRecord"
    assemble_with: str = "Line"
    compression_type: str = "None"
    max_payload_in_mb: int = transform.MAX_PAYLOAD_IN_MB.default or 0
    max_concurrent_transforms: int | None = None
    data_processing: DataProcessing | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    invocations_timeout_in_seconds: int | None = None
    invocations_max_retries: int | None = None
    volume_kms_key_id: str | None = None
    output_kms_key_id: str | None = None
    transform_ami_version: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checks = Checks("TransformOptions")
        for name, limit in (
            ("content_type", transform.MEDIA_TYPE),
            ("accept", transform.MEDIA_TYPE),
            ("split_type", transform.SPLIT_TYPE),
            ("batch_strategy", transform.BATCH_STRATEGY),
            ("assemble_with", transform.ASSEMBLE_WITH),
            ("compression_type", transform.COMPRESSION_TYPE),
            ("max_payload_in_mb", transform.MAX_PAYLOAD_IN_MB),
            ("max_concurrent_transforms", transform.MAX_CONCURRENT_TRANSFORMS),
            ("invocations_timeout_in_seconds", transform.INVOCATIONS_TIMEOUT),
            ("invocations_max_retries", transform.INVOCATIONS_MAX_RETRIES),
            ("volume_kms_key_id", networks.KMS_KEY),
            ("output_kms_key_id", networks.KMS_KEY),
            ("transform_ami_version", transform_instances.AMI_NAME),
            ("environment", transform.ENVIRONMENT),
            ("tags", names.TAGS),
        ):
            checks.limit(name, getattr(self, name), limit)
        if self.max_concurrent_transforms is not None:
            checks.product(
                ("max_payload_in_mb", self.max_payload_in_mb),
                ("max_concurrent_transforms", self.max_concurrent_transforms),
                transform.PAYLOAD_TIMES_CONCURRENCY,
                "lower one of the two, or let tuned() compute them",
            )
        self._check_entries(checks)
        if self.data_processing:
            self.data_processing.check(
                checks,
                content_type=self.content_type,
                accept=self.accept,
                split=self.split_type,
                assemble=self.assemble_with,
            )
        checks.done()

    def _check_entries(self, checks: Checks) -> None:
        for name, value in self.environment.items():
            checks.limit("a name in environment", name, transform.ENVIRONMENT_KEY)
            checks.limit(f"environment {name}", value, transform.ENVIRONMENT_VALUE, transform.ENVIRONMENT_VALUE.fix)
        for key, value in self.tags.items():
            checks.limit("a key in tags", key, names.TAG_KEY)
            checks.limit(f"tag {key}", value, names.TAG_VALUE)

    def check_instance_type(self, checks: Checks, instance_type: str) -> None:
        """Note what of these options AWS refuses for instances of this type; tokens and unknown types pass."""
        hardware = None if is_token(instance_type) else instances.hardware(instance_type)
        if hardware is None:
            return
        checks.require(
            not (self.volume_kms_key_id and hardware.has_local_nvme),
            f"volume_kms_key_id must be left out with {instance_type}; its hardware encrypts the local storage",
            transform_instances.NO_VOLUME_KEY,
        )
        checks.require(
            self.transform_ami_version is None or instances.is_gpu(instance_type),
            f"transform_ami_version {self.transform_ami_version} is for types with NVIDIA GPUs, "
            f"{instance_type} has none; leave it out",
            transform_instances.AMI_VERSION,
        )

    def tuned(self, *, largest_record_in_bytes: int, concurrency: int) -> TransformOptions:
        """These options with the payload and the concurrency that suit records and container, within 100 MB together.

        A record that does not fit the payload fails the job, whereas fewer requests at once only take longer. So the
        payload is at least a tenth more than the largest record (AWS: "slightly larger"), and the concurrency is as
        wanted where that leaves room for it, lower where it does not. With ``MultiRecord`` the payload is SageMaker's
        default of 6 MB, which holds many records in a request that is still short of its time-out, unless the record
        needs more or the concurrency leaves less. With ``SingleRecord`` more than one record is of no use.

        :param largest_record_in_bytes: of all records, or all objects where they are not split.
        :param concurrency: how many requests one container answers at once, such as its workers; 1 or more. Both must
            be known at synthesis.
        :raises InvalidConfiguration: for records that need more than 100 MB, and for values below 1.
        """
        total = transform.PAYLOAD_TIMES_CONCURRENCY.maximum
        least = math.ceil(largest_record_in_bytes * _TENTHS / (10 * _BYTES_A_MEGABYTE))
        checks = Checks("TransformOptions.tuned")
        for name, value in (("largest_record_in_bytes", largest_record_in_bytes), ("concurrency", concurrency)):
            problem = f"{name} must be at least 1, got {value}; give what is measured"
            checks.require(value >= 1, problem, transform.PAYLOAD_TIMES_CONCURRENCY)
        checks.limit(
            f"the payload for largest_record_in_bytes {largest_record_in_bytes}",
            least,
            transform.MAX_PAYLOAD_IN_MB,
            "cut the records, or give max_payload_in_mb=0 if the container takes chunked requests",
        )
        checks.done()
        at_once = min(concurrency, total // least)
        many = self.split_type != "None" and self.batch_strategy == "MultiRecord"
        wanted = transform.MAX_PAYLOAD_IN_MB.default or least
        payload = max(least, min(wanted, total // at_once)) if many else least
        return replace(self, max_payload_in_mb=payload, max_concurrent_transforms=at_once)

    def arguments(
        self,
        *,
        s3_uri: str,
        s3_output_path: str,
        instance_type: str,
        instance_count: int | str,
        s3_data_type: str = "S3Prefix",
    ) -> dict[str, object]:
        """The arguments of ``CreateTransformJob`` but for the names of job and model.

        :param s3_uri: the prefix, or the manifest, that is read; like the other three it may be an expression that the
            state machine evaluates.
        :param s3_data_type: ``S3Prefix`` or ``ManifestFile``.
        """
        source = {"S3DataSource": {"S3DataType": s3_data_type, "S3Uri": s3_uri}}
        return {
            **_given(BatchStrategy=self.batch_strategy if self.split_type != "None" else None),
            "MaxPayloadInMB": self.max_payload_in_mb,
            **_given(MaxConcurrentTransforms=self.max_concurrent_transforms),
            **self._members(),
            "TransformInput": {
                "ContentType": self.content_type,
                "SplitType": self.split_type,
                **_given(CompressionType=self.compression_type if self.compression_type != "None" else None),
                "DataSource": source,
            },
            "TransformOutput": {
                "S3OutputPath": s3_output_path,
                "AssembleWith": self.assemble_with,
                **_given(Accept=self.accept, KmsKeyId=self.output_kms_key_id),
            },
            "TransformResources": {
                "InstanceType": instance_type,
                "InstanceCount": instance_count,
                **_given(VolumeKmsKeyId=self.volume_kms_key_id, TransformAmiVersion=self.transform_ami_version),
            },
        }

    def _members(self) -> dict[str, object]:
        """The members that a job has or has not."""
        client = _given(
            InvocationsTimeoutInSeconds=self.invocations_timeout_in_seconds,
            InvocationsMaxRetries=self.invocations_max_retries,
        )
        return _given(
            DataProcessing=self.data_processing.arguments() if self.data_processing else None,
            Environment=dict(self.environment) or None,
            ModelClientConfig=client or None,
            Tags=[{"Key": key, "Value": value} for key, value in self.tags.items()] or None,
        )


def _given(**members: object) -> dict[str, object]:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value is not None}
