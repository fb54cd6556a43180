"""What is logged of a request, in CloudWatch's embedded metric format: the lines are the metrics. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hybrid_lookup.logic import COMPUTED, DEFAULT, FRESH, MISSING, STALE, STORED, Answer, slowest
from hybrid_lookup.settings import Settings


def log_lines(answers: Sequence[Answer], milliseconds: int, settings: Settings, now: float) -> Iterator[dict[str, Any]]:
    """Counts of a request, its latency by its slowest path, and what was not served by reason."""
    paths, reasons = Counter(answer.path for answer in answers), Counter(answer.reason for answer in answers)
    counts = {
        "Hits": paths[STORED] + paths[FRESH],
        "Missing": reasons[MISSING],
        "Stale": sum(reasons[reason] for reason in STALE),
        "Fallbacks": paths[COMPUTED] + paths[DEFAULT],
        "Computed": paths[COMPUTED],
        "Defaults": paths[DEFAULT],
    }
    whys = {"Whys": dict(Counter(answer.why for answer in answers if answer.why))} if paths[DEFAULT] else {}
    yield {**_line(settings, now, counts, "Count"), **whys}
    yield _line(settings, now, {"Latency": milliseconds}, "Milliseconds", Path=slowest(answers))
    for reason in STALE:
        if reasons[reason]:
            yield _line(settings, now, {"Stale": reasons[reason]}, "Count", Reason=reason)


def _line(settings: Settings, now: float, values: Mapping[str, int], unit: str, **dimension: str) -> dict[str, Any]:
    directive = {
        "Namespace": settings.metric_namespace,
        "Dimensions": [["TableName", *dimension]],
        "Metrics": [{"Name": name, "Unit": unit} for name in values],
    }
    return {
        "_aws": {"Timestamp": round(now * 1000), "CloudWatchMetrics": [directive]},
        "TableName": settings.table_name,
        **dimension,
        **values,
    }
