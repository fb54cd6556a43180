"""Amazon Data Firehose."""

from __future__ import annotations

from constructs_lib.rules.examples.example import Document, Example, boundary, resource, template


def delivery() -> Document:
    """Delivery: a delivery stream that writes to a bucket."""
    destination = {
        "BucketARN": "arn:aws:s3:::lake",
        "RoleARN": "arn:aws:iam::123456789012:role/delivery",
        "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 5},
    }
    return template(
        Delivery=resource("AWS::KinesisFirehose::DeliveryStream", ExtendedS3DestinationConfiguration=destination)
    )


_HINTS = "Delivery.ExtendedS3DestinationConfiguration.BufferingHints"

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "FH-BUFFER-TIME": (
        boundary(delivery(), f"{_HINTS}.IntervalInSeconds", passes=900, fails=901),
        boundary(delivery(), f"{_HINTS}.IntervalInSeconds", passes=0, fails=-1),
    ),
    "FH-BUFFER-SIZE": (
        boundary(delivery(), f"{_HINTS}.SizeInMBs", passes=1, fails=0),
        boundary(delivery(), f"{_HINTS}.SizeInMBs", passes=128, fails=129),
    ),
}
