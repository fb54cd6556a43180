"""What AWS refuses of a request for a transform job, by the facts."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import transform, transform_processing
from constructs_lib.facts.limit import Limit
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import Payload


def check_job(payload: Payload) -> None:
    """Raise ValidationException with every fault of the request that the facts know of."""
    config = payload.get("ModelClientConfig", {})
    source, output = payload["TransformInput"], payload["TransformOutput"]
    given: list[tuple[Limit, object]] = [
        (transform.JOB_NAME, payload["TransformJobName"]),
        (transform.MAX_PAYLOAD_IN_MB, payload.get("MaxPayloadInMB")),
        (transform.MAX_CONCURRENT_TRANSFORMS, payload.get("MaxConcurrentTransforms")),
        (transform.PAYLOAD_TIMES_CONCURRENCY, _megabytes_at_once(payload)),
        (transform.INVOCATIONS_TIMEOUT, config.get("InvocationsTimeoutInSeconds")),
        (transform.INVOCATIONS_MAX_RETRIES, config.get("InvocationsMaxRetries")),
        (transform.INSTANCE_COUNT, payload["TransformResources"]["InstanceCount"]),
        (transform.S3_DATA_TYPE, source["DataSource"]["S3DataSource"]["S3DataType"]),
        (transform.SPLIT_TYPE, source.get("SplitType")),
        (transform.ASSEMBLE_WITH, output.get("AssembleWith")),
        (transform.BATCH_STRATEGY, payload.get("BatchStrategy")),
    ]
    faults = [
        f"{limit.what} must be {limit}, got {value} (source: {limit.source})"
        for limit, value in given
        if value is not None and not limit.allows(value)
    ]
    faults += list(_faults_of_processing(payload))
    if faults:
        raise AwsError("ValidationException", "; ".join(faults))


def _faults_of_processing(payload: Payload) -> Iterator[str]:
    """What of a job does not go with its filters and its join."""
    processing, source, output = payload.get("DataProcessing"), payload["TransformInput"], payload["TransformOutput"]
    if not processing:
        return
    given, wanted = map(transform_processing.bare, (source.get("ContentType", ""), output.get("Accept", "")))
    if not transform_processing.FORMAT.allows(given) or given != wanted:
        yield (
            f"with DataProcessing, ContentType and Accept must be the same, {transform_processing.FORMAT}, "
            f"got {given or None} and {wanted or None}"
        )
    split, assembled = source.get("SplitType", "None"), output.get("AssembleWith", "None")
    if split != assembled or (given == transform_processing.CSV and split != "Line"):
        yield (
            "with DataProcessing, SplitType and AssembleWith must be the same, and Line for CSV, "
            f"got {split} and {assembled}"
        )
    paths = (
        transform_processing.CSV_FILTER if given == transform_processing.CSV else transform_processing.FILTER_OPERATORS
    )
    for name in ("InputFilter", "OutputFilter"):
        if not paths.allows(processing.get(name, "$")):
            yield f"{name} must {paths.fix}, got {processing[name]}"


def _megabytes_at_once(payload: Payload) -> int:
    megabytes = int(payload.get("MaxPayloadInMB", transform.MAX_PAYLOAD_IN_MB.default or 0))
    return megabytes * int(payload.get("MaxConcurrentTransforms") or 1)
