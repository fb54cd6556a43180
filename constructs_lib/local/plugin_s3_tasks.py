"""The AWS SDK integrations `s3:putObject` and `s3:getObject` of Step Functions, which ministack leaves out.

Like `plugin`, it touches private names that are pinned by the exact version; the contract test holds these, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError
from ministack.services import stepfunctions as engine

if TYPE_CHECKING:
    from constructs_lib.local.s3io import S3
    from constructs_lib.local.store import Payload

PREFIX = "arn:aws:states:::aws-sdk:s3:"


def install(s3: S3) -> None:
    """Teach ministack's Step Functions; call it once, before serving."""
    engine._SERVICE_DISPATCH[f"{PREFIX}putObject"] = lambda _, arguments: _put(s3, arguments)
    engine._SERVICE_DISPATCH[f"{PREFIX}getObject"] = lambda _, arguments: _get(s3, arguments)


def _put(s3: S3, arguments: Payload) -> Payload:
    """An object or a list is written as JSON. How text is written, AWS does not say, so it is refused here."""
    given = dict(arguments)
    if isinstance(given.get("Body"), str):
        raise engine._ExecutionError(
            "States.Runtime", "the local s3:putObject takes an object or a list as its Body, or none; got text"
        )
    if "Body" in given:
        given["Body"] = json.dumps(given["Body"]).encode()
    answer = _called(s3.client("s3").put_object, given)
    return {name: answer[name] for name in ("ETag", "VersionId") if name in answer}


def _get(s3: S3, arguments: Payload) -> Payload:
    """The body is text."""
    answer = _called(s3.client("s3").get_object, arguments)
    known = {name: answer[name] for name in ("ContentLength", "ContentType", "ETag", "Metadata") if name in answer}
    return known | {"Body": answer["Body"].read().decode()}


def _called(operation: Callable[..., Any], arguments: Payload) -> Payload:
    try:
        answer: Payload = operation(**arguments)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        raise engine._ExecutionError(f"S3.{code}Exception", message) from error
    except ParamValidationError as error:
        raise engine._ExecutionError("States.Runtime", str(error)) from error
    return answer
