"""Sums up what the ride pricing model was trained on for `examples/drift_watch.py`: `python -m scripts.drift_baseline`.

The trained model must be there; the same training gives the same file.
"""

from __future__ import annotations

import csv
import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from constructs_lib.drift.baseline import make_baseline
from constructs_lib.drift.cli import text_of
from demo.dataset import CONTAINER, samples

ROOT = Path(__file__).resolve().parents[1]
BASELINE = ROOT / "examples" / "drift_watch.json"
COLUMNS = ("requests", "drivers", "minutes", "rain")
ANSWER = "price_step"


def baseline() -> dict[str, Any]:
    """The rows of the training with what the model answers to them, summed up."""
    (rows, _), _ = samples(ROOT).split("pricing")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "training.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*COLUMNS, ANSWER])
            writer.writerows([*map(_text, row), answer] for row, answer in zip(rows, _answers(rows), strict=True))
        return make_baseline(path, predictions=[ANSWER], categories=[ANSWER])


def _answers(rows: Any) -> list[int]:
    with tarfile.open(ROOT / CONTAINER / "pricing.tar.gz") as archive:
        packed = archive.extractfile("model.json")
        assert packed is not None
        model = json.loads(packed.read())
    scaled = (rows - np.array(model["mean"])) / np.array(model["scale"])
    scores = scaled @ np.array(model["coefficients"]).T + np.array(model["intercepts"])
    return [model["classes"][index] for index in scores.argmax(axis=1)]


def _text(value: float) -> str:
    return f"{value:g}"


def main() -> int:
    """Write the file anew."""
    BASELINE.write_text(text_of(baseline()), encoding="utf-8")
    print(f"wrote {BASELINE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
