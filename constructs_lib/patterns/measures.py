"""What is measured of a batch: the names of its metrics, and where their values are from."""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "SageMakerInference/Batch"
# Put by the function that looks at the deadline; all others by the batch itself.
LATE = "Late"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of a batch: its name, its unit, and the member of the report that it shows."""

    name: str
    unit: str
    member: str


METRICS = (
    Metric("Objects", "Count", "added.objects"),
    Metric("FailedShards", "Count", "failed_shards"),
    Metric("Duration", "Seconds", "duration_in_seconds"),
    Metric("InstanceHours", "None", "added.instance_hours"),
)
RECORDS = Metric("Records", "Count", "added.records")
COST = Metric("Cost", "None", "added.cost")
