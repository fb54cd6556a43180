"""Compares what was captured of an endpoint in a window of time with the baseline of its model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from drift import objects
from drift.reporting import conclude, read_baseline
from drift.sample import Sample
from drift.settings import Settings

# Captured data comes minutes after the request: an hour counts as complete that long after its end.
_SETTLES = timedelta(minutes=15)
_MEGABYTE = 1024 * 1024


class Watch:
    """The watch over one variant. The client is handed in."""

    def __init__(self, settings: Settings, *, s3: Any) -> None:
        self._settings = settings
        self._s3 = s3

    def window(self, at: datetime) -> tuple[datetime, datetime]:
        """The whole hours that are looked at: the last one that is complete at a time, and those before it."""
        end = (at.astimezone(UTC) - _SETTLES).replace(minute=0, second=0, microsecond=0)
        return end - timedelta(hours=self._settings.window_in_hours), end

    def captured(self, at: datetime) -> list[tuple[str, int]]:
        """Keys and sizes of what was captured in the window."""
        settings = self._settings
        return objects.captured(self._s3, settings.capture_bucket_name, settings.capture_prefix, *self.window(at))

    def run(self, at: datetime, found: list[tuple[str, int]]) -> dict[str, Any]:
        """Judge what was ``found`` in the window of ``at``, a sample of it if it is too much; the report in short."""
        settings = self._settings
        begin, end = self.window(at)
        sample = Sample(read_baseline(self._s3, settings), settings.max_records)
        budget = objects.Budget(settings.max_megabytes)
        for key, _ in objects.shuffled(found, end.isoformat()):
            if sample.is_full or not budget.left:
                break
            self._read(key, sample, budget)
        whole = sum(size for _, size in found)
        return conclude(
            sample,
            settings,
            s3=self._s3,
            about={
                "subject": f"{settings.endpoint_name}/{settings.variant_name}",
                "begin": begin.isoformat(),
                "end": end.isoformat(),
                "objects": len(found),
                "captured_megabytes": round(whole / _MEGABYTE, 1),
                "share_read": round(min(1.0, budget.spent / whole), 4) if whole else 1.0,
            },
            dimensions={"EndpointName": settings.endpoint_name, "VariantName": settings.variant_name},
            place=f"{settings.report_prefix}{end:%Y/%m/%d/%H}/",
        )

    def _read(self, key: str, sample: Sample, budget: objects.Budget) -> None:
        for line in objects.lines(self._s3, self._settings.capture_bucket_name, key, budget):
            if isinstance(line, objects.Unread):
                sample.unreadable += 1
            elif line.strip():
                sample.add_captured(line)
            if sample.is_full:
                return


def time_of(event: Mapping[str, Any]) -> datetime:
    """When the schedule meant to run; raises ``ValueError`` for an event without."""
    try:
        at = datetime.fromisoformat(event["time"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the event must have a time such as 2026-11-21T02:00:00Z, got {event!r:.200}") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
