"""Train the classifier on scikit-learn's handwritten digits and pack it: `python train.py [--out DIR]`.

The same scikit-learn and numpy give the same model.tar.gz, byte for byte: fixed split and order, no clock in it.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parent
ARTIFACT = "model.tar.gz"
DATA_SET = "scikit-learn digits"
SEED = 20_240_229
TEST_SHARE = 0.25
DIGITS = 6
"""Decimals kept of each number: more than the accuracy needs, fewer than processors differ in."""

Split = tuple[list[list[float]], list[int]]


def _split() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    features, labels = load_digits(return_X_y=True)
    parts = train_test_split(features, labels, test_size=TEST_SHARE, random_state=SEED, stratify=labels)
    return parts[0], parts[1], parts[2], parts[3]


def test_split() -> Split:
    """The rows and labels the model has never seen, always the same ones."""
    _, rows, _, labels = _split()
    return rows.tolist(), labels.tolist()


def fit() -> dict[str, Any]:
    """Train, and return the document that the server's `model.py` reads."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rows, _, labels, _ = _split()
    scaler = StandardScaler().fit(rows)
    scaled = scaler.transform(rows)
    regression = LogisticRegression(C=0.05, max_iter=500).fit(scaled, labels)
    return {
        "data_set": DATA_SET,
        "training_accuracy": round(float(regression.score(scaled, labels)), DIGITS),
        "columns": int(rows.shape[1]),
        "classes": regression.classes_.tolist(),
        "mean": np.round(scaler.mean_, DIGITS).tolist(),
        "scale": np.round(scaler.scale_, DIGITS).tolist(),
        "coefficients": np.round(regression.coef_, DIGITS).tolist(),
        "intercepts": np.round(regression.intercept_, DIGITS).tolist(),
    }


def pack(files: dict[str, bytes]) -> bytes:
    """A tar.gz of the files that depends on their names and contents alone."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = len(files[name]), 0, 0o644
            archive.addfile(entry, io.BytesIO(files[name]))
    return packed.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that others see all of it or none: two trainings may run beside each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        part.chmod(0o644)  # mkstemp makes files that only their owner can read
        part.replace(path)
    except BaseException:
        part.unlink()
        raise


def write_artifact(folder: Path) -> float:
    """Train and write `model.tar.gz` into the folder; returns the accuracy on the training rows, 0 to 1."""
    document = fit()
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    write_whole(folder / ARTIFACT, pack({"model.json": text.encode()}))
    return float(document["training_accuracy"])


def main(arguments: list[str]) -> int:
    """Train and write the artifact; with --test-split also the held-out rows and labels as CSV."""
    parser = argparse.ArgumentParser(description="train the classifier and pack model.tar.gz")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="where to write; default: here")
    parser.add_argument("--test-split", action="store_true", help="also write test_rows.csv and test_labels.csv there")
    options = parser.parse_args(arguments)

    accuracy = write_artifact(options.out)
    if options.test_split:
        rows, labels = test_split()
        table = "".join(",".join(f"{value:g}" for value in row) + "\n" for row in rows)
        write_whole(options.out / "test_rows.csv", table.encode())
        write_whole(options.out / "test_labels.csv", "".join(f"{label}\n" for label in labels).encode())
    print(f"wrote {options.out / ARTIFACT} (accuracy on the training rows {accuracy:.3f})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
