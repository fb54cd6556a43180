"""Records, gathered from what was captured or from the objects of a batch, until there are enough. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from drift.columns import Baseline, Table
from drift.payloads import Unreadable, parts_of, records_of


class Sample:
    """The records of one window: requests, answers, and how many could not be read."""

    def __init__(self, baseline: Baseline, max_records: int) -> None:
        self.inputs = Table(baseline.inputs)
        self.predictions = Table(baseline.predictions)
        self.unreadable = 0
        self._max_records = max_records

    @property
    def is_full(self) -> bool:
        """Whether there are as many requests or answers as may be."""
        return max(self.inputs.records, self.predictions.records) >= self._max_records

    @property
    def misshapen(self) -> int:
        """Records with another number of columns than the baseline."""
        return self.inputs.misshapen + self.predictions.misshapen

    def add_captured(self, line: bytes) -> None:
        """Take a line of captured data."""
        try:
            requests, answers = parts_of(line)
        except Unreadable:
            self.unreadable += 1
            return
        self._add(self.inputs, requests)
        self._add(self.predictions, answers)

    def add_text(self, text: bytes, content_type: str, columns: list[int]) -> None:
        """Take a line, or a whole document, of what a batch gets."""
        try:
            records = records_of(text.decode(), content_type)
            self._add(self.inputs, (_picked(record, columns) for record in records) if columns else records)
        except UnicodeDecodeError:
            self.unreadable += 1

    def _add(self, table: Table, records: Iterable[object]) -> None:
        """A body may hold millions of records: those that are too many are left, too."""
        if not table.columns:
            return
        try:
            for record in records:
                table.add(record)
                if table.records >= self._max_records:
                    return
        except Unreadable:
            self.unreadable += 1


def _picked(record: object, columns: list[int]) -> object:
    """The columns of a row; one that is too short stays as it is, and is counted as misshapen."""
    if not isinstance(record, list) or len(record) <= max(columns):
        return record
    return [record[position] for position in columns]
