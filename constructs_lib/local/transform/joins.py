"""Data processing of batch transform: what of a record the model gets, and what is kept beside its answer. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from constructs_lib.facts.transform_processing import CSV, INPUT_KEY, OUTPUT_KEY, bare
from constructs_lib.local.store import Payload
from constructs_lib.local.transform.filters import parse, select
from constructs_lib.local.transform.records import BadRecords, split_records


class Processing:
    """The DataProcessing of a job whose input and output are of one media type: CSV, JSON or JSON Lines."""

    def __init__(self, definition: Payload, media_type: str) -> None:
        self._is_csv = bare(media_type) == CSV
        self._input_filter = parse(definition.get("InputFilter", "$"))
        self._output_filter = parse(definition.get("OutputFilter", "$"))
        self._joins = definition.get("JoinSource", "None") == "Input"

    def shown(self, record: bytes) -> bytes:
        """What the model gets of a record; raises BadRecords."""
        return self._text(select(self._input_filter, self._value(record))) + _line_end(record)

    def kept(self, record: bytes, answer: bytes) -> bytes:
        """What is written of a record and its answer; raises BadRecords."""
        value = self._value(answer)
        if self._joins:
            value = self._joined(self._value(record), value)
        return self._text(select(self._output_filter, value)) + _line_end(answer)

    def _joined(self, given: Any, answer: Any) -> Any:
        if self._is_csv:
            return given + answer
        return {**given, OUTPUT_KEY: answer} if isinstance(given, dict) else {INPUT_KEY: given, OUTPUT_KEY: answer}

    def _value(self, text: bytes) -> Any:
        try:
            if not self._is_csv:
                return json.loads(text)
            (row,) = csv.reader([text.decode().rstrip("\r\n")], strict=True)
        except (ValueError, csv.Error) as error:
            raise BadRecords(f"a record is not of the job's format: {error}: {text[:100]!r}") from error
        return row

    def _text(self, value: Any) -> bytes:
        if not self._is_csv:
            return json.dumps(value, separators=(",", ":")).encode()
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(value if isinstance(value, list) else [value])
        return line.getvalue().encode()


def answers_of_records(answers: Sequence[bytes], split_type: str, strategy: str, count: int) -> list[bytes]:
    """One answer a record; raises BadRecords where the model gave more or fewer than `count`."""
    if split_type == "Line" and strategy != "SingleRecord":
        answers = [line for answer in answers for line in split_records(answer, "Line")]
    if len(answers) != count:
        raise BadRecords(f"the model answered {count} records with {len(answers)}, which cannot be joined")
    return list(answers)


def _line_end(text: bytes) -> bytes:
    return text[len(text.rstrip(b"\r\n")) :]
