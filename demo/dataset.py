"""The trained model and the rows it has never seen, by the container's own training script."""

from __future__ import annotations

import importlib.util
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

CONTAINER = "containers/classifier"
SERVER = f"{CONTAINER}/serve.py"
ARTIFACT = f"{CONTAINER}/model.tar.gz"


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


def training(root: Path) -> ModuleType:
    """The training script as a module; `containers` is no package, each folder in it is an image of its own."""
    spec = importlib.util.spec_from_file_location("classifier_train", root / CONTAINER / "train.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"no training script in {root / CONTAINER}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_trained(root: Path) -> bool:
    """Whether the artifact that the stacks upload is there."""
    return (root / ARTIFACT).exists()


def train(root: Path) -> None:
    """Train the model and pack the artifact."""
    training(root).write_artifact(root / CONTAINER)


def test_split(root: Path) -> DataSet:
    """The held-out rows, always the same ones."""
    rows, labels = training(root).test_split()
    return DataSet(tuple(",".join(f"{value:g}" for value in row) for row in rows), tuple(labels))
