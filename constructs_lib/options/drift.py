"""From where on a difference between training and use is drift."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.errors import InvalidConfiguration
from constructs_lib.tokens import is_token


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftThresholds:
    """What counts as drift of a feature: a difference that is large, and that chance would hardly make.

    With many records every difference is significant, so its size decides; with few, large ones come by chance, so the
    significance has to be there, too. A normal distribution that moves by 0.45 of its standard deviation has a
    population stability index of 0.2 and a Kolmogorov-Smirnov distance of 0.18.

    :param population_stability_index: of bins or categories, from which on it is drift; 0.2 by default, which is the
        usual bound between a small and a large change.
    :param distance: from which on it is drift, 0 to 1: the Kolmogorov-Smirnov distance of numbers, for categories the
        share of records that would have to change theirs; 0.2 by default.
    :param missing_share: change of the share of records without a usable value that is drift, 0 to 1; 0.1 by default.
    :param significance: chance of such a difference between two samples of the same population below which it is taken
        for real, by a chi-square or a Kolmogorov-Smirnov test; 0.001 by default.
    :param min_records: with fewer, now or in the baseline, a feature is not judged; 500 by default.
    :param min_drifted_features: features that must have drifted for the whole to have; 1 by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    population_stability_index: float = 0.2
    distance: float = 0.2
    missing_share: float = 0.1
    significance: float = 0.001
    min_records: int = 500
    min_drifted_features: int = 1

    def __post_init__(self) -> None:
        problems = []
        index = self.population_stability_index
        if not is_token(index) and not index > 0:
            problems.append(f"population_stability_index must be above 0, got {index}; 0.1 is strict, 0.2 is usual")
        for name in ("distance", "missing_share", "significance"):
            value = getattr(self, name)
            if not is_token(value) and not 0 < value <= 1:
                problems.append(f"{name} must be above 0 and at most 1, got {value}; give a share such as 0.1")
        if not is_token(self.min_records) and self.min_records < MIN_RECORDS:
            problems.append(
                f"min_records must be at least {MIN_RECORDS}, got {self.min_records}; give fewer records more time"
            )
        if not is_token(self.min_drifted_features) and self.min_drifted_features < 1:
            problems.append(f"min_drifted_features must be at least 1, got {self.min_drifted_features}; raise it")
        if problems:
            raise InvalidConfiguration("DriftThresholds", problems)


MIN_RECORDS = 50
"""Below, ten bins hold less than the five records each that a chi-square test is good for."""
