"""When a scheduled run has to start to be done in time."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.advisor.hardware import Market, choose_job_type, concurrency_of
from constructs_lib.advisor.load import load_of
from constructs_lib.advisor.quantities import time_text
from constructs_lib.advisor.workload import Workload
from constructs_lib.facts import transform
from constructs_lib.facts.prices import Prices

_RESERVE = 0.2  # of the run, for days on which it takes longer
_LEAST_RESERVE = 300  # seconds
_START = 600  # seconds until the instances of a job work
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the job: on how many instances, and how long, in seconds."""

    instances: int
    duration: float

    def start_for(self, due: str) -> tuple[int, int]:
        """Hour and minute at which to start for a time of day at which it has to be done."""
        start = self._start(due) % _DAY
        return int(start // 3600), int(start % 3600 // 60)

    def told(self, due: str | None) -> str:
        """The sentence that says when to start, and what that is made of."""
        parts = (time_text(self.duration), time_text(self._reserve), time_text(_START))
        made_of = "{} of work, {} in reserve, {} for the start".format(*parts)
        if due is None:
            return f"start it {time_text(self.lead)} before its answers are due (--due): {made_of}"
        hour, minute = self.start_for(due)
        early = -int(self._start(due) // _DAY)
        day = f", {early} day{'s' * (early > 1)} before," if early else ""
        return f"to be done by {due}, start it at {hour:02}:{minute:02}{day} at the latest: {made_of}"

    def starts_the_day_before(self, due: str) -> bool:
        """Whether a run that is due at this time of day has to start on a day before."""
        return self._start(due) < 0

    @property
    def expected(self) -> float:
        """Seconds that it takes when nothing goes wrong."""
        return self.duration + _START

    @property
    def lead(self) -> float:
        """Seconds between the start and the end, at the latest."""
        return self.expected + self._reserve

    @property
    def _reserve(self) -> float:
        return max(self.duration * _RESERVE, _LEAST_RESERVE)

    def _start(self, due: str) -> float:
        """Seconds after the midnight of the day on which it is due; negative on the days before."""
        hours, minutes = (int(part) for part in due.split(":"))
        return hours * 3600 + minutes * 60 - self.lead


def run_of(workload: Workload, prices: Prices) -> Run:
    """The run of a workload, on the instances that the advisor would give it."""
    load = load_of(workload)
    concurrency = concurrency_of(choose_job_type(workload, Market.of(prices, workload.region)))
    count = load.instances_of_a_run(concurrency, transform.INSTANCE_COUNT.maximum)
    return Run(count, load.hours_of_work(concurrency) * 3600 / count)
