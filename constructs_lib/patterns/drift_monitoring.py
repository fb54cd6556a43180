"""The alarms of a drift watch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import Duration

from constructs_lib.checks import Checks
from constructs_lib.endpoints.monitoring import Monitoring, check_at_least_one
from constructs_lib.endpoints.readings import Reading, Watched
from constructs_lib.patterns.drift_metrics import DriftMetrics

_REPORT = "Read the report of the window in the report bucket"
# Of windows without records: a night without requests ends no drift.
_STAYS = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftMonitoring(Monitoring):
    """What is watched of a drift watch; where nothing was judged, an alarm stays as it is.

    Alarms are ``Drifted``, ``NotJudged`` and ``Failed``, which is of the watch itself. From where on a difference is
    drift is in ``DriftThresholds``.

    :param unjudged_windows: so many windows in a row with too few records to judge, or none that could be read, trip
        ``NotJudged``; 3 by default.
    """

    unjudged_windows: int = 3

    def __post_init__(self) -> None:
        checks = Checks("DriftMonitoring")
        check_at_least_one(checks, "unjudged_windows", self.unjudged_windows)
        checks.done()

    def of(self, watch: DriftMetrics, interval: Duration) -> Iterator[Watched]:
        """What is watched of ``watch``, which looks at a window each ``interval``."""
        yield Watched(
            name="Drifted",
            means=f"Requests or answers of {watch.endpoint_name} are not as in training",
            remedy=f"{_REPORT}; train the model anew, or mend what feeds it",
            reading=watch.metric("Drifted"),
            threshold=1,
            at=True,
            treat_missing_data=_STAYS,
        )
        yield Watched(
            name="NotJudged",
            means=f"{self.unjudged_windows} windows in a row of {watch.endpoint_name} could not be judged",
            remedy=f"{_REPORT}; where there are too few records, look at a longer window",
            reading=watch.metric("NotJudged", statistic="Minimum", period=interval),
            threshold=1,
            at=True,
            evaluation_periods=self.unjudged_windows,
            treat_missing_data=_STAYS,
        )
        yield Watched(
            name="Failed",
            means=f"The drift watch of {watch.endpoint_name} has failed",
            remedy="Read the log of its function",
            reading=Reading(
                namespace="AWS/Lambda",
                metric_name="Errors",
                dimensions={"FunctionName": watch.function.function_name},
                statistic="Sum",
                period=300,
            ),
            threshold=1,
            at=True,
        )
