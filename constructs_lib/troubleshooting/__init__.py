"""From a message of AWS's to its cause: the known texts in it, or the nearest one."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from constructs_lib.facts.aws_errors import AwsError, aws_errors

_GAP = ".{0,1500}?"  # what "..." may stand for: less than from one message of a log to the next but one
_NEAR = 0.6
_FEWEST_WORDS = 3
_SAME = str.maketrans({"\\": "", "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\u201c": '"', "\u201d": '"'})


@dataclass(frozen=True, slots=True)
class Match:
    """A known answer of AWS's, and how much of it the message holds: 1 is all of it, word for word."""

    error: AwsError
    likeness: float


def explain(message: str) -> list[Match]:
    """Every known text that ``message`` holds, in its order; if none, the nearest one; empty if none is near.

    :param message: an error of AWS's, a reason of CloudFormation's, or a whole log.
    """
    text = _plain(message)
    return [Match(error, 1.0) for error in _held(text)] or _nearest([text, *map(_plain, message.splitlines())])


def _held(text: str) -> list[AwsError]:
    """The longest text wins where two begin within one another."""
    spans = [(found.span(), error) for error in aws_errors().values() if (found := _pattern(error).search(text))]
    kept: dict[tuple[int, int], AwsError] = {}
    for (start, end), error in sorted(spans, key=lambda item: -len(_plain(item[1].says))):
        if not any(begin <= start < stop for begin, stop in kept):
            kept[start, end] = error
    return [kept[span] for span in sorted(kept)]


def _nearest(texts: Iterable[str]) -> list[Match]:
    """The answer of whose words, the rare ones counting more, a text or one of its lines holds the largest share."""
    matches = [Match(error, _likeness(error, _words(text))) for text in texts for error in aws_errors().values()]
    best = max(matches, key=lambda match: match.likeness)
    return [best] if best.likeness >= _NEAR else []


def _likeness(error: AwsError, words: frozenset[str]) -> float:
    wanted, weights = _words(_plain(error.says)), _weights()
    rarest = max(weights[word] for word in wanted)  # of the words that tell it apart, one at least
    if len(wanted & words) < _FEWEST_WORDS or all(weights[word] < rarest for word in wanted & words):
        return 0.0
    # Less than 1: that is for a text that is held as it stands.
    return min(0.99, sum(weights[word] for word in wanted & words) / sum(weights[word] for word in wanted))


@cache
def _weights() -> dict[str, float]:
    """A word counts the more, the fewer known answers have it."""
    known = aws_errors().values()
    counts = Counter(word for error in known for word in _words(_plain(error.says)))
    return {word: math.log(1 + len(known) / count) for word, count in counts.items()}


@cache
def _pattern(error: AwsError) -> re.Pattern[str]:
    pieces = (piece.strip(" .,:") for piece in _plain(error.says).split("..."))
    return re.compile(_GAP.join(re.escape(piece) for piece in pieces if piece))


def _plain(text: str) -> str:
    """A text without what its way through a log may have changed: case, line breaks, escapes, kinds of quotes."""
    return " ".join(text.translate(_SAME).lower().split())


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z][a-z0-9_:-]+[a-z0-9]", text))


__all__ = ["Match", "explain"]
