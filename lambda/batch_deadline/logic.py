"""Which day's results must be there at a deadline, and where. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from dateutil import tz  # type: ignore[import-untyped]

_RUN = "{run}/"


def day_of(deadline: str, lead_in_minutes: int, time_zone: str) -> str:
    """The date of the batch that must be complete at ``deadline``, a time of the scheduler's: that of its start.

    Raises ``ValueError`` for what is no time.
    """
    try:
        # dateutil comes with boto3 and brings the zones along; Lambda's own system may have none.
        local = datetime.fromisoformat(deadline).astimezone(tz.gettz(time_zone))
        # In a zone a difference is one of its clock, so that it is right on days of 23 and 25 hours, too.
        return str((local - timedelta(minutes=lead_in_minutes)).date())
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"the deadline must be a time such as 2026-11-21T08:00:00Z, got {deadline!r:.100}") from error


def place(results_prefix: str, day: str) -> tuple[str, str | None]:
    """The prefix of that day's results, and what follows the name of a run; None where there is one place a day."""
    dated = results_prefix.replace("{date}", day)
    if _RUN not in dated:
        return dated, None
    before, _, after = dated.partition(_RUN)
    return before, after
