"""``python -m constructs_lib baseline``."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from constructs_lib.drift.baseline import make_baseline
from constructs_lib.errors import InferenceError
from constructs_lib.terminal import Parser, print_error

_DONE, _WRONG = 0, 2


def main(arguments: Sequence[str]) -> int:
    """Make the baseline of a training file. The exit status is 0, or 2 for what cannot be made."""
    given = _arguments().parse_args(arguments)
    try:
        document = make_baseline(
            given.training_file,
            predictions=given.prediction,
            categories=given.category,
            numbers=given.number,
            ignore=given.ignore,
            has_header=not given.no_header,
        )
        Path(given.output).write_text(text_of(document), encoding="utf-8")
    except (InferenceError, OSError) as error:
        print_error(error)
        return _WRONG
    print(f"wrote {given.output}: {_told(document)}")
    return _DONE


def text_of(document: dict[str, Any]) -> str:
    """A baseline as a file holds it: a line for each column, so that a change of one is a change of a line."""
    parts = []
    for part in ("inputs", "predictions"):
        rows = ",\n".join(f"  {json.dumps(row, separators=(',', ':'))}" for row in document[part])
        parts.append(f' "{part}": [\n{rows}\n ]' if rows else f' "{part}": []')
    return f'{{\n "version": {document["version"]},\n' + ",\n".join(parts) + "\n}\n"


def _told(document: dict[str, Any]) -> str:
    kinds = Counter(row["kind"] for row in document["inputs"])
    inputs = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return f"{document['inputs'][0]['records']} records; inputs: {inputs}; predictions: {len(document['predictions'])}"


def _arguments() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m constructs_lib baseline",
        description="Sum up a training file, for DriftWatch and DriftGate to compare requests with.",
    )
    parser.add_argument("training_file", metavar="TRAINING.csv", help="its columns in the order of those of a request")
    parser.add_argument("-o", "--output", default="baseline.json", help="baseline.json by default")
    parser.add_argument("--no-header", action="store_true", help="the first row is a record; columns are 0, 1, ...")
    for name, text in (
        ("prediction", "a column that holds what the model answered"),
        ("category", "a column of numbers that are names"),
        ("number", "a column that must be numbers"),
        ("ignore", "a column that is not in the requests, such as the label"),
    ):
        help_ = f"{text}; may be given more than once"
        parser.add_argument(f"--{name}", action="append", default=[], metavar="COLUMN", help=help_)
    return parser
