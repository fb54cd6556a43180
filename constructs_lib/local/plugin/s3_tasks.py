"""AWS SDK integrations of Step Functions with S3 that ministack leaves out, or answers with text for numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from ministack.services import stepfunctions as engine

if TYPE_CHECKING:
    from constructs_lib.local.s3io import S3
    from constructs_lib.local.store import Payload

PREFIX = "arn:aws:states:::aws-sdk:s3:"
OPERATIONS = ("getObject", "headObject", "listObjectsV2", "putObject")
# HEAD has no body in which S3 could name its error; AWS's SDK for Java, whose names these are, goes by the status.
_ERRORS = {"404": "NoSuchKey"}


def install(s3: S3) -> None:
    """Teach ministack's Step Functions; call it once, before serving."""
    for name in OPERATIONS:
        engine._SERVICE_DISPATCH[f"{PREFIX}{name}"] = partial(_call, s3, name)


def _call(s3: S3, name: str, _resource: str, arguments: Payload) -> Payload:
    """An object or a list is written as JSON. How text is written, AWS does not say, so it is refused here."""
    given = dict(arguments)
    if isinstance(given.get("Body"), str):
        raise engine._ExecutionError(
            "States.Runtime", "the local s3:putObject takes an object or a list as its Body, or none; got text"
        )
    if "Body" in given:
        given["Body"] = json.dumps(given["Body"]).encode()
    answer = _answer(getattr(s3.client("s3"), xform_name(name)), given)
    return {member: _plain(value) for member, value in answer.items() if member != "ResponseMetadata"}


def _answer(operation: Callable[..., Any], arguments: Payload) -> Payload:
    try:
        answer: Payload = operation(**arguments)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        raise engine._ExecutionError(f"S3.{_ERRORS.get(code, code)}Exception", message) from error
    except ParamValidationError as error:
        raise engine._ExecutionError("States.Runtime", str(error)) from error
    return answer


def _plain(value: Any) -> Any:
    """As JSON: times as text, a body as text."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.read().decode() if hasattr(value, "read") else value
