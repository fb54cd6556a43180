"""The accounts of a fault test: every request that was sent, and how it ended by whoever saw it end. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

RESULT, FAILURE, DEAD_LETTER = "result", "failure", "dead letter"
# Inference id and end, as often as somebody says so.
Ends = list[tuple[str, str]]


@dataclass(frozen=True)
class Ledger:
    """What was submitted, and every end of any of it; ``counted`` is how often something else counted each."""

    what: str
    submitted: frozenset[str]
    ends: tuple[tuple[str, str], ...]
    counted: Counter[str]

    @classmethod
    def of(cls, what: str, submitted: Iterable[str], ends: Ends, counted: Counter[str] | None = None) -> Ledger:
        """Accounts under a title; prints them."""
        ledger = cls(what, frozenset(submitted), tuple(ends), counted or Counter())
        print(f"\n{ledger}", end="")
        return ledger

    def count(self, end: str) -> int:
        """Requests with this end, each once."""
        return len({name for name, each in self.ends if each == end})

    @property
    def lost(self) -> frozenset[str]:
        """Requests of which nobody knows an end."""
        return self.submitted - {name for name, _ in self.ends}

    @property
    def twice(self) -> frozenset[str]:
        """Requests with more ends than one, or counted more than once."""
        ends = Counter(name for name, _ in self.ends)
        return frozenset(name for name in self.submitted if ends[name] > 1 or self.counted[name] > 1)

    @property
    def strange(self) -> frozenset[str]:
        """Ends of what nobody submitted."""
        return frozenset(name for name, _ in self.ends) - self.submitted

    @property
    def is_balanced(self) -> bool:
        """Whether everything that was submitted has ended exactly once, and nothing else has."""
        return not (self.lost or self.twice or self.strange)

    @property
    def figures(self) -> tuple[int, int, int, int, int]:
        """Results, failures, dead letters, lost, twice."""
        return self.count(RESULT), self.count(FAILURE), self.count(DEAD_LETTER), len(self.lost), len(self.twice)

    def __str__(self) -> str:
        results, failures, letters, lost, twice = self.figures
        return (
            f"{self.what:<48} {len(self.submitted):>4} submitted: {results:>4} results, {failures:>3} failures, "
            f"{letters:>3} dead letters, {lost} lost, {twice} twice"
        )
