"""Loads an object of answers into the table: each record becomes a row, or a dead letter that says why not.

What lies before the checkpoint is done. It is saved after the rows and the dead letters of a portion, so that a load
that is cut anywhere goes on with nothing lost: rows are written again as they were, and a dead letter may come twice,
with the same id.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from hybrid_load.checkpoints import Checkpoint, Checkpoints
from hybrid_load.letters import Letters
from hybrid_load.lines import Line, lines, portions
from hybrid_load.logic import Load, Unusable, item_of, letter_of, log_line
from hybrid_load.settings import Settings
from hybrid_load.writing import OutOfTime, Rows

_MILLISECONDS = 1000
_CHANGED = "PreconditionFailed"


class AnswersChanged(Exception):
    """The object is not the one of which a part is loaded. A batch is never a mixture: a new batch has to be made."""


class LoadStuck(Exception):
    """A whole call was not enough for a single portion: the table or the queue takes far too little."""


class Loader:
    """Loads objects. The clients are handed in."""

    def __init__(self, settings: Settings, *, s3: Any, rows: Rows, checkpoints: Checkpoints, letters: Letters) -> None:
        self._settings = settings
        self._s3 = s3
        self._rows = rows
        self._checkpoints = checkpoints
        self._letters = letters

    def load(self, event: Mapping[str, Any], milliseconds_left: Callable[[], int]) -> dict[str, Any]:
        """Load what there is time for; the same event again goes on until ``done``. The counts are of the object.

        Raises ``AnswersChanged``, ``LoadStuck``, and ``ValueError`` for an event that is none.
        """
        load = Load.from_event(event)
        head = self._s3.head_object(Bucket=load.bucket, Key=load.key)
        reached = self._begun(load, head["ETag"])
        if not reached.done:
            spare = self._settings.seconds_to_spare * _MILLISECONDS
            reached = self._go_on(load, reached, head["ContentLength"], lambda: milliseconds_left() >= spare)
        return {"done": reached.done, "loaded": reached.loaded, "failed": reached.failed}

    def _begun(self, load: Load, etag: str) -> Checkpoint:
        found = self._checkpoints.find(load)
        if found is not None and found.etag != etag:
            raise AnswersChanged(f"s3://{load.bucket}/{load.key} is not what batch {load.batch} was loaded from")
        return found or Checkpoint(etag=etag)

    def _go_on(self, load: Load, begun: Checkpoint, size: int, has_time: Callable[[], bool]) -> Checkpoint:
        reached = begun
        found = lines(lambda start, end: self._fetch(load, begun.etag, start, end), size=size, offset=begun.offset)
        try:
            # An object without lines has a checkpoint too: it is done.
            for portion in portions(found) if size else ([],):
                following = self._take(load, portion, reached, size, has_time)
                if not self._checkpoints.save(load, following, self._expires_at(load)):
                    return self._begun(load, begun.etag)  # another call was faster: the next one goes on from there
                reached = following
                if not has_time():
                    break
        except OutOfTime as error:
            if reached == begun:
                raise LoadStuck(f"s3://{load.bucket}/{load.key}, line {begun.lines + 1} and after: {error}") from error
        finally:
            counts = {"RowsLoaded": reached.loaded - begun.loaded, "RowsFailed": reached.failed - begun.failed}
            print(json.dumps(log_line(load, counts, self._settings, time.time())))
        return reached

    def _take(
        self, load: Load, portion: Sequence[Line], reached: Checkpoint, size: int, has_time: Callable[[], bool]
    ) -> Checkpoint:
        """Write the rows and the dead letters of a portion; the checkpoint after it. Raises ``OutOfTime``."""
        longest = self._settings.letter_bytes // self._settings.letters_per_send
        items, letters = [], []
        for number, line in enumerate(portion, start=reached.lines + 1):
            if not line.content.strip():
                continue
            try:
                items.append(item_of(line, load, self._settings))
            except Unusable as error:
                letters.append(letter_of(line, number, str(error), load, longest))
        self._rows.write(items, has_time)
        self._letters.send(letters, has_time)
        end = portion[-1].end if portion else size
        return Checkpoint(
            etag=reached.etag,
            offset=end,
            lines=reached.lines + len(portion),
            loaded=reached.loaded + len(items),
            failed=reached.failed + len(letters),
            done=end == size,
        )

    def _fetch(self, load: Load, etag: str, start: int, end: int) -> bytes:
        wanted = {"Bucket": load.bucket, "Key": load.key, "IfMatch": etag, "Range": f"bytes={start}-{end - 1}"}
        try:
            body: bytes = self._s3.get_object(**wanted)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == _CHANGED:
                raise AnswersChanged(f"s3://{load.bucket}/{load.key} was changed while it was loaded") from error
            raise
        return body

    def _expires_at(self, load: Load) -> int:
        return load.computed_at + self._settings.row_expires_after_seconds


def _wired(settings: Settings) -> Loader:
    dynamodb = boto3.client("dynamodb", config=Config(max_pool_connections=settings.writes_at_once))
    name = settings.table_name
    rows = Rows(dynamodb, table_name=name, rows_per_write=settings.rows_per_write, at_once=settings.writes_at_once)
    letters = Letters(
        boto3.client("sqs"), queue_url=settings.dead_letter_url, letters_per_send=settings.letters_per_send
    )
    checkpoints = Checkpoints(dynamodb, table_name=name)
    return Loader(settings, s3=boto3.client("s3"), rows=rows, checkpoints=checkpoints, letters=letters)


_loader = _wired(Settings.from_environment(os.environ))


def handle(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return _loader.load(event, context.get_remaining_time_in_millis)
