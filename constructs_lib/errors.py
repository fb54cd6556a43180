"""The errors that the library raises."""

from __future__ import annotations

from collections.abc import Sequence


class InferenceError(Exception):
    """Base of everything that this library raises on purpose."""


class InvalidConfiguration(InferenceError, ValueError):
    """A call was given something that AWS would refuse. ``problems`` holds every one of them, not only the first."""

    def __init__(self, subject: str, problems: Sequence[str]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        lines = "".join(f"\n  - {problem}" for problem in self.problems)
        super().__init__(f"{subject}: {len(self.problems)} problem{'s' * (len(self.problems) > 1)}{lines}")
