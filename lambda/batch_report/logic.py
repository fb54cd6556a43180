"""From the results of all shards to the report of a batch. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

COMPLETE = "Complete"
INCOMPLETE = "Incomplete"
_SECONDS_PER_HOUR = 3600
_SHOWN = 3
_REASON_LENGTH = 500


def report(
    event: Mapping[str, Any], results: Sequence[Mapping[str, Any] | None], prices: Mapping[str, float], now: datetime
) -> dict[str, Any]:
    """All that is known of a batch; a shard without a result has failed, too."""
    shards = [result or _lost(index) for index, result in enumerate(results)]
    failed = [shard for shard in shards if shard["status"] != COMPLETE]
    seconds = instance_seconds(shards)
    plan = event["plan"]
    found: dict[str, Any] = {
        "run": plan["run"],
        "date": plan["date"],
        "source": plan["source"],
        "status": INCOMPLETE if failed else COMPLETE,
        "execution": event["execution"],
        "started": event["start_time"],
        "reported": now.isoformat(timespec="seconds"),
        "duration_in_seconds": (now - datetime.fromisoformat(event["start_time"])).total_seconds(),
        "objects": plan["objects"],
        "empty_objects": plan["empty_objects"],
        "answers": sum(shard["answers"] for shard in shards),
        "instance_seconds": seconds,
    }
    if any("records" in shard for shard in shards):
        found["records"] = sum(shard.get("records", 0) for shard in shards)
        found["answered_records"] = sum(shard.get("answered_records", 0) for shard in shards)
    if prices:
        found["cost"] = cost(seconds, prices)
    return {**found, "failed": failed, "shards": shards}


def cost(seconds: Mapping[str, float], prices: Mapping[str, float]) -> float | None:
    """None where an instance has no price: its type was known at the deployment only."""
    if not set(seconds) <= set(prices):
        return None
    return round(sum(seconds[name] * prices[name] / _SECONDS_PER_HOUR for name in seconds), 6)


def instance_seconds(shards: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """What is paid for, by instance type: every job counts, the failed ones as well."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for shard in shards:
        for job in shard["jobs"]:
            seconds[job["instance_type"]] += job["instance_seconds"]
    return dict(seconds)


def with_earlier_jobs(result: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    """A result that also counts the jobs of the drives before."""
    names = {job["name"] for job in result["jobs"]}
    before = [job for job in (earlier or {}).get("jobs", []) if job["name"] not in names]
    return {**result, "jobs": [*before, *result["jobs"]]}


def summary(
    found: Mapping[str, Any], earlier: Mapping[str, Any] | None, location: str, redrive_count: int
) -> dict[str, Any]:
    """What the state machine goes on with; ``added`` is what has come since an earlier report, and is measured."""
    kept = ("status", "objects", "answers", "duration_in_seconds", "cost")
    short = {name: found[name] for name in kept if name in found}
    return {
        **short,
        "records": found.get("records", 0),
        "lead": next((shard["lead"] for shard in found["shards"] if shard.get("lead")), ""),
        "shards": len(found["shards"]),
        "failed_shards": len(found["failed"]),
        "instance_hours": _instance_hours(found),
        "added": added(found, earlier),
        "transform_job_name": job_name(found["shards"]),
        "redrive_count": redrive_count,
        "location": location,
        "reason": reason(found),
    }


def added(found: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    """What to add to the metrics, so that their sum is right however often a batch is redriven or resumed."""
    before = earlier or {}
    new: dict[str, Any] = {
        "objects": 0 if earlier else found["objects"],
        "records": found.get("records", 0) - before.get("records", 0),
        "instance_hours": _instance_hours(found) - _instance_hours(before),
    }
    if "cost" in found:
        new["cost"] = None if found["cost"] is None else round(found["cost"] - (before.get("cost") or 0), 6)
    return new


def _instance_hours(found: Mapping[str, Any]) -> float:
    return float(sum(found.get("instance_seconds", {}).values())) / _SECONDS_PER_HOUR


def job_name(shards: Sequence[Mapping[str, Any]]) -> str:
    """The job that completed the first shard: all others are named like it, but for the numbers at the end."""
    return next((str(shard["jobs"][-1]["name"]) for shard in shards if shard["jobs"]), "")


def reason(found: Mapping[str, Any]) -> str:
    """In one line what failed; empty where nothing did."""
    failed = found["failed"]
    if not failed:
        return ""
    shown = "; ".join(f"shard {each['shard']}: {each['reason'][:_REASON_LENGTH]}" for each in failed[:_SHOWN])
    more = f"; and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
    return f"{len(failed)} of {len(found['shards'])} shards failed: {shown}{more}"


def _lost(index: int) -> dict[str, Any]:
    return {
        "shard": index,
        "status": "Failed",
        "reason": "there is no result: it could not be verified, see the log of the function Verify; smaller shards "
        "take less time",
        "answers": 0,
        "missing": [],
        "jobs": [],
    }
