"""Train the classifier on each data set of `samples.py` and pack it: `python train.py [--out DIR]`.

The same scikit-learn and numpy give the same archives, byte for byte: fixed split and order, no clock in them.
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
from typing import Any

import numpy as np
from samples import DATA_SETS, split, unseen

FOLDER = Path(__file__).resolve().parent
DIGITS = 6
"""Decimals kept of each number: more than the accuracy needs, fewer than processors differ in."""


def fit(name: str = "model") -> dict[str, Any]:
    """Train on a data set, and return the document that the server's `model.py` reads."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    data_set, ((rows, labels), _) = DATA_SETS[name], split(name)
    scaler = StandardScaler().fit(rows)
    scaled = scaler.transform(rows)
    regression = LogisticRegression(C=data_set.smoothness, max_iter=500).fit(scaled, labels)
    return {
        "data_set": data_set.title,
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


def write_artifact(folder: Path, name: str) -> float:
    """Train and write `NAME.tar.gz` into the folder; returns the accuracy on the training rows, 0 to 1."""
    document = fit(name)
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    write_whole(folder / f"{name}.tar.gz", pack({"model.json": text.encode()}))
    return float(document["training_accuracy"])


def main(arguments: list[str]) -> int:
    """Train and write the archives; with --test-split also the held-out rows and labels of each as CSV."""
    parser = argparse.ArgumentParser(description="train the classifier and pack an archive for each data set")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="where to write; default: here")
    parser.add_argument("--test-split", action="store_true", help="also write NAME_rows.csv and NAME_labels.csv there")
    options = parser.parse_args(arguments)

    # `model` comes last: whoever finds its archive finds the others.
    for name in DATA_SETS:
        accuracy = write_artifact(options.out, name)
        print(f"wrote {options.out / name}.tar.gz (accuracy on the training rows {accuracy:.3f})")
        if options.test_split:
            rows, labels = unseen(name)
            table = "".join(",".join(f"{value:g}" for value in row) + "\n" for row in rows)
            write_whole(options.out / f"{name}_rows.csv", table.encode())
            write_whole(options.out / f"{name}_labels.csv", "".join(f"{label}\n" for label in labels).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
