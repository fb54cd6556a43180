"""The files of captured data: lines are gathered for a moment, and written to S3 beside the requests."""

from __future__ import annotations

import logging
import threading
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.local.service import LocalSageMaker

# Real seconds for which lines are gathered into one file; AWS takes minutes.
_WRITE_AFTER = 0.5

_logger = logging.getLogger("constructs_lib.local")


class CaptureFiles:
    """Lines by folder. A file is called by the time of its first line: minute, second, millisecond, and a UUID."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self._sagemaker = sagemaker
        self._lock = threading.Lock()
        self._lines: dict[str, tuple[datetime, list[str]]] = {}

    def add(self, folder: str, at: datetime, line: str) -> None:
        """Add a line, written a moment later; `folder` is an S3 location."""
        with self._lock:
            is_first = not self._lines
            self._lines.setdefault(folder, (at, []))[1].append(line)
        if is_first:
            writing = threading.Timer(_WRITE_AFTER, self._write)
            writing.daemon = True
            writing.start()

    def _write(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, {}
        for folder, (at, written) in lines.items():
            name = f"{at:%M-%S}-{at.microsecond // 1000:03}-{uuid.uuid4()}.jsonl"
            try:
                self._sagemaker.s3.write(f"{folder}/{name}", "".join(f"{line}\n" for line in written).encode())
            except (BotoCoreError, ClientError, AwsError) as error:
                _logger.warning("captured data could not be written to %s: %s", folder, error)
