"""Submits each object that is put under the input prefix to an asynchronous endpoint, once a version."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from async_submit.claims import Claim, Claims
from async_submit.correlation import Log
from async_submit.logic import Upload, inference_id, receipt_of, request_of
from async_submit.settings import Settings

_SECONDS_PER_DAY = 86_400


class Submitter:
    """Takes events ``Object Created`` of S3. The clients are handed in."""

    def __init__(self, settings: Settings, *, runtime: Any, claims: Claims, table: Any | None) -> None:
        self._settings = settings
        self._runtime = runtime
        self._claims = claims
        self._table = table
        # Where Lambda's SDK is too old to name the output, SageMaker does; nothing else depends on it.
        operation = runtime.meta.service_model.operation_model("InvokeEndpointAsync")
        self._members = frozenset(operation.input_shape.members)

    def submit(self, event: Mapping[str, Any]) -> None:
        """Submit what the event announces, unless that was done; raises what AWS answers, so that Lambda retries."""
        upload = Upload.from_event(event)
        log = Log(inference_id(upload, self._settings.inference_id_length))
        if upload.is_folder:
            log.write({"Outcome": "Skipped", "InputLocation": upload.location})
            return
        held = self._claims.take(log.correlation_id)
        receipt = self._send(upload, held) if isinstance(held, Claim) else held.receipt
        self._record(receipt)
        log.write({"Outcome": "Submitted" if isinstance(held, Claim) else "Duplicate", **receipt})

    def _send(self, upload: Upload, claim: Claim) -> Mapping[str, Any]:
        request = request_of(upload, self._settings)
        known = {member: value for member, value in request.items() if member in self._members}
        try:
            response = self._runtime.invoke_endpoint_async(**known)
        except Exception:
            self._claims.release(claim)
            raise
        receipt = receipt_of(request, response, time.time())
        self._claims.confirm(claim, receipt)
        return receipt

    def _record(self, receipt: Mapping[str, Any]) -> None:
        """Write the status; for a duplicate too, in case the first attempt ended before it did."""
        if self._table is None:
            return
        expires = receipt["SubmittedTime"] + self._settings.status_expires_in_days * _SECONDS_PER_DAY
        item = {**receipt, "Status": "Submitted", "ExpiresAt": expires}
        try:
            self._table.put_item(Item=item, ConditionExpression="attribute_not_exists(InferenceId)")
        except ClientError as error:
            # The result was quicker, or this was recorded before.
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise


def _wired(settings: Settings) -> Submitter:
    claims = Claims(
        boto3.client("s3"),
        bucket=settings.claim_bucket_name,
        prefix=settings.claim_prefix,
        seconds=settings.claim_seconds,
        clock=time.time,
    )
    name = settings.status_table_name
    table = boto3.resource("dynamodb").Table(name) if name else None
    return Submitter(settings, runtime=boto3.client("sagemaker-runtime"), claims=claims, table=table)


_submitter = _wired(Settings.from_environment(os.environ))


def handle(event: Mapping[str, Any], context: object) -> None:
    """Lambda's entry point."""
    del context
    _submitter.submit(event)
