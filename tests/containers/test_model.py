"""The trained model and its artifact: accurate on unseen rows, reproducible, and safe to load."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

SMALL: dict[str, Any] = {
    "data_set": "two points",
    "training_accuracy": 1.0,
    "columns": 1,
    "classes": [4, 7],
    "mean": [10.0],
    "scale": [2.0],
    "coefficients": [[-1.0], [1.0]],
    "intercepts": [0.0, 0.0],
}


def test_the_more_probable_class_is_the_label(model: ModuleType) -> None:
    below, above = model.from_document(SMALL).predict([[8.0], [12.0]])
    assert (below.label, above.label) == (4, 7)
    assert above.probabilities == pytest.approx([0.119203, 0.880797])


@pytest.mark.parametrize("value", [1.7e308, -1.7e308, 5e-324])
def test_the_largest_floats_still_give_probabilities(model: ModuleType, value: float) -> None:
    (prediction,) = model.from_document(SMALL).predict([[value]])
    assert sum(prediction.probabilities) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["model", "recommender", "pricing"])
def test_a_trained_model_is_right_on_at_least_95_of_100_unseen_rows(
    model: ModuleType, samples: ModuleType, model_dirs: dict[str, Path], name: str
) -> None:
    rows, labels = samples.unseen(name)
    predictions = model.load(model_dirs[name]).predict(rows)
    right = sum(prediction.label == label for prediction, label in zip(predictions, labels, strict=True))
    assert right / len(labels) >= 0.95


def test_the_labels_of_a_scene_are_those_that_its_rule_names(samples: ModuleType) -> None:
    assert set(samples.watching()[1]) == set(range(len(samples.GENRES)))
    assert set(samples.rides()[1]) == set(range(len(samples.PRICE_STEPS)))


@pytest.mark.parametrize(("name", "count"), [("model", 450), ("recommender", 2000), ("pricing", 2000)])
def test_the_test_split_is_the_same_every_time_and_holds_every_label(
    samples: ModuleType, name: str, count: int
) -> None:
    first, second = samples.unseen(name), samples.unseen(name)
    assert first == second
    assert set(first[1]) == set(samples.DATA_SETS[name].sample()[1])
    assert len(first[0]) == len(first[1]) == count


def test_a_second_training_packs_the_same_bytes(train: ModuleType, trained: Path, tmp_path: Path) -> None:
    assert train.main(["--out", str(tmp_path)]) == 0
    packed = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert packed == {path.name: path.read_bytes() for path in trained.glob("*.tar.gz")}
    assert set(packed) == {"model.tar.gz", "recommender.tar.gz", "pricing.tar.gz"}


def test_training_can_write_the_test_split_beside_the_archives(samples: ModuleType, trained: Path) -> None:
    for name in samples.DATA_SETS:
        rows, labels = samples.unseen(name)
        written = (trained / f"{name}_rows.csv").read_text().splitlines()
        assert [[float(cell) for cell in line.split(",")] for line in written] == rows
        assert [int(line) for line in (trained / f"{name}_labels.csv").read_text().split()] == labels


def test_a_packed_file_tells_nothing_of_the_machine_that_packed_it(train: ModuleType) -> None:
    packed = train.pack({"b": b"2", "a": b"1"})
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        entries = archive.getmembers()
    assert [entry.name for entry in entries] == ["a", "b"]
    assert {(entry.mtime, entry.uid, entry.gid, entry.uname, entry.mode) for entry in entries} == {(0, 0, 0, "", 0o644)}
    assert packed[4:8] == b"\0\0\0\0", "the gzip header holds a time"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"mean": None}, "mean must have the shape (1,), got ()"),
        ({"mean": [1.0, 2.0]}, "mean must have the shape (1,), got (2,)"),
        ({"coefficients": [[1.0, 2.0], [3.0]]}, "inhomogeneous"),
        ({"classes": [4]}, "coefficients must have the shape (1, 1), got (2, 1)"),
        ({"scale": [0.0]}, "scale must be positive everywhere"),
        ({"intercepts": [0.0, float("inf")]}, "intercepts must hold finite numbers only"),
        ({"columns": "many"}, "invalid literal"),
    ],
)
def test_a_model_file_with_a_wrong_part_is_refused_by_name(
    model: ModuleType, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    (tmp_path / "model.json").write_text(json.dumps({**SMALL, **changes}))
    with pytest.raises(model.BrokenModel) as caught:
        model.load(tmp_path)
    assert reason in str(caught.value)


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_model_file_without_a_part_says_which_is_missing(model: ModuleType, tmp_path: Path, name: str) -> None:
    (tmp_path / "model.json").write_text(json.dumps({key: SMALL[key] for key in SMALL if key != name}))
    with pytest.raises(model.BrokenModel, match=f"'{name}' is missing"):
        model.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"not json", b"\xff\xfe", b"\x80\x04K\x01."])
def test_a_file_that_is_no_model_is_refused_with_its_path(model: ModuleType, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(model.BrokenModel) as caught:
        model.load(tmp_path)
    assert str(path) in str(caught.value)
