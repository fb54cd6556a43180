"""The classifier itself: a file of plain numbers in, labels and probabilities out. Pure; numpy is all it needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pathlib import Path

MODEL_FILE = "model.json"
"""JSON, because loading it can only ever produce numbers and text: a model file never runs code."""

Rows = list[list[float]]
Array = NDArray[np.float64]


class BrokenModel(Exception):
    """The model file is missing, or is not what the training script writes."""


@dataclass(frozen=True)
class Prediction:
    """One answer: the most probable label, and the probability of every class in the order of `Classifier.classes`."""

    label: int
    probabilities: list[float]


@dataclass(frozen=True)
class Classifier:
    """A multinomial logistic regression over standardised features."""

    data_set: str
    training_accuracy: float
    classes: tuple[int, ...]
    mean: Array
    scale: Array
    coefficients: Array
    intercepts: Array

    @property
    def columns(self) -> int:
        """How many features a row has."""
        return int(self.mean.shape[0])

    def predict(self, rows: Rows) -> list[Prediction]:
        """One prediction a row, in order.

        Finite input always gives finite probabilities: standardised values are clipped far outside of any real data,
        so that the largest float a request can hold does not overflow.
        """
        with np.errstate(over="ignore"):
            standardised = np.clip((np.asarray(rows, dtype=np.float64) - self.mean) / self.scale, -1e6, 1e6)
        scores = standardised @ self.coefficients.T + self.intercepts
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        winners = probabilities.argmax(axis=1)
        return [
            Prediction(label=self.classes[winner], probabilities=row)
            for winner, row in zip(winners.tolist(), np.round(probabilities, 6).tolist(), strict=True)
        ]


def load(folder: Path) -> Classifier:
    """Read and check the model in a folder; raises `BrokenModel` with what is wrong and where."""
    path = folder / MODEL_FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BrokenModel(f"no model at {path}: SM_MODEL_DIR must name the unpacked model.tar.gz") from None
    except (OSError, ValueError) as error:
        raise BrokenModel(f"cannot read {path}: {error}") from None
    try:
        return from_document(document)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise BrokenModel(f"{path} is not a model of this container: {reason}") from None


def from_document(document: Any) -> Classifier:
    """Build the classifier from the parsed file; raises ValueError, KeyError or TypeError when the parts do not fit."""
    if not isinstance(document, dict):
        raise TypeError(f"the top must be an object, got {type(document).__name__}")
    model = Classifier(
        data_set=str(document["data_set"]),
        training_accuracy=float(document["training_accuracy"]),
        classes=tuple(int(label) for label in document["classes"]),
        mean=np.asarray(document["mean"], dtype=np.float64),
        scale=np.asarray(document["scale"], dtype=np.float64),
        coefficients=np.asarray(document["coefficients"], dtype=np.float64),
        intercepts=np.asarray(document["intercepts"], dtype=np.float64),
    )
    columns, classes = int(document["columns"]), len(model.classes)
    expected = {
        "mean": (columns,),
        "scale": (columns,),
        "coefficients": (classes, columns),
        "intercepts": (classes,),
    }
    for name, shape in expected.items():
        array: Array = getattr(model, name)
        if array.shape != shape:
            raise ValueError(f"{name} must have the shape {shape}, got {array.shape}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must hold finite numbers only")
    if classes < 2 or columns < 1:
        raise ValueError(f"a classifier needs at least 2 classes and 1 column, got {classes} and {columns}")
    if (model.scale <= 0).any():
        raise ValueError("scale must be positive everywhere")
    return model
