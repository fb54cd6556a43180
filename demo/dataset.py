"""The trained models and the rows they have never seen, by the container's own training script."""

from __future__ import annotations

import importlib.util
import itertools
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

CONTAINER = "containers/classifier"
SERVER = f"{CONTAINER}/serve.py"
ARTIFACTS = tuple(f"{CONTAINER}/{name}.tar.gz" for name in ("model", "recommender", "pricing"))


@dataclass(frozen=True)
class DataSet:
    """Rows as lines of CSV, and the label of each."""

    lines: tuple[str, ...]
    labels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.lines)

    def parts(self, count: int) -> list[DataSet]:
        """The same rows in order in `count` parts whose sizes differ by one at most."""
        bounds = [len(self) * index // count for index in range(count + 1)]
        return [DataSet(self.lines[begin:end], self.labels[begin:end]) for begin, end in itertools.pairwise(bounds)]


def samples(root: Path) -> ModuleType:
    """The container's data sets as a module; `containers` is no package, each folder in it is an image of its own."""
    name = "classifier_samples"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, root / CONTAINER / "samples.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError(f"no data sets in {root / CONTAINER}")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def is_trained(root: Path) -> bool:
    """Whether the artifacts that the stacks upload are there."""
    return all((root / artifact).exists() for artifact in ARTIFACTS)


def train(root: Path) -> None:
    """Train the models and pack the artifacts."""
    script = root / CONTAINER / "train.py"
    subprocess.run([sys.executable, str(script)], check=True, stdout=subprocess.DEVNULL)


def test_split(root: Path, name: str = "model") -> DataSet:  # noqa: PT028 - no test
    """The held-out rows of a model, always the same ones."""
    rows, labels = samples(root).unseen(name)
    return DataSet(tuple(",".join(f"{value:g}" for value in row) for row in rows), tuple(labels))
