"""Where in a line of answers the id of its record is, and where the answer: what a job's filters make of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from constructs_lib.checks import Checks
from constructs_lib.facts import transform, transform_processing
from constructs_lib.facts.transform_processing import CSV, JSON_LINES, OUTPUT_KEY, bare
from constructs_lib.options.data_processing import DataProcessing
from constructs_lib.options.transform import TransformOptions
from constructs_lib.tokens import is_token

_NAMES = re.compile(r"'([^']+)'")
_ID = "id"


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerLines:
    """Lines that hold an id and an answer each.

    In CSV the members are places: the answer is the column ``answer`` and all after it. In JSON Lines they are names.
    """

    media_type: str
    id: str
    answer: str

    @classmethod
    def of(cls, options: TransformOptions) -> Self:
        """Those that a job with ``options`` writes, once ``check`` has found nothing."""
        processing = options.data_processing or DataProcessing()
        if bare(options.content_type) == CSV:
            # A filter puts the id first; without one the record comes as it was, and the answer after it.
            return cls(media_type=CSV, id="0", answer="-1" if processing.output_filter == "$" else "1")
        names = [name for name in _NAMES.findall(processing.output_filter) if name != OUTPUT_KEY]
        return cls(media_type=JSON_LINES, id=names[0] if names else _ID, answer=OUTPUT_KEY)


def default_options() -> TransformOptions:
    """CSV with the id in the first column."""
    return TransformOptions(accept=CSV, data_processing=DataProcessing.by_id())


def check_lines(checks: Checks, options: TransformOptions) -> None:
    """Note every problem of options that write no lines with ids."""
    media_type, processing = options.content_type, options.data_processing
    known = not is_token(media_type)
    problem = f"options.content_type must be {CSV} or {JSON_LINES}, got {media_type}; a row of the table is a line"
    checks.require(known and bare(media_type) in (CSV, JSON_LINES), problem, transform_processing.FORMAT)
    lines = options.assemble_with
    checks.require(
        lines == "Line",
        f"options.assemble_with must be Line, got {lines}; a row of the table is a line",
        transform.ASSEMBLE_WITH,
    )
    is_joined = processing is not None and processing.join_source == "Input"
    remedy = "give DataProcessing.by_id() for CSV, or .by_id_attribute() for JSON Lines"
    problem = f"options.data_processing must join each answer to its record, or no answer has an id; {remedy}"
    checks.require(is_joined, problem, transform.JOIN_SOURCE)
    if processing is None or not known:
        return
    kept = processing.output_filter
    problem = f"options.data_processing.output_filter must keep the id and the answer, got {kept!r}; {remedy}"
    checks.require(kept == "$" or _keeps_both(kept, bare(media_type)), problem, transform_processing.FILTER_OPERATORS)


def _keeps_both(output_filter: str, media_type: str) -> bool:
    """Whether two parts or more are kept, the answer among them where it has a name."""
    if is_token(output_filter):
        return False
    if media_type == CSV:
        return "," in output_filter or ":" in output_filter
    names = _NAMES.findall(output_filter)
    return OUTPUT_KEY in names and len(names) > 1
