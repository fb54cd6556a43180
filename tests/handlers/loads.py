"""An object of answers, and what it takes to load it: a table, a queue and a bucket in memory."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

from hybrid_load.settings import Settings
from tests.handlers.batches import MemoryS3
from tests.handlers.fakes import client_error
from tests.handlers.tables import LOAD_ENVIRONMENT, TABLE, MemoryQueue, MemoryTable, text

SETTINGS = Settings.from_environment(LOAD_ENVIRONMENT)
EVENT: dict[str, Any] = {
    "bucket": "answers",
    "key": "results/a.csv.out",
    "index": 3,
    "batch": "nightly-1",
    "model_version": "model-1",
    "feature_version": "2026-11-21",
    "computed_at": 5000,
}
RECORDS = [f"user-{number},{number / 10}" for number in range(23)]
# Three of them cannot be rows, one comes twice, and a blank line is no record.
ANSWERS = [*RECORDS[:5], "no answer", *RECORDS[5:9], "", ",1", *RECORDS[9:], 'open,"', "user-3,later"]
BODY = "\n".join(ANSWERS).encode()
EXPECTED = {record.partition(",")[0]: record.partition(",")[2] for record in RECORDS} | {"user-3": "later"}


class RangedS3(MemoryS3):
    """Gives parts of objects, and heeds the condition of a read. ``etag`` is that of all objects."""

    etag = "etag"

    def head_object(self, **request: Any) -> dict[str, Any]:
        found = super().head_object(**request)
        return found | {"ETag": self.etag}

    def get_object(self, **request: Any) -> dict[str, Any]:
        if request["IfMatch"] != self.etag:
            raise client_error("PreconditionFailed", "GetObject", 412)
        start, end = request["Range"].removeprefix("bytes=").split("-")
        answer = super().get_object(**request)
        answer["Body"].seek(int(start))
        return {"Body": io.BytesIO(answer["Body"].read(int(end) - int(start) + 1))}


class World:
    """A table, a queue and a bucket, and as many loaders as one likes."""

    def __init__(self, handler: ModuleType, body: bytes = BODY) -> None:
        self._handler = handler
        self.table, self.queue, self.s3 = MemoryTable(), MemoryQueue(), RangedS3()
        self.s3.fill("answers", {EVENT["key"]: body})

    def load(self, milliseconds_left: Callable[[], int] = lambda: 900_000, **event: Any) -> dict[str, Any]:
        rows = self._handler.Rows(self.table, table_name=TABLE, rows_per_write=2, at_once=1)
        loader = self._handler.Loader(
            SETTINGS,
            s3=self.s3,
            rows=rows,
            checkpoints=self._handler.Checkpoints(self.table, table_name=TABLE),
            letters=self._handler.Letters(self.queue, queue_url="q", letters_per_send=2),
        )
        answer: dict[str, Any] = loader.load({**EVENT, **event}, milliseconds_left)
        return answer

    @property
    def rows(self) -> dict[str, str]:
        prefix = "row/nightly-1/"
        return {key.removeprefix(prefix): text(self.table.items[key], "answer") for key in self.table.keys(prefix)}

    @property
    def letters(self) -> Counter[str]:
        return Counter(json.loads(body)["id"] for body in self.queue.bodies)

    def check(self, answer: dict[str, Any]) -> None:
        """Every record is a row or a dead letter, and was counted so."""
        assert answer == {"done": True, "loaded": 24, "failed": 3}
        assert self.rows == EXPECTED
        assert self.letters.keys() == {"nightly-1/3/6", "nightly-1/3/12", "nightly-1/3/27"}
