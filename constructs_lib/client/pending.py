"""Which requests are a client's own, which are waited for, and when each of those is to be looked up. Pure.

Notifications say soon what became of a request, but may be lost: given to the dead-letter queue, expired, or taken by
somebody who should not. So whatever is waited for is also looked up, less and less often.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable

_REMEMBERED = 100_000
_GROWTH = 1.5


class Pending:
    """The requests of one client. Looked up ``first`` seconds after somebody waits, then up to ``longest`` apart.

    ``draw`` gives numbers from 0 to 1 that spread the look-ups.
    """

    def __init__(self, first: float, longest: float, draw: Callable[[], float] = random.random) -> None:
        self._first = first
        self._longest = longest
        self._draw = draw
        self._own: OrderedDict[str, None] = OrderedDict()
        self._wanted: Counter[str] = Counter()
        self._due: list[tuple[float, float, str]] = []
        self._generation = 0

    def add(self, inference_id: str) -> None:
        """Remember a request as the client's own: settled or not, its message is then known whenever it comes."""
        self._own[inference_id] = None
        if len(self._own) > _REMEMBERED:
            self._own.popitem(last=False)

    def is_own(self, inference_id: str) -> bool:
        """Whether a message about this request is the client's to delete."""
        return inference_id in self._own

    def ask_every(self, first: float, longest: float) -> None:
        """Look up at other intervals from now on."""
        self._first, self._longest = first, longest
        self._due = [(0.0, first, each) for each in self._wanted]

    def want(self, ids: Iterable[str], now: float) -> int:
        """Somebody begins to wait for these; returns the generation to give to ``unwant``."""
        for each in ids:
            self._wanted[each] += 1
            if self._wanted[each] == 1:
                self._plan(each, now, self._first)
        return self._generation

    def unwant(self, ids: Iterable[str], generation: int) -> None:
        """Somebody waits no longer for these; whoever waited before ``take_all`` has been counted off there."""
        for each in ids if generation == self._generation else ():
            self._wanted[each] -= 1
            if self._wanted[each] <= 0:
                del self._wanted[each]
        if not self._wanted:
            self._due.clear()

    def settled(self, inference_id: str) -> None:
        """It is known what became of this one: nobody needs to look it up."""
        del self._wanted[inference_id]

    def take_all(self) -> list[str]:
        """Everything that is waited for, which nobody then waits for any longer."""
        self._generation += 1
        wanted = list(self._wanted)
        self._wanted.clear()
        self._due.clear()
        return wanted

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for anything."""
        return not self._wanted

    def until_due(self, now: float) -> float:
        """Seconds until the next look-up, 0 if one is due."""
        return max(0.0, self._due[0][0] - now) if self._due else self._longest

    def take_due(self, now: float, at_most: int) -> list[str]:
        """The requests to look up now; each is planned again, later than the last time."""
        taken: list[str] = []
        while self._due and self._due[0][0] <= now and len(taken) < at_most:
            _, interval, each = heapq.heappop(self._due)
            if each in self._wanted and each not in taken:
                taken.append(each)
                self._plan(each, now, min(self._longest, interval * _GROWTH))
        return taken

    def _plan(self, inference_id: str, now: float, interval: float) -> None:
        spread = 0.75 + self._draw() / 2
        heapq.heappush(self._due, (now + interval * spread, interval, inference_id))
