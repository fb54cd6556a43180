"""A clock that can run faster than the wall's, for cool-downs and alarm periods."""

import threading
import time


class Clock:
    """Scaled time in seconds since the epoch.

    It starts at the wall's time and runs `speed` times as fast (1.0 is real time).
    """

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError(f"the clock's speed must be above 0, got {speed}")
        self.speed = speed
        self._started_at = time.time()
        self._origin = time.monotonic()

    def now(self) -> float:
        """The scaled time, in seconds since the epoch."""
        return self._started_at + (time.monotonic() - self._origin) * self.speed

    def sleep(self, seconds: float) -> None:
        """Sleep for `seconds` of scaled time."""
        time.sleep(max(0.0, seconds) / self.speed)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for `event`, at most `seconds` of scaled time; true when it is set."""
        return event.wait(max(0.0, seconds) / self.speed)
