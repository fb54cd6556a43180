"""Amazon Data Firehose: what is put into it at once, and how long it keeps it before it writes an object."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Count, Limit, Range

_CHECKED = date(2026, 11, 21)
_API = "firehose API model 2015-08-04 (botocore 1.44.5)"
_PATH = "AWS::KinesisFirehose::DeliveryStream/ExtendedS3DestinationConfiguration/BufferingHints"

RECORD = Limit(
    id="FH-RECORD",
    what="data of a record of a Firehose stream before base64",
    unit="bytes",
    allowed=Range(0, 1_024_000),
    source=f"{_API}: Data",
    checked_on=_CHECKED,
    shape="firehose.Data",
)
PUT_RECORD_BATCH = Limit(
    id="FH-PUTBATCH",
    what="records of a PutRecordBatch request",
    unit="records",
    allowed=Count(1, 500),
    source=f"{_API}: PutRecordBatchRequestEntryList",
    checked_on=_CHECKED,
    shape="firehose.PutRecordBatchRequestEntryList",
)
PUT_RECORD_BATCH_BYTES = Limit(
    id="FH-PUTBATCH-BYTES",
    what="bytes of a PutRecordBatch request",
    unit="bytes",
    allowed=Range(0, 4_194_304),
    source=f"{_API}: PutRecordBatch",
    checked_on=_CHECKED,
)
BUFFERING_INTERVAL = Limit(
    id="FH-BUFFER-TIME",
    what="IntervalInSeconds of BufferingHints",
    unit="s",
    allowed=Range(0, 900),
    default=300,
    source=f"{_API}: BufferingHints",
    checked_on=_CHECKED,
    paths=(f"{_PATH}/IntervalInSeconds",),
    shape="firehose.IntervalInSeconds",
)
BUFFERING_SIZE = Limit(
    id="FH-BUFFER-SIZE",
    what="SizeInMBs of BufferingHints",
    unit="MiB",
    allowed=Range(1, 128),
    default=5,
    source=f"{_API}: BufferingHints",
    checked_on=_CHECKED,
    paths=(f"{_PATH}/SizeInMBs",),
    shape="firehose.SizeInMBs",
)
