"""Tables of DynamoDB: what one item holds, what one request writes, and how much of it a second."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Range, Severity
from constructs_lib.facts.paths import TABLE

_CHECKED = date(2026, 11, 21)
_API = "dynamodb API model 2012-08-10 (botocore 1.44.5)"
_QUOTAS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"

ITEM = Limit(
    id="DDB-ITEM",
    what="item, the names of its attributes counted in",
    unit="bytes",
    allowed=Range(1, 409_600),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
PARTITION_KEY = Limit(
    id="DDB-PARTITION-KEY",
    what="value of a partition key",
    unit="bytes",
    allowed=Range(1, 2048),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
# Of 16 MB together, which as many items of the largest size do not reach.
BATCH_WRITE = Limit(
    id="DDB-BATCH-WRITE",
    what="items that a BatchWriteItem puts or deletes",
    unit="items",
    allowed=Range(1, 25),
    source=f"{_API}: WriteRequests",
    checked_on=_CHECKED,
    shape="dynamodb.WriteRequests",
)
CAPACITY = Limit(
    id="DDB-CAPACITY",
    what="ReadCapacityUnits or WriteCapacityUnits of a table, as long as the quota is not raised",
    unit="units",
    allowed=Range(1, 40_000),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    paths=(
        f"{TABLE}/ProvisionedThroughput/ReadCapacityUnits",
        f"{TABLE}/ProvisionedThroughput/WriteCapacityUnits",
    ),
    fix="give 1 or more, and raise the quota of the account for more than 40,000",
)
