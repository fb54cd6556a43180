"""Objects in S3 by their s3:// locations."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit


def split(location: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``; raises ValueError for anything else."""
    parts = urlsplit(location)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError(f"a location must be s3://BUCKET/KEY, got {location!r}; write it so")
    # Not the parsed path: a key may hold ? and #.
    return parts.netloc, location[len(f"s3://{parts.netloc}/") :]


def below(folder: Path, name: str) -> Path:
    """The file of an object below a folder; raises ValueError where its name, which anybody chose, leads elsewhere."""
    if "\0" in name or {"", ".", ".."} & set(name.split("/")):
        raise ValueError(f"{name[:100]!r} is no path below a folder; read that object by its location")
    return folder / name


def file_name(text: str) -> str:
    """A text as the name of a file: what has a meaning in a path is written as %2F and the like."""
    return quote(text, safe=" !@+=,()~", errors="backslashreplace")
