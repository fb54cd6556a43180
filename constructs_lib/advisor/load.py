"""The load that costs are computed for: what is known, and for the rest assumptions that are said out loud."""

from __future__ import annotations

import math
from dataclasses import dataclass

from constructs_lib.advisor.demand import is_run_time, needed_latency
from constructs_lib.advisor.quantities import size_text, time_text
from constructs_lib.advisor.workload import Traffic, Workload

_SECONDS_A_DAY = 86_400
DAYS_A_MONTH = 365 / 12
_A_RUN = 86_400.0 / 4  # a job is given as many instances as finish it in six hours
_REQUESTS_A_DAY = {
    Traffic.STEADY: 100_000,
    Traffic.SPIKY: 10_000,
    Traffic.INTERMITTENT: 20,
    Traffic.SCHEDULED: 1_000,
    Traffic.STREAM: 1_000_000,
    None: 1_000,
}
# By how much the peak is above the average.
_PEAK = {
    Traffic.STEADY: 2,
    Traffic.SPIKY: 10,
    Traffic.INTERMITTENT: 10,
    Traffic.SCHEDULED: 10,
    Traffic.STREAM: 2,
    None: 2,
}
# In how many hours of a day requests come; of those now and then nobody knows the hours.
_BUSY_HOURS = {
    Traffic.STEADY: 24.0,
    Traffic.SPIKY: 8.0,
    Traffic.INTERMITTENT: None,
    Traffic.SCHEDULED: 2.0,
    Traffic.STREAM: 24.0,
    None: 24.0,
}
_USUAL_BODY = 10 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """Numbers only. ``stated`` says which of them are assumptions.

    ``busy_hours`` are the hours of a day in which requests come; ``None``: now and then over the day.
    """

    requests_per_day: float
    processing_time: float
    payload: float
    response: float
    peak_rps: float
    busy_hours: float | None
    records_per_run: float
    runs_per_day: float
    run_time: float | None
    stated: tuple[str, ...]

    @property
    def requests_per_month(self) -> float:
        """Requests in a month of average length."""
        return self.requests_per_day * DAYS_A_MONTH

    @property
    def gb_in(self) -> float:
        """GB that come in, in a month."""
        return self.requests_per_month * self.payload / 1024**3

    @property
    def gb_out(self) -> float:
        """GB that go out, in a month."""
        return self.requests_per_month * self.response / 1024**3

    def busy_instances(self, concurrency: int) -> float:
        """How many instances the peak keeps busy, each with ``concurrency`` requests at once."""
        return self.peak_rps * self.processing_time / concurrency

    def hours_of_work(self, concurrency: int) -> float:
        """Instance hours of one run of all its records."""
        if self.run_time is not None:
            return self.run_time / 3600
        return self.records_per_run * self.processing_time / concurrency / 3600

    def instances_of_a_run(self, concurrency: int, most: int) -> int:
        """As many instances as finish a run in a quarter of a day; a run that is measured keeps to one."""
        if self.run_time is not None:
            return 1
        return min(most, max(1, math.ceil(self.hours_of_work(concurrency) * 3600 / _A_RUN)))


def load_of(workload: Workload) -> Load:
    """Fill in what is not known; each time a sentence says so, with the option that replaces it."""
    stated: list[str] = []

    def known(value: float | None, otherwise: float, told: str) -> float:
        if value is None:
            stated.append(told)
            return otherwise
        return value

    requests = workload.requests_per_day
    if requests is None and workload.records_per_run is not None:
        requests = float(workload.records_per_run)
        stated.append("how often it runs was not said: once a day is assumed (--requests-per-day, all runs together)")
    hours = _BUSY_HOURS[workload.traffic]
    if requests is None and workload.peak_rps is not None and hours is not None:
        requests = workload.peak_rps / _PEAK[workload.traffic] * hours * 3600
        stated.append(f"the requests a day were not said: {requests:,.0f} follow from the peak (--requests-per-day)")
    usual_requests = _REQUESTS_A_DAY[workload.traffic]
    requests = known(
        requests,
        usual_requests,
        f"the requests a day were not said: {usual_requests:,} are assumed (--requests-per-day)",
    )
    run_time = workload.processing_time if is_run_time(workload) else None
    if run_time is not None:
        stated.append(f"{time_text(run_time)} is taken for the time of a whole run: no single request takes that long")
    usual_time = _usual_time(workload)
    processing = known(
        usual_time if run_time is not None else workload.processing_time,
        usual_time,
        f"the time a request takes was not said: {time_text(usual_time)} are assumed (--processing-time)",
    )
    payload = known(
        workload.payload,
        _USUAL_BODY,
        f"the size of a request was not said: {size_text(_USUAL_BODY)} are assumed (--payload)",
    )
    average = requests / _SECONDS_A_DAY
    records, runs = _runs(workload, requests)
    return Load(
        requests_per_day=requests,
        processing_time=processing,
        payload=payload,
        response=min(payload, _USUAL_BODY) if workload.response is None else workload.response,
        peak_rps=average * _PEAK[workload.traffic] if workload.peak_rps is None else workload.peak_rps,
        busy_hours=hours,
        records_per_run=records,
        runs_per_day=runs,
        run_time=run_time,
        stated=tuple(stated),
    )


def _usual_time(workload: Workload) -> float:
    usual = 1.0 if workload.needs_gpu else 0.1
    latency = needed_latency(workload)
    return usual if latency is None else min(usual, latency / 2)


def _runs(workload: Workload, requests: float) -> tuple[float, float]:
    """Records of a run, and runs in a day. Fewer requests than a run a month has are taken for runs."""
    if workload.records_per_run is None:
        return requests, 1.0
    records = float(workload.records_per_run)
    if workload.requests_per_day is None:
        return records, 1.0
    if requests * 31 < records:
        return records, requests
    return records, requests / records
