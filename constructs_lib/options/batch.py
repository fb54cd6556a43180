"""Batches: which objects are transformed, what is tried again, and where the results go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.facts import transform, workflows
from constructs_lib.tokens import is_token

WORK_PREFIX = "work/"
"""Of the output bucket: what a run leaves behind, below the name of its execution unless it is idempotent."""
RUNS_PREFIX = "runs/"
"""Of the input bucket: where clients put the inputs of each run, apart from those of others and of a schedule."""
SUCCESS_NAME = "_SUCCESS"
"""Written last, when everything is there."""
_MOST_ATTEMPTS = 99
_RESULTS = re.compile(r"(?!/)[a-zA-Z0-9!_.*'()=/{}-]+/")
_PARTS = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class InputSelection:
    """Which objects below the input prefix are transformed; by default all but folders and empty ones.

    An execution may give ``modified_after`` and ``modified_before`` instead of the hours.

    :param suffixes: only keys that end with one of these, such as ``.csv``.
    :param modified_within_hours: only objects that were written so short a time before the execution started.
    :raises InvalidConfiguration: with every wrong value.
    """

    suffixes: Sequence[str] = ()
    modified_within_hours: int | None = None

    def __post_init__(self) -> None:
        checks = Checks("InputSelection")
        is_list = not isinstance(self.suffixes, str) and all(self.suffixes)
        form = f"suffixes must be a list of texts that are not empty, such as ['.csv'], got {self.suffixes!r}"
        checks.require(is_list, f"{form}; leave it out to take every object", transform.S3_URI)
        hours = self.modified_within_hours
        problem = f"modified_within_hours must be at least 1, got {hours}; leave it out to take objects of any age"
        checks.require(hours is None or is_token(hours) or hours >= 1, problem, transform.S3_URI)
        checks.done()


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRecovery:
    """What a batch does about failures. Errors in the data are never tried again.

    A job for which there is no capacity goes to the next instance type at once. When all types were tried, or the API
    was throttled, the shard waits for a random time up to ``min_delay_in_seconds`` x 2 for each attempt (full jitter).

    :param fallback_instance_types: tried in this order when there is no capacity for the pipeline's own type.
    :param max_attempts: jobs for a shard at most, over all types; 8 by default.
    :param min_delay_in_seconds: the upper bound of the first wait; 60 by default.
    :param max_delay_in_seconds: the upper bound of every wait; 1800 by default.
    :param timeout_in_hours: from the start of the execution, or of its redrive, after which its jobs are stopped and
        count as failed; 24 by default. The execution itself may take an hour longer.
    :param is_idempotent: a second execution for the same objects runs the shards that are not complete, or nothing; the
        objects, their versions, the model and the options tell. While the first one runs, the second does nothing. By
        default every execution is a batch of its own.
    :raises InvalidConfiguration: with every wrong value.
    """

    fallback_instance_types: Sequence[str] = ()
    max_attempts: int = 8
    min_delay_in_seconds: int = 60
    max_delay_in_seconds: int = 1800
    timeout_in_hours: float = 24
    is_idempotent: bool = False

    def __post_init__(self) -> None:
        checks = Checks("BatchRecovery")
        for name in ("max_attempts", "min_delay_in_seconds", "max_delay_in_seconds", "timeout_in_hours"):
            problem = f"{name} must be a number that is known in the synthesis; it stands in expressions"
            checks.require(not is_token(getattr(self, name)), problem, workflows.HISTORY)
        attempts = self.max_attempts
        checks.require(
            is_token(attempts) or 1 <= attempts <= _MOST_ATTEMPTS,
            f"max_attempts must be 1 to {_MOST_ATTEMPTS}, got {attempts}; each adds to the history of the execution",
            workflows.HISTORY,
        )
        for name in ("min_delay_in_seconds", "max_delay_in_seconds"):
            checks.limit(name, getattr(self, name), workflows.RETRY_DELAY)
        checks.at_most(
            ("min_delay_in_seconds", self.min_delay_in_seconds),
            ("max_delay_in_seconds", self.max_delay_in_seconds),
            workflows.RETRY_DELAY,
            "lower it or raise max_delay_in_seconds",
        )
        seconds = self.timeout_in_hours * 3600
        checks.limit("timeout_in_hours x 3600", seconds, workflows.EXECUTION_TIME)
        problem = f"timeout_in_hours must be above 0, got {self.timeout_in_hours}; give what a batch may take"
        checks.require(is_token(seconds) or seconds >= 1, problem, workflows.EXECUTION_TIME)
        checks.done()


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchResults:
    """Where the answers of a complete batch are put, and what complete means.

    :param prefix: of the output bucket, with ``{date}`` and ``{run}`` in it; ``results/{date}/{run}/`` by default.
        Below it are ``answers/``, ``report.json`` and, written last, ``_SUCCESS``. Without ``{run}`` a later batch of
        the same day takes the place of the earlier one.
    :param counts_records: also compare the records of each object with those of its answer; both must be lines.
    :raises InvalidConfiguration: for a prefix of another form.
    """

    prefix: str = "results/{date}/{run}/"
    counts_records: bool = False

    def __post_init__(self) -> None:
        checks = Checks("BatchResults")
        parts = _PARTS.findall(self.prefix)
        checks.require(
            _RESULTS.fullmatch(self.prefix) is not None
            and "date" in parts
            and set(parts) <= {"date", "run"}
            and len(parts) == len(set(parts))
            and ("{run}" not in self.prefix or "/{run}/" in f"/{self.prefix}")
            and not self.prefix.startswith(WORK_PREFIX),
            "prefix must hold {date}, may hold {run}/ between slashes, ends with a slash, and is not below "
            f"{WORK_PREFIX}, got {self.prefix!r}; such as results/{{date}}/{{run}}/",
            transform.S3_URI,
        )
        checks.done()

    def check(self, checks: Checks, *, split_type: str, assemble_with: str) -> None:
        """Note a problem if records are to be counted that are no lines."""
        lines = split_type == "Line" and assemble_with == "Line"
        problem = (
            "counts_records counts lines: split_type and assemble_with must both be Line, "
            f"got {split_type} and {assemble_with}; or leave counts_records out"
        )
        checks.require(lines or not self.counts_records, problem, transform.ASSEMBLE_WITH)
