"""What a model answered."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from constructs_lib.client.errors import UnsupportedPayload
from constructs_lib.client.payloads import CSV, JSON, JSON_LINES, NPY, base


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """An answer: its bytes, their content type, and who gave it.

    ``variant`` is the production variant that answered, ``custom_attributes`` what the container had to say besides;
    both are None for an asynchronous request, whose answer is an object in S3. ``inference_id`` is the id of the
    request, by which captured data and log lines are found.
    """

    body: bytes
    content_type: str
    variant: str | None = None
    custom_attributes: str | None = None
    inference_id: str | None = None

    @property
    def text(self) -> str:
        """The body as UTF-8 text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body read as JSON; JSON Lines give a list."""
        if base(self.content_type) == JSON_LINES:
            return [json.loads(line) for line in self.text.splitlines() if line.strip()]
        return json.loads(self.body)

    def csv(self) -> list[list[str]]:
        """The body's rows, read as CSV; empty lines are left out."""
        return [row for row in csv.reader(io.StringIO(self.text)) if row]

    def numpy(self) -> Any:
        """The body as an array of numpy, from x-npy, JSON or CSV of numbers; needs numpy installed.

        :raises UnsupportedPayload: if the content type is another one.
        """
        import numpy

        kind = base(self.content_type)
        if kind == NPY:
            return numpy.load(io.BytesIO(self.body), allow_pickle=False)
        if kind in (JSON, JSON_LINES):
            return numpy.asarray(self.json())
        if kind == CSV:
            return numpy.asarray(self.csv(), dtype=float)
        raise UnsupportedPayload(
            f"numpy() reads {NPY}, {JSON}, {JSON_LINES} and {CSV}, the answer is {self.content_type}; read body"
        )
