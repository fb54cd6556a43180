"""What a function's process prints, all of it as soon as the function has answered."""

from __future__ import annotations

import os
import select
import threading

_PIECE = 65_536
# After which a follower sees that somebody else has read the end.
_LOOK_EVERY_MS = 1000


class FunctionLog:
    """Reads one end of a pipe: a thread follows it, so that it never fills up, and whoever takes has what is in it.

    Both read and keep under one lock: there is no moment at which a line is neither in the pipe nor kept.
    """

    def __init__(self, descriptor: int) -> None:
        # One of its own, since whoever opened the other may close it, and its number may become that of another file.
        self._descriptor = os.dup(descriptor)
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)
        self._has_ended = False
        self._lock = threading.Lock()
        self._kept = bytearray()

    def follow(self) -> None:
        """Keep what comes until the other end is closed."""
        # Each thread polls with an object of its own: one cannot be used by two at once.
        own = select.poll()
        own.register(self._descriptor, select.POLLIN)
        while self._read_what_is_there():
            own.poll(_LOOK_EVERY_MS)

    def take(self) -> str:
        """Everything that was printed since the last call."""
        self._read_what_is_there()
        with self._lock:
            taken, self._kept = self._kept, bytearray()
        return taken.decode(errors="replace").rstrip("\n")

    def _read_what_is_there(self) -> bool:
        """Whether the pipe may still have more to come."""
        with self._lock:
            while not self._has_ended and self._poll.poll(0):
                piece = os.read(self._descriptor, _PIECE)
                self._kept += piece
                if not piece:
                    self._has_ended = True
                    os.close(self._descriptor)
        return not self._has_ended
