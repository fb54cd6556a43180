"""The work of one transform job: inputs out of S3, through the container, outputs into S3."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.facts import realtime, transform
from constructs_lib.local.arns import REGION
from constructs_lib.local.containers.process import ContainerFailed, ContainerUnreachable, InvocationTimedOut
from constructs_lib.local.containers.served import Served
from constructs_lib.local.s3io import split
from constructs_lib.local.transform.instances import NoCapacity
from constructs_lib.local.transform.joins import Processing, answers_of_records
from constructs_lib.local.transform.records import (
    MEGABYTE,
    BadRecords,
    assemble,
    expand_manifest,
    output_uri,
    payloads,
    split_records,
)

if TYPE_CHECKING:
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import Payload, TransformJobRecord

# Threads of one job, whatever it allows, in one process on one machine.
_MOST_WORKERS = 32
# Real seconds: the pause before a retry, and how long a crashed container may take to come back.
_RETRY_AFTER = 0.1
_BACK_WITHIN = 10.0
_LEAST_REAL_TIMEOUT = 5.0
_SEE_LOGS = "ClientError: See job logs for more information"
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
# How /execution-parameters spells the strategies.
_STRATEGIES = {"MULTI_RECORD": "MultiRecord", "SINGLE_RECORD": "SingleRecord"}


class JobFailed(Exception):
    """The job failed; the message is its FailureReason."""


class JobStopped(Exception):
    """The job was asked to stop."""


class TransformRun:
    """Runs a job once; it keeps the model's container for that time and gives it back however the run ends."""

    def __init__(self, sagemaker: LocalSageMaker, record: TransformJobRecord, stopping: threading.Event) -> None:
        self._sagemaker = sagemaker
        self._name = record.name
        self._job = record.definition
        self._stopping = stopping
        self._failure: JobFailed | None = None
        self._source: Payload = self._job["TransformInput"]
        self._output: Payload = self._job["TransformOutput"]
        definition = self._job.get("DataProcessing")
        self._processing = Processing(definition, self._source["ContentType"]) if definition else None

    def run(self) -> None:
        """Raises JobFailed with the FailureReason, or JobStopped."""
        resources = self._job["TransformResources"]
        try:
            with self._sagemaker.instances.provision(resources["InstanceType"], int(resources["InstanceCount"])):
                self._run()
        except NoCapacity as error:
            raise JobFailed(str(error)) from error

    def _run(self) -> None:
        inputs = self._inputs()
        model = self._sagemaker.model(self._job["ModelName"])
        # The job's own environment goes over the model's; its container is therefore one of its own.
        own = replace(
            model,
            name=f"{model.name}/{self._name}",
            environment=model.environment | self._job.get("Environment", {}),
        )
        user = f"transform-job {self._name}"
        timeout = float(realtime.HEALTH_CHECK_TIMEOUT.default or 0)
        try:
            container = self._sagemaker.containers.acquire(own, user, timeout)
        except ContainerFailed as error:
            raise JobFailed(f"AlgorithmError: {error}") from error
        try:
            self._transform_all(container, inputs)
        finally:
            self._sagemaker.containers.release(own.name, user)

    def _inputs(self) -> list[tuple[str, str]]:
        """Each object with the prefix that its output is named relative to."""
        source = self._source["DataSource"]["S3DataSource"]
        uri = source["S3Uri"]
        try:
            if source["S3DataType"] == "ManifestFile":
                prefix, objects = expand_manifest(self._sagemaker.s3.read(uri))
            else:
                prefix, objects = uri, [each for each in self._sagemaker.s3.list_objects(uri) if not each.endswith("/")]
        except (BotoCoreError, ClientError) as error:
            raise JobFailed(f"{_nothing_under(uri)} ({error})") from error
        except BadRecords as error:
            raise JobFailed(f"ClientError: {error}") from error
        if not objects:
            raise JobFailed(_nothing_under(uri))
        return [(each, prefix) for each in objects]

    def _transform_all(self, container: Served, inputs: list[tuple[str, str]]) -> None:
        suggested = container.execution_parameters()
        workers = int(self._job.get("MaxConcurrentTransforms") or suggested.get("MaxConcurrentTransforms") or 1)
        workers *= int(self._job["TransformResources"]["InstanceCount"])
        strategy = self._job.get("BatchStrategy") or _STRATEGIES.get(suggested.get("BatchStrategy", ""), "MultiRecord")
        default = int(suggested.get("MaxPayloadInMB") or transform.MAX_PAYLOAD_IN_MB.default or 0)
        max_payload = int(self._job.get("MaxPayloadInMB", default)) * MEGABYTE
        with ThreadPoolExecutor(min(workers, _MOST_WORKERS), f"transform-{self._name}") as pool:
            for uri, prefix in inputs:
                result = self._transform(container, pool, uri, strategy, max_payload)
                where = output_uri(uri, prefix, self._output["S3OutputPath"])
                try:
                    self._sagemaker.s3.write(where, result, self._output.get("Accept") or "application/octet-stream")
                except (BotoCoreError, ClientError) as error:
                    raise JobFailed(f"ClientError: the output {where} cannot be written: {error}") from error

    def _transform(
        self, container: Served, pool: ThreadPoolExecutor, uri: str, strategy: str, max_payload: int
    ) -> bytes:
        """The output for one object."""
        split_type, processing = self._source.get("SplitType", "None"), self._processing

        def answers_to(data: bytes) -> list[bytes]:
            bodies = payloads(data, split_type, strategy, max_payload)
            return list(pool.map(lambda body: self._invoke(container, uri, body), bodies))

        try:
            data = self._read(uri)
            if processing is None:
                kept = answers_to(data)
            else:
                records = split_records(data, split_type)
                answers = answers_to(b"".join(map(processing.shown, records)))
                each = answers_of_records(answers, split_type, strategy, len(records))
                kept = list(map(processing.kept, records, each))
        except (BadRecords, OSError, EOFError, BotoCoreError, ClientError) as error:
            raise JobFailed(f"{_SEE_LOGS}: {uri}: {error}") from error
        return assemble(kept, self._output.get("AssembleWith", "None"))

    def _read(self, uri: str) -> bytes:
        data = self._sagemaker.s3.read(uri)
        return gzip.decompress(data) if self._source.get("CompressionType") == "Gzip" else data

    def _invoke(self, container: Served, uri: str, body: bytes) -> bytes:
        """The answer to one request. A server's error, a time-out and a crash are tried again; a refusal is final."""
        config = self._job.get("ModelClientConfig", {})
        retries = int(config.get("InvocationsMaxRetries", transform.INVOCATIONS_MAX_RETRIES.default))
        problem = ""
        for _ in range(retries + 1):
            if self._stopping.is_set():
                raise JobStopped
            if self._failure is not None:
                raise self._failure
            status, answer = self._ask(container, body, config)
            if status < _CLIENT_ERROR:
                return answer
            problem = f"{uri}: the container answered {status}: {answer.decode(errors='replace')}"
            if status < _SERVER_ERROR:
                break
            self._stopping.wait(_RETRY_AFTER)
        self._failure = JobFailed(f"{_SEE_LOGS}: {problem}")
        raise self._failure

    def _ask(self, container: Served, body: bytes, config: Payload) -> tuple[int, bytes]:
        asked = float(config.get("InvocationsTimeoutInSeconds") or transform.INVOCATIONS_TIMEOUT.default or 0)
        headers = dict(self._headers())
        try:
            timeout = max(asked / self._sagemaker.clock.speed, min(asked, _LEAST_REAL_TIMEOUT))
            status, _, answer = container.invoke(body, headers, timeout)
        except InvocationTimedOut as error:
            return 504, str(error).encode()
        except ContainerUnreachable as error:
            self._wait_until_back(container)
            return 503, str(error).encode()
        return status, answer

    def _headers(self) -> Iterator[tuple[str, str]]:
        yield "Content-Type", self._source.get("ContentType") or "application/octet-stream"
        yield "Accept", self._output.get("Accept") or "*/*"

    @staticmethod
    def _wait_until_back(container: Served) -> None:
        try:
            container.wait_healthy(_BACK_WITHIN)
        except ContainerFailed as error:
            raise JobFailed(f"AlgorithmError: {error}") from error


def _nothing_under(uri: str) -> str:
    bucket, _ = split(uri)
    return (
        f'ClientError: No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the '
        f"bucket exists in the selected region ({REGION}), that objects exist under that S3 prefix, and that the role "
        f'has "s3:ListBucket" permissions on bucket "{bucket}".'
    )
