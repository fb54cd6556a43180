"""Rows and labels of the container's three models: digits that people wrote, and two scenes that are made up.

The scenes have no public data set small enough to ship. Their rows are drawn from a fixed seed and labelled by a rule
that stands here, with noise; a model's accuracy on them says that rows and answers belong together, no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Sample = tuple[NDArray[np.float64], NDArray[np.int64]]

SEED = 20_240_229
TEST_SHARE = 0.25
GENRES = ("comedy", "romance", "drama", "thriller", "crime", "documentary", "science fiction", "fantasy")
PRICE_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5)
"""What the usual price of a ride is multiplied with, by label."""


def digits() -> Sample:
    """The 64 grey values of a handwritten digit, and which one it is: scikit-learn's."""
    from sklearn.datasets import load_digits

    rows, labels = load_digits(return_X_y=True)
    return rows, labels


def watching() -> Sample:
    """How much a user has watched of each of `GENRES`, and the genre to recommend next.

    A film speaks for its own genre, more for the next one of the list, and a little for the third after it.
    """
    random = np.random.default_rng(SEED)
    users, genres = 8_000, len(GENRES)
    tastes = random.dirichlet(np.full(genres, 0.4), users)
    counts = random.multinomial(random.integers(10, 80, users), tastes)
    speaks_for = 0.6 * np.eye(genres) + np.roll(np.eye(genres), 1, axis=1) + 0.4 * np.roll(np.eye(genres), 3, axis=1)
    scores = counts @ speaks_for + random.normal(scale=0.4, size=(users, genres))
    return counts.astype(np.float64), scores.argmax(axis=1)


def rides() -> Sample:
    """Requests, free drivers, minutes to the pick-up and millimetres of rain in a zone, and which of `PRICE_STEPS`.

    Demand beyond the drivers, long ways and rain raise the price, each step at its threshold.
    """
    random = np.random.default_rng(SEED)
    count = 8_000
    requests = random.poisson(random.gamma(2.0, 20.0, count))
    drivers = random.poisson(random.gamma(3.0, 12.0, count))
    minutes = np.round(random.gamma(3.0, 2.0, count), 1)
    rain = np.round(np.where(random.random(count) < 0.3, random.exponential(4.0, count), 0.0), 1)
    shortage = requests - 0.9 * drivers + 1.5 * minutes + 2.0 * rain + random.normal(scale=1.0, size=count)
    rows = np.column_stack([requests, drivers, minutes, rain]).astype(np.float64)
    return rows, np.digitize(shortage, [0.0, 20.0, 45.0, 80.0])


@dataclass(frozen=True)
class DataSet:
    """What a data set is called, where its rows come from, and scikit-learn's C for its model (less is smoother)."""

    title: str
    sample: Callable[[], Sample]
    smoothness: float


DATA_SETS = {
    "recommender": DataSet("generated watch counts", watching, 10.0),
    "pricing": DataSet("generated ride demand", rides, 1000.0),
    "model": DataSet("scikit-learn digits", digits, 0.05),
}
"""By the name of the artifact; `model` is the one that the app serves unless told otherwise."""


def split(name: str = "model") -> tuple[Sample, Sample]:
    """The rows and labels to train with, and those that the model never sees; always the same ones."""
    from sklearn.model_selection import train_test_split

    rows, labels = DATA_SETS[name].sample()
    parts = train_test_split(rows, labels, test_size=TEST_SHARE, random_state=SEED, stratify=labels)
    return (parts[0], parts[2]), (parts[1], parts[3])


def unseen(name: str = "model") -> tuple[list[list[float]], list[int]]:
    """The rows and labels that the model has never seen, as plain lists."""
    _, (rows, labels) = split(name)
    return rows.tolist(), labels.tolist()
