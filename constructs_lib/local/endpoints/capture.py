"""Data capture: requests and answers of an endpoint as JSON lines in S3.

The format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from constructs_lib.local.endpoints.capture_files import CaptureFiles

if TYPE_CHECKING:
    from constructs_lib.local.endpoints.routing import Router
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import EndpointRecord, Payload

_NO_TYPE = "application/octet-stream"


class DataCapture:
    """Decides which requests are captured and writes them, a moment later and beside the request."""

    def __init__(self, sagemaker: LocalSageMaker, router: Router) -> None:
        self._router = router
        self._files = CaptureFiles(sagemaker)

    def begin(self, endpoint: EndpointRecord, headers: Mapping[str, str], body: bytes) -> Captured | None:
        """A request to be captured under the endpoint's DataCaptureConfig, or None when this one is not."""
        config = endpoint.data_capture
        if not config or not config.get("EnableCapture", True):
            return None
        if not self._router.takes(float(config["InitialSamplingPercentage"])):
            return None
        return Captured(self._files, endpoint.name, config, dict(headers), body)


@dataclass(frozen=True)
class Captured:
    """One request; it gets an answer from the production variant, and one more from a shadow."""

    files: CaptureFiles
    endpoint: str
    config: Payload
    headers: dict[str, str]
    body: bytes
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def write(self, variant: str, content_type: str, answer: bytes) -> None:
        """Put the line of one variant's answer into its file."""
        line = self._line(content_type, answer)
        folder = f"{self.config['DestinationS3Uri'].rstrip('/')}/{self.endpoint}/{variant}/{self.at:%Y/%m/%d/%H}"
        self.files.add(folder, self.at, json.dumps(line, separators=(",", ":")))

    def _line(self, content_type: str, answer: bytes) -> Payload:
        modes = {option["CaptureMode"] for option in self.config["CaptureOptions"]}
        data: Payload = {}
        if modes & {"Input", "InputAndOutput"}:
            data["endpointInput"] = self._data("INPUT", self.headers.get("content-type", _NO_TYPE), self.body)
        if modes & {"Output", "InputAndOutput"}:
            data["endpointOutput"] = self._data("OUTPUT", content_type, answer)
        metadata: Payload = {"eventId": str(uuid.uuid4())}
        if self.headers.get("x-amzn-sagemaker-custom-attributes"):
            metadata["customAttributes"] = [self.headers["x-amzn-sagemaker-custom-attributes"]]
        if self.headers.get("x-amzn-sagemaker-inference-id"):
            metadata["inferenceId"] = self.headers["x-amzn-sagemaker-inference-id"]
        metadata["inferenceTime"] = f"{self.at:%Y-%m-%dT%H:%M:%SZ}"
        return {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}

    def _data(self, mode: str, content_type: str, body: bytes) -> Payload:
        encoding, text = encode(body, content_type, self.config.get("CaptureContentTypeHeader", {}))
        return {"observedContentType": content_type, "mode": mode, "data": text, "encoding": encoding}


def encode(body: bytes, content_type: str, listed: Payload) -> tuple[str, str]:
    """CSV or JSON for a content type (its parameters left aside) that is listed as such, else BASE64; and the data."""
    kind = content_type.partition(";")[0].strip().lower()
    for encoding, member in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes")):
        if kind in (each.lower() for each in listed.get(member, [])):
            try:
                return encoding, body.decode()
            except UnicodeDecodeError:
                break
    return "BASE64", base64.b64encode(body).decode()
