"""Kinesis streams and the functions that read them."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Range, Severity, Told
from constructs_lib.facts.paths import EVENT_SOURCE_MAPPING, STREAM

_CHECKED = date(2026, 11, 21)
_API = "kinesis API model 2013-12-02 (botocore 1.44.5)"
_LAMBDA = "lambda API model 2015-03-31 (botocore 1.44.5)"
_QUOTAS = "https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"

RECORD = Limit(
    id="KIN-RECORD",
    what="data of a record before base64",
    unit="bytes",
    allowed=Range(0, 10_485_760),
    source=_QUOTAS,
    checked_on=_CHECKED,
    shape="kinesis.Data",
)
MAX_RECORD_SIZE = Limit(
    id="KIN-RECORD-MAX",
    what="MaxRecordSizeInKiB",
    unit="KiB",
    allowed=Range(1024, 10_240),
    default=1024,
    source=f"{_API}: MaxRecordSizeInKiB",
    checked_on=_CHECKED,
    paths=(f"{STREAM}/MaxRecordSizeInKiB",),
    shape="kinesis.MaxRecordSizeInKiB",
)
# Three quarters of what a function takes (LAMBDA-PAYLOAD): Lambda hands the data on in base64.
RECORD_FOR_FUNCTION = Limit(
    id="KIN-RECORD-LAMBDA",
    what="MaxRecordSizeInKiB of a stream that a function reads",
    unit="KiB",
    allowed=Range(1024, 4608),
    source="https://docs.aws.amazon.com/streams/latest/dev/large-records.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
SHARD_WRITE = Limit(
    id="KIN-SHARD",
    what="bytes written to a shard in a second",
    unit="bytes/s",
    allowed=Range(0, 1_048_576),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
SHARD_WRITE_RECORDS = Limit(
    id="KIN-SHARD-RECORDS",
    what="records written to a shard in a second",
    unit="records/s",
    allowed=Range(0, 1000),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
# It grows with the load, to twice the peak of the last 30 days.
ON_DEMAND_WRITE = Limit(
    id="KIN-ON-DEMAND",
    what="bytes written to a new on-demand stream in a second",
    unit="bytes/s",
    allowed=Range(0, 4_194_304),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
SHARD_READ = Limit(
    id="KIN-SHARD-READ",
    what="bytes read from a shard in a second",
    unit="bytes/s",
    allowed=Range(0, 2_097_152),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
SHARD_READS = Limit(
    id="KIN-SHARD-READS",
    what="calls of GetRecords on a shard in a second; a function makes one",
    unit="calls/s",
    allowed=Range(None, 5),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
GET_RECORDS = Limit(
    id="KIN-GETRECORDS",
    what="records of a GetRecords response",
    unit="records",
    allowed=Range(1, 10_000),
    source=_QUOTAS,
    checked_on=_CHECKED,
    shape="kinesis.GetRecordsInputLimit",
)
GET_RECORDS_BYTES = Limit(
    id="KIN-GETRECORDS-BYTES",
    what="bytes of a GetRecords response",
    unit="bytes",
    allowed=Range(0, 10_485_760),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
PUT_RECORDS = Limit(
    id="KIN-PUTRECORDS",
    what="records of a PutRecords request",
    unit="records",
    allowed=Count(1, 500),
    source=f"{_API}: PutRecordsRequestEntryList",
    checked_on=_CHECKED,
    shape="kinesis.PutRecordsRequestEntryList",
)
PUT_RECORDS_BYTES = Limit(
    id="KIN-PUTRECORDS-BYTES",
    what="bytes of a PutRecords request",
    unit="bytes",
    allowed=Range(0, 10_485_760),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
CONSUMERS = Limit(
    id="KIN-CONSUMERS",
    what="enhanced fan-out consumers of a stream",
    unit="",
    allowed=Range(None, 20),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
# Which of the two an account has, a template cannot show.
ADVANTAGE_CONSUMERS = Limit(
    id="KIN-CONSUMERS-ADVANTAGE",
    what="enhanced fan-out consumers of a stream in On-demand Advantage mode",
    unit="",
    allowed=Range(None, 50),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
RETENTION = Limit(
    id="KIN-RETENTION",
    what="RetentionPeriodHours",
    unit="hours",
    allowed=Range(24, 8760),
    default=24,
    source="https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html",
    checked_on=_CHECKED,
    paths=(f"{STREAM}/RetentionPeriodHours",),
)
SHARDS_ON_DEMAND = Limit(
    id="KIN-SHARDS-ON-DEMAND",
    what="ShardCount of an on-demand stream",
    unit="",
    allowed=Never(),
    source="https://github.com/aws/aws-cdk/issues/18247",
    checked_on=_CHECKED,
    aws_says="ShardCount is not expected when StreamMode=ON_DEMAND",
)
SHARDS_PROVISIONED = Limit(
    id="KIN-SHARDS-PROVISIONED",
    what="ShardCount of a provisioned stream",
    unit="",
    allowed=Told("given"),
    source=f"{_API}: CreateStream",
    checked_on=_CHECKED,
    # github.com/badmintoncryer/cdk-preflight rules/kinesis/pf-kinesis-provisioned-shard-count (2026-09-06)
    aws_says="ShardCount is expected when StreamMode=PROVISIONED",
)
WARM_PROVISIONED = Limit(
    id="KIN-WARM-PROVISIONED",
    what="WarmThroughputMiBps of a provisioned stream",
    unit="",
    allowed=Never(),
    source=f"{_API}: CreateStream",
    checked_on=_CHECKED,
    # github.com/badmintoncryer/cdk-preflight rules/kinesis/pf-kinesis-warm-throughput-shard-count (2026-09-06)
    aws_says="WarmThroughputMiBps can only be set for ON_DEMAND streams",
)
PARALLELIZATION_FACTOR = Limit(
    id="LAMBDA-ESM-PARALLEL",
    what="ParallelizationFactor",
    unit="batches a shard at once",
    allowed=Range(1, 10),
    source=f"{_LAMBDA}: CreateEventSourceMappingRequest.ParallelizationFactor",
    checked_on=_CHECKED,
    paths=(f"{EVENT_SOURCE_MAPPING}/ParallelizationFactor",),
    shape="lambda.CreateEventSourceMappingRequest.ParallelizationFactor",
)
RETRY_ATTEMPTS = Limit(
    id="LAMBDA-ESM-RETRIES",
    what="MaximumRetryAttempts",
    unit="attempts",
    allowed=Range(-1, 10_000),
    default=-1,
    source=f"{_LAMBDA}: CreateEventSourceMappingRequest.MaximumRetryAttempts",
    checked_on=_CHECKED,
    paths=(f"{EVENT_SOURCE_MAPPING}/MaximumRetryAttempts",),
    shape="lambda.CreateEventSourceMappingRequest.MaximumRetryAttempts",
)
# The API model allows -1 to 604,800; Lambda refuses 0 to 59.
RECORD_AGE = Limit(
    id="LAMBDA-ESM-AGE",
    what="MaximumRecordAgeInSeconds",
    unit="s, or -1",
    allowed=Range(60, 604_800),
    default=-1,
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html",
    checked_on=_CHECKED,
    fix="give 60 or more, or -1 to keep records until they expire",
    aws_says="MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)",
)
TUMBLING_WINDOW = Limit(
    id="LAMBDA-ESM-TUMBLING",
    what="TumblingWindowInSeconds",
    unit="s",
    allowed=Range(0, 900),
    source=f"{_LAMBDA}: CreateEventSourceMappingRequest.TumblingWindowInSeconds",
    checked_on=_CHECKED,
    paths=(f"{EVENT_SOURCE_MAPPING}/TumblingWindowInSeconds",),
    shape="lambda.CreateEventSourceMappingRequest.TumblingWindowInSeconds",
)
STARTING_POSITION = Limit(
    id="LAMBDA-ESM-START",
    what="StartingPosition",
    unit="",
    allowed=Choice(("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP")),
    source=f"{_LAMBDA}: CreateEventSourceMappingRequest.StartingPosition",
    checked_on=_CHECKED,
    paths=(f"{EVENT_SOURCE_MAPPING}/StartingPosition",),
    shape="lambda.CreateEventSourceMappingRequest.StartingPosition",
)
STARTING_TIME = Limit(
    id="LAMBDA-ESM-TIMESTAMP",
    what="StartingPositionTimestamp",
    unit="",
    allowed=Told("given with StartingPosition AT_TIMESTAMP"),
    source="https://github.com/awsdocs/aws-cloudformation-user-guide/pull/334",
    checked_on=_CHECKED,
    aws_says="Need to specify a timestamp",
)
