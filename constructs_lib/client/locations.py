"""Objects in S3 by their s3:// locations."""

from __future__ import annotations

from urllib.parse import urlsplit


def split(location: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``; raises ValueError for anything else."""
    parts = urlsplit(location)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError(f"a location must be s3://BUCKET/KEY, got {location!r}")
    # Not the parsed path: a key may hold ? and #.
    return parts.netloc, location[len(f"s3://{parts.netloc}/") :]
