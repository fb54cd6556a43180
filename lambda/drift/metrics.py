"""The metrics of a judgement as lines of a log in CloudWatch's embedded metric format. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drift.judgement import DRIFTED, NOT_JUDGED, Verdict

_LONGEST_DIMENSION = 255


def lines(
    namespace: str, dimensions: Mapping[str, str], summary: Mapping[str, Any], verdicts: Sequence[Verdict], at: float
) -> Iterator[dict[str, Any]]:
    """One line for the whole, and one for each feature that was judged; ``at`` is in seconds since 1970."""
    judged = [verdict for verdict in verdicts if verdict.status != NOT_JUDGED]
    whole: dict[str, float] = {
        "Records": summary["records"],
        "UnreadableRecords": summary["unreadable"] + summary["misshapen"],
        "JudgedFeatures": len(judged),
        "NotJudged": int(not judged),
    }
    if judged:  # of what was not judged nobody knows how many have drifted
        whole["DriftedFeatures"] = sum(verdict.status == DRIFTED for verdict in judged)
        whole["Drifted"] = int(summary["status"] == DRIFTED)
    yield _line(namespace, dimensions, whole, at)
    for verdict in judged:
        yield _line(namespace, {**dimensions, "Feature": _dimension(verdict.name)}, _values(verdict), at)


def _values(verdict: Verdict) -> dict[str, float]:
    found = {
        "PopulationStabilityIndex": verdict.population_stability_index,
        "Distance": verdict.distance,
        "MissingShare": verdict.missing_share,
    }
    return {name: value for name, value in found.items() if value is not None}


def _line(namespace: str, dimensions: Mapping[str, str], values: Mapping[str, float], at: float) -> dict[str, Any]:
    directive = {
        "Namespace": namespace,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": _UNITS.get(name, "None")} for name in values],
    }
    return {"_aws": {"Timestamp": round(at * 1000), "CloudWatchMetrics": [directive]}, **dimensions, **values}


_UNITS = dict.fromkeys(("Records", "UnreadableRecords", "JudgedFeatures", "DriftedFeatures"), "Count")


def _dimension(name: str) -> str:
    """CloudWatch takes ASCII alone, no control characters, and nothing empty."""
    text = "".join(character if character.isascii() and character.isprintable() else "?" for character in name)
    return text[:_LONGEST_DIMENSION] if text.strip() else "_"
