"""What AWS answers when it refuses something, and why: texts from public reports, each with its source.

The texts stand in ``aws_errors.json``; ``...`` in them is what differs from case to case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsError:
    """One answer of AWS's: its text, the cause, what to do about it, and what looks for it before a deployment.

    ``limits`` are the ids of the rows of the facts that it comes from; ``commands`` those of the command line that look
    for it, besides ``check``, which looks for every row that is a rule. Where ``sources`` is empty, the source is that
    of the rows.
    """

    id: str
    subject: str
    says: str
    cause: str
    remedy: str
    limits: tuple[str, ...]
    commands: tuple[str, ...]
    sources: tuple[str, ...]


@cache
def aws_errors() -> Mapping[str, AwsError]:
    """Every known answer by its id, by subject and in the order of the file."""
    document = json.loads(Path(__file__).with_name("aws_errors.json").read_text("utf-8"))
    return {
        row["id"]: AwsError(
            id=row["id"],
            subject=subject,
            says=row["says"],
            cause=row["cause"],
            remedy=row["remedy"],
            limits=tuple(row["limits"]),
            commands=tuple(row["commands"]),
            sources=tuple(row["sources"]),
        )
        for subject, rows in document["errors"].items()
        for row in rows
    }
