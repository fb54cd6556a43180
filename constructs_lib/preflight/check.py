"""What a check of the preflight is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.preflight.account import Denied
from constructs_lib.preflight.findings import refused, unanswered
from constructs_lib.preflight.target import Target
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.template import Node


class Placed(Protocol):
    """Something of a template that a check asks AWS about, with its place."""

    @property
    def node(self) -> Node:
        """Where the template says it."""


Subject = TypeVar("Subject", bound=Placed)


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """One thing that has to hold before a deployment.

    ``subjects`` reads the template, and says itself what of it cannot be judged; ``judge`` asks AWS about one subject.
    What goes wrong with one subject loses nothing of the others.
    """

    title: str
    subjects: Callable[[Target], Iterable[Subject | Finding]]
    judge: Callable[[Target, Subject], Iterable[Finding]]

    def findings(self, target: Target) -> Iterator[Finding]:
        """Everything the check finds, what could not be asked too."""
        for subject in self.subjects(target):
            if isinstance(subject, Finding):
                yield subject
                continue
            try:
                yield from self.judge(target, subject)
            except Denied as denied:
                yield refused(subject.node, denied, self.title)
            except (BotoCoreError, ClientError) as error:
                yield unanswered(subject.node, error, self.title)
