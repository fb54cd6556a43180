"""Filters and joins of batch transform jobs: which part of a record the model gets, and which part of it is kept."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Pattern, Severity, Told

_CHECKED = date(2026, 11, 21)
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html"
_PROCESSING = "CreateTransformJob/DataProcessing"

# One step of a path, a group each: names, indices and slices, the wildcard, or a name after a dot.
_INDEX = r"-?\d*:-?\d*|-?\d+"
_NAME = r"'[^'.\]]+'"
STEP = (
    rf"\.?\[\s*({_NAME}(?:\s*,\s*{_NAME})*)\s*\]"
    rf"|\.?\[\s*((?:{_INDEX})(?:\s*,\s*(?:{_INDEX}))*)\s*\]"
    r"|(\.?\[\s*\*\s*\]|\.\*)"
    r"|\.([^\s.,:'*$@?()\[\]]+)"
)

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
OUTPUT_KEY, INPUT_KEY = "SageMakerOutput", "SageMakerInput"


def bare(media_type: str) -> str:
    """``text/csv`` of ``Text/CSV; header=present``."""
    return media_type.partition(";")[0].strip().lower()


FILTER_OPERATORS = Limit(
    id="TR-JSONPATH-OPS",
    what="InputFilter or OutputFilter",
    unit="",
    allowed=Pattern(rf"\$(?:{STEP})*", 63),
    source=f"{_GUIDE}#data-processing-operators",
    checked_on=_CHECKED,
    paths=(f"{_PROCESSING}/InputFilter", f"{_PROCESSING}/OutputFilter"),
    fix="begin with $, have 63 characters at most, and use only .name, ['name', 'name'], [0, 2], [1:4] and *",
)
CSV_FILTER = Limit(
    id="TR-JSONPATH-CSV",
    what="a filter of CSV, where each row is an array",
    unit="",
    allowed=Pattern(rf"\$|\$\.?\[\s*(?:{_INDEX})(?:\s*,\s*(?:{_INDEX}))*\s*\]|\$\.?\[\*\]", 63),
    source=f"{_GUIDE}#data-processing-operators",
    checked_on=_CHECKED,
    fix="name columns by index, such as $[0] or $[1:]",
)
FORMAT = Limit(
    id="TR-PROC-FORMAT",
    what="the media type of input and of output where records are filtered or joined",
    unit="",
    allowed=Choice((CSV, JSON, JSON_LINES)),
    source=_GUIDE,
    checked_on=_CHECKED,
)
SAME_FORMAT = Limit(
    id="TR-PROC-SAME",
    what="ContentType and Accept where records are filtered or joined",
    unit="",
    allowed=Told("the same media type"),
    source=_GUIDE,
    checked_on=_CHECKED,
)
DELIMITERS = Limit(
    id="TR-PROC-LINES",
    what="SplitType and AssembleWith where records are filtered or joined",
    unit="",
    allowed=Told("the same, and Line for CSV"),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
RESERVED_NAME = Limit(
    id="TR-PROC-RESERVED",
    what=f"an attribute {OUTPUT_KEY} in an input of JSON",
    unit="",
    allowed=Told("overwritten by what the model answers where the two are joined"),
    source=_GUIDE,
    checked_on=_CHECKED,
)
