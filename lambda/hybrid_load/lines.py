"""The lines of an object of any size, in portions that fit the memory, however long a line is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

# A longer line is cut: it cannot be a row, and a hostile one would fill the memory.
LONGEST = 4 * 1024**2
_CHUNK = 4 * 1024**2
# So much is loaded between two checkpoints.
_MOST_LINES = 1000
_MOST_BYTES = 4 * 1024**2

Fetch = Callable[[int, int], bytes]
"""The bytes of the object from one offset to another, the latter not included."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its break; ``end`` is the offset at which the next one begins."""

    content: bytes
    end: int

    @property
    def is_cut(self) -> bool:
        """Whether only the beginning was kept."""
        return len(self.content) > LONGEST


def lines(fetch: Fetch, *, size: int, offset: int) -> Iterator[Line]:
    """The lines of an object of ``size`` bytes from ``offset``, which is the beginning of one."""
    start, position, rest, dropped = offset, offset, b"", 0
    while position < size:
        chunk = fetch(position, min(position + _CHUNK, size))
        position += len(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        for content in whole:
            start += len(content) + dropped + 1
            dropped = 0
            yield Line(content[: LONGEST + 1], start)
        dropped += max(0, len(rest) - LONGEST - 1)
        rest = rest[: LONGEST + 1]
    if rest:
        yield Line(rest, size)


def portions(found: Iterable[Line]) -> Iterator[list[Line]]:
    """Lines in portions: so many, or as many as make so many bytes, and at least one."""
    portion: list[Line] = []
    total = 0
    for line in found:
        if portion and (len(portion) >= _MOST_LINES or total + len(line.content) > _MOST_BYTES):
            yield portion
            portion, total = [], 0
        portion.append(line)
        total += len(line.content)
    if portion:
        yield portion
