"""Batch transform jobs: accepted at once, run in a thread each."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from constructs_lib.local.api.describe import page
from constructs_lib.local.arns import sagemaker_arn
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import Payload, TransformJobRecord
from constructs_lib.local.transform.checks import check_job
from constructs_lib.local.transform.run import JobFailed, JobStopped, TransformRun

if TYPE_CHECKING:
    from constructs_lib.local.service import LocalSageMaker

Listener = Callable[[TransformJobRecord], None]
_TERMINAL = ("Completed", "Failed", "Stopped")

_logger = logging.getLogger("constructs_lib.local")


class TransformJobs:
    """The jobs. `listeners` are called, in the thread of the job, after each change of a job's status."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self.listeners: list[Listener] = [self._emit]
        self._sagemaker = sagemaker
        self._changed = threading.Condition()
        self._stop_wanted: dict[str, threading.Event] = {}
        self._threads: dict[str, threading.Thread] = {}

    def create(self, payload: Payload) -> Payload:
        """Start a job: its TransformJobArn. Raises AwsError for a wrong request and for a name ever used before."""
        name = payload["TransformJobName"]
        check_job(payload)
        self._sagemaker.model(payload["ModelName"])
        arn = sagemaker_arn("transform-job", name)
        record = TransformJobRecord(name, arn, payload)
        with self._sagemaker.store.lock:
            if name in self._sagemaker.store.transform_jobs:
                raise AwsError(
                    "ResourceInUse",
                    "Job name must be unique within an AWS account and region, and a job with this name already exists "
                    f"({arn})",
                )
            resources = payload["TransformResources"]
            self._sagemaker.instances.ask(resources["InstanceType"], int(resources["InstanceCount"]))
            self._sagemaker.store.transform_jobs[name] = record
        self._stop_wanted[name] = threading.Event()
        self._threads[name] = threading.Thread(target=self._run, args=(record,), name=f"transform-{name}", daemon=True)
        self._threads[name].start()
        return {"TransformJobArn": arn}

    def describe(self, payload: Payload) -> Payload:
        """DescribeTransformJob's answer."""
        return _describe(self._job(payload["TransformJobName"]))

    def list(self, payload: Payload) -> Payload:
        """One page of ListTransformJobs."""
        with self._sagemaker.store.lock:
            records = list(self._sagemaker.store.transform_jobs.values())
        wanted = payload.get("StatusEquals")
        rows = [_summary(record) for record in records if wanted in (None, record.status)]
        return page("TransformJobSummaries", "TransformJobName", rows, payload)

    def stop(self, payload: Payload) -> Payload:
        """Ask a running job to stop; raises ValidationException when it has ended already."""
        record = self._job(payload["TransformJobName"])
        with self._sagemaker.store.lock:
            if record.status in _TERMINAL:
                raise AwsError(
                    "ValidationException",
                    f"The request was rejected because the transform job is in status {record.status}.",
                )
            record.status = "Stopping"
        self._stop_wanted[record.name].set()
        self._announce(record)
        return {}

    def wait(self, name: str, timeout: float) -> TransformJobRecord:
        """Wait for the end of a job, at most `timeout` real seconds; raises TimeoutError."""
        record = self._job(name)
        with self._changed:
            if not self._changed.wait_for(lambda: record.status in _TERMINAL, timeout):
                raise TimeoutError(f"transform job {name} is still {record.status} after {timeout:g} s")
        return record

    def close(self) -> None:
        """Ask every job to stop and wait a moment for the threads."""
        for event in self._stop_wanted.values():
            event.set()
        deadline = time.monotonic() + 5
        for thread in self._threads.values():
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def _job(self, name: str) -> TransformJobRecord:
        record = self._sagemaker.store.transform_jobs.get(name)
        if record is None:
            raise AwsError("ValidationException", f'Could not find requested job with name: "{name}"')
        return record

    def _run(self, record: TransformJobRecord) -> None:
        record.started = time.time()
        self._announce(record)
        status, reason = "Completed", None
        try:
            TransformRun(self._sagemaker, record, self._stop_wanted[record.name]).run()
        except JobStopped:
            status = "Stopped"
        except (JobFailed, AwsError) as error:
            status, reason = "Failed", str(error)
        except Exception as error:
            # Whatever happens, somebody waits for the end of this job.
            _logger.exception("transform job %s", record.name)
            status, reason = "Failed", f"InternalServerError: We encountered an internal error. {error}"
        resources = record.definition["TransformResources"]
        self._sagemaker.instances.release(resources["InstanceType"], int(resources["InstanceCount"]))
        with self._sagemaker.store.lock:
            record.ended, record.failure_reason, record.status = time.time(), reason, status
        self._announce(record)

    def _announce(self, record: TransformJobRecord) -> None:
        with self._changed:
            self._changed.notify_all()
        for listener in self.listeners:
            listener(record)

    def _emit(self, record: TransformJobRecord) -> None:
        detail = {
            name: int(value * 1000) if name.endswith("Time") else value for name, value in _describe(record).items()
        }
        self._sagemaker.emit("SageMaker Transform Job State Change", detail, [record.arn])


def _summary(record: TransformJobRecord) -> Payload:
    times = {"TransformEndTime": record.ended, "FailureReason": record.failure_reason}
    return {
        "TransformJobName": record.name,
        "TransformJobArn": record.arn,
        "CreationTime": record.created,
        "TransformJobStatus": record.status,
        "LastModifiedTime": record.ended or record.started or record.created,
    } | {name: value for name, value in times.items() if value is not None}


def _describe(record: TransformJobRecord) -> Payload:
    request = {name: value for name, value in record.definition.items() if name not in ("Tags", "TransformJobName")}
    times = {"TransformStartTime": record.started, "TransformEndTime": record.ended}
    return (
        request
        | {
            "TransformJobName": record.name,
            "TransformJobArn": record.arn,
            "TransformJobStatus": record.status,
            "CreationTime": record.created,
        }
        | {name: value for name, value in times.items() if value is not None}
        | ({"FailureReason": record.failure_reason} if record.failure_reason else {})
    )
