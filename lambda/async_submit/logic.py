"""From the event of an uploaded object to the request that SageMaker gets. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from async_submit.settings import Settings

_NOT_IN_A_PATH = re.compile(r"[^a-zA-Z0-9!_.*'()/-]")
_UNVERSIONED = ("", "null")
# Control characters, and halves of pairs that are no text: no header of a request carries them.
_NOT_IN_A_HEADER = ("Cc", "Cs")


class UnusableUpload(ValueError):
    """The event announces no object, or one that cannot be submitted; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One version of an object, as S3 announced it. ``version`` tells it from every other one of that key."""

    bucket: str
    key: str
    version: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Upload:
        """Read an event ``Object Created``; raises ``UnusableUpload`` for one of another shape.

        A key is whatever its writer likes, and SageMaker gets it in a header: one that holds what no header may, which
        in a sloppier client would begin another header, is refused.

        Without versioning, the sequencer stands in for the version id: S3 gives each write its own, and a repeated
        event has that of the first. The ETag alone would not do: the same bytes put again, because the first request
        failed, are a new request.
        """
        try:
            detail = event["detail"]
            uploaded = detail["object"]
            version_id = uploaded.get("version-id", "")
            unversioned = f"{uploaded['etag']}/{uploaded['sequencer']}"
            bucket, key = detail["bucket"]["name"], uploaded["key"]
        except (KeyError, TypeError, AttributeError) as error:
            raise UnusableUpload(f"this is no event of an object that was put: {error!r:.100}") from error
        if not (_is_printable(bucket) and "/" not in bucket and _is_printable(key)):
            raise UnusableUpload(f"no request can name the object {key!r:.100} of {bucket!r:.100}; rename it")
        return cls(bucket=bucket, key=key, version=unversioned if version_id in _UNVERSIONED else version_id)

    @property
    def location(self) -> str:
        """``s3://BUCKET/KEY``."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def is_folder(self) -> bool:
        """Whether it is what consoles put where they show a folder, and no request."""
        return self.key.endswith("/")


def _is_printable(value: object) -> bool:
    return (
        isinstance(value, str)
        and bool(value)
        and not any(unicodedata.category(character) in _NOT_IN_A_HEADER for character in value)
    )


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
    """The key below the input prefix, in the characters that SageMaker takes: answers are found where inputs were.

    No part of it is made of dots alone: to whoever copies the answers to a disk that would be another folder.
    """
    below = _NOT_IN_A_PATH.sub("_", key.removeprefix(settings.input_prefix))[-settings.output_path_length :]
    return "/".join(part if part.strip(".") else "_" * len(part) for part in below.split("/") if part)


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
