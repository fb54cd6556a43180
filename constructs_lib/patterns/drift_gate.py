"""A gate before a batch: records that are not like those in training stop it before anything is paid for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.storage import grant_read, grant_write
from constructs_lib.options.batch import WORK_PREFIX
from constructs_lib.options.drift import DriftThresholds
from constructs_lib.patterns.batch_functions import Plan
from constructs_lib.patterns.batch_hooks import BatchStep
from constructs_lib.patterns.drift_baseline import DriftBaseline, Location
from constructs_lib.patterns.drift_function import check_baseline, make_drift_function, refuse
from constructs_lib.tokens import is_token

# What the gate reads: media types of lines, and of whole documents.
CONTENT_TYPES = ("text/csv", "application/json", "application/jsonlines")


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftGate(BatchStep):
    """Compares the records of a batch with a baseline before its jobs start; ``BatchHooks(before=DriftGate(...))``.

    It reads a sample of the objects, 256 MB or 100,000 records, of ``text/csv``, JSON or JSON Lines, packed or not.
    When the data have drifted the execution fails with ``DataDrifted``, the features that have, and where the report
    is: ``work/RUN/drift/report.html`` in the output bucket. Metrics are those of ``DriftWatch`` with the dimension
    ``Gate``, which is the path of the step in the app.

    :param baseline: what the model was trained on; its predictions are not compared.
    :param thresholds: from where on a difference is drift.
    :param columns: positions of the columns that the model gets, in that order, where lines of CSV hold more, such as
        an id that ``DataProcessing.input_filter`` takes out; all by default. The first is 0.
    :param refuses_unjudged: whether a batch of too few records to judge is stopped, too; by default it goes on.
    :raises InvalidConfiguration: with every wrong value.
    """

    baseline: DriftBaseline
    thresholds: DriftThresholds = field(default_factory=DriftThresholds)
    columns: Sequence[int] = ()
    refuses_unjudged: bool = False

    def __post_init__(self) -> None:
        problems = check_baseline(self.baseline, self.thresholds)
        if any(position < 0 for position in self.columns):
            problems.append(f"columns must be positions from 0 on, got {list(self.columns)}; count from 0")
        refuse("DriftGate", problems)

    def bind(self, scope: Construct, plan: Plan, safekeeping: Safekeeping) -> lambda_.IFunction:
        """Make the function in ``scope``."""
        content_type = plan.options.content_type
        if not is_token(content_type) and content_type not in CONTENT_TYPES:
            problem = f"content_type of a batch with a DriftGate must be one of {', '.join(CONTENT_TYPES)}"
            refuse("DriftGate", [f"{problem}, got {content_type!r}"])
        baseline = self.baseline.bind(scope)
        function = make_drift_function(
            scope,
            entry="gate",
            description="compares the records of a batch with what its model was trained on",
            baseline=baseline,
            thresholds=self.thresholds,
            report_bucket_name=plan.output_bucket.bucket_name,
            environment={
                "gate_name": scope.node.path,
                "content_type": content_type,
                "is_packed": json.dumps(plan.options.compression_type == "Gzip"),
                "columns": json.dumps(list(self.columns)),
                "refuses_unjudged": json.dumps(self.refuses_unjudged),
            },
            safekeeping=safekeeping,
        )
        _grant(function, plan, baseline)
        return function


def _grant(function: lambda_.Function, plan: Plan, baseline: Location) -> None:
    """Manifests of shards and the objects in them are read, and reports written beside the manifests."""
    role = function.role
    assert role is not None
    bucket, key = baseline
    grant_read(bucket, role, key)
    grant_read(plan.input_bucket, role)
    grant_read(plan.output_bucket, role, f"{WORK_PREFIX}*")
    grant_write(plan.output_bucket, role, f"{WORK_PREFIX}*/drift/*")
