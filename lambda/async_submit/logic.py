"""From the event of an uploaded object to the request that SageMaker gets. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from async_submit.settings import Settings

_NOT_IN_A_PATH = re.compile(r"[^a-zA-Z0-9!_.*'()/-]")
_UNVERSIONED = ("", "null")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One version of an object, as S3 announced it. ``version`` tells it from every other one of that key."""

    bucket: str
    key: str
    version: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Upload:
        """Read an event ``Object Created``; raises ``KeyError`` for one of another shape.

        Without versioning, the sequencer stands in for the version id: S3 gives each write its own, and a repeated
        event has that of the first. The ETag alone would not do: the same bytes put again, because the first request
        failed, are a new request.
        """
        detail = event["detail"]
        uploaded = detail["object"]
        version_id = uploaded.get("version-id", "")
        unversioned = f"{uploaded['etag']}/{uploaded['sequencer']}"
        return cls(
            bucket=detail["bucket"]["name"],
            key=uploaded["key"],
            version=unversioned if version_id in _UNVERSIONED else version_id,
        )

    @property
    def location(self) -> str:
        """``s3://BUCKET/KEY``."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def is_folder(self) -> bool:
        """Whether it is what consoles put where they show a folder, and no request."""
        return self.key.endswith("/")


def inference_id(upload: Upload, length: int) -> str:
    """The same for the same version of an object, and different for any other, in letters and digits."""
    identity = json.dumps([upload.bucket, upload.key, upload.version])
    return hashlib.sha256(identity.encode()).hexdigest()[:length]


def content_type(key: str, settings: Settings) -> str:
    """By the longest suffix that the key ends with, in whatever case."""
    matching = [suffix for suffix in settings.content_types if key.lower().endswith(suffix.lower())]
    return settings.content_types[max(matching, key=len)] if matching else settings.default_content_type


def request_of(upload: Upload, settings: Settings) -> dict[str, Any]:
    """What ``InvokeEndpointAsync`` gets: the same for the same version, so that its answer lands on the same object."""
    name = inference_id(upload, settings.inference_id_length)
    request = {
        "EndpointName": settings.endpoint_name,
        "InputLocation": upload.location,
        "ContentType": content_type(upload.key, settings),
        "InferenceId": name,
        "S3OutputPathExtension": output_path(upload.key, settings),
        "Filename": f"{name}.out",
        "RequestTTLSeconds": settings.request_ttl_seconds,
        "InvocationTimeoutSeconds": settings.invocation_timeout_seconds,
    }
    return {member: value for member, value in request.items() if value}


def output_path(key: str, settings: Settings) -> str:
    """The key below the input prefix, in the characters that SageMaker takes: answers are found where inputs were."""
    below = _NOT_IN_A_PATH.sub("_", key.removeprefix(settings.input_prefix))
    return below[-settings.output_path_length :].strip("/")


def receipt_of(request: Mapping[str, Any], response: Mapping[str, Any], now: float) -> dict[str, Any]:
    """What is kept of an accepted request."""
    receipt = {
        "InferenceId": request["InferenceId"],
        "EndpointName": request["EndpointName"],
        "InputLocation": request["InputLocation"],
        "OutputLocation": response.get("OutputLocation"),
        "SubmittedTime": int(now),
    }
    return {name: value for name, value in receipt.items() if value is not None}
