"""Answers that are computed beforehand, and on demand where that does not do: how they are kept, served, computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from constructs_lib.checks import Checks
from constructs_lib.facts import gateways, lambdas, tables, workflows
from constructs_lib.tokens import is_token

MOST_REQUESTS = 100
"""Of one look-up, or ids of one override; callers with more ask several times."""
_SECONDS_PER_HOUR = 3600
# From the end of the time for an answer to the answer of the function itself: metrics, and what is sent on.
_MARGIN_IN_SECONDS = 3


class LookupApi(StrEnum):
    """What callers ask, signed with their credentials; besides both the function may be invoked."""

    FUNCTION_URL = "function-url"
    """The function's own URL: no further cost, no limit of requests but Lambda's."""
    HTTP_API = "http-api"
    """An HTTP API of API Gateway, with IAM authorization, an access log and ``POST /lookup`` and ``/override``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionTable:
    """What the table of answers costs and can do.

    :param read_capacity: units; with ``write_capacity`` it is provisioned, 1 to 40,000 each before the quota is raised.
        By default neither: a table on demand, which is paid for by request.
    :param write_capacity: units; a load is as fast as they allow, a row of 1 KB takes one.
    :param point_in_time_recovery: restorable to any second of the last 35 days; True by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    read_capacity: int | None = None
    write_capacity: int | None = None
    point_in_time_recovery: bool = True

    def __post_init__(self) -> None:
        checks = Checks("PredictionTable")
        both = (self.read_capacity is None) == (self.write_capacity is None)
        problem = "read_capacity and write_capacity go together; give both, or neither for a table on demand"
        checks.require(both, problem, tables.CAPACITY)
        for name in ("read_capacity", "write_capacity"):
            value = getattr(self, name)
            problem = (
                f"{name} must be at least {tables.CAPACITY.minimum}, got {value}; leave both out to pay by request"
            )
            checks.require(value is None or is_token(value) or value >= 1, problem, tables.CAPACITY)
        checks.done()


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionLoad:
    """How the answers of a batch go into the table.

    :param max_concurrency: functions that load an object each at the same time, 1 to 10,000; 4 by default. A new
        account runs 10 functions at once, those that answer callers among them.
    :param tolerated_failure_percentage: of the records; with more that are no rows the batch is not served. 1 by
        default.
    :raises InvalidConfiguration: with every wrong value.
    """

    max_concurrency: int = 4
    tolerated_failure_percentage: float = 1

    def __post_init__(self) -> None:
        checks = Checks("PredictionLoad")
        at_once, share = self.max_concurrency, self.tolerated_failure_percentage
        checks.require(
            not is_token(at_once) and at_once >= 1,
            f"max_concurrency must be a number from 1 that is known in the synthesis, got {at_once}; 0 is no bound",
            workflows.DISTRIBUTED_MAP_CONCURRENCY,
        )
        checks.limit("max_concurrency", at_once, workflows.DISTRIBUTED_MAP_CONCURRENCY)
        problem = f"tolerated_failure_percentage must be from 0 to 100, got {share}; 1 is one of a hundred"
        checks.require(not is_token(share) and 0 <= share <= 100, problem, workflows.DISTRIBUTED_MAP_CONCURRENCY)
        checks.done()

    @property
    def max_failed_share(self) -> float:
        """From 0 to 1."""
        return self.tolerated_failure_percentage / 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    """How old an answer may be.

    :param max_age_in_hours: of a stored answer, counted from the start of its batch; an older one is computed anew. 48
        by default, so that answers of one night outlast a night without a batch.
    :param write_back_in_hours: how long an answer that was computed on demand is kept and served; 24 by default, 0
        keeps none.
    :raises InvalidConfiguration: with every wrong value.
    """

    max_age_in_hours: float = 48
    write_back_in_hours: float = 24

    def __post_init__(self) -> None:
        checks = Checks("Freshness")
        for name, least in (("max_age_in_hours", 1 / _SECONDS_PER_HOUR), ("write_back_in_hours", 0)):
            value = getattr(self, name)
            bound = "at least 0" if least == 0 else "above 0"
            problem = f"{name} must be {bound} and known in the synthesis, got {value}; times are compared in seconds"
            checks.require(not is_token(value) and least <= value < math.inf, problem, tables.ITEM)
        checks.done()

    @property
    def max_age_in_seconds(self) -> int:
        """Of a stored answer."""
        return math.ceil(self.max_age_in_hours * _SECONDS_PER_HOUR)

    @property
    def write_back_in_seconds(self) -> int:
        """Of an answer that was computed on demand."""
        return math.ceil(self.write_back_in_hours * _SECONDS_PER_HOUR)

    @property
    def longest_in_seconds(self) -> int:
        """Of any answer that is served without asking the endpoint."""
        return max(self.max_age_in_seconds, self.write_back_in_seconds)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fallback:
    """What is done for whom no stored answer may be served: the endpoint is asked, within bounds.

    :param timeout_in_seconds: for a request as a whole, above 0 and at most 890 s, 27 s behind an HTTP API; 2 by
        default. What is not answered by then is answered by ``default_answer``, while the answer is still awaited,
        and stored for the next caller.
    :param max_concurrency: requests that the endpoint gets at once, at least 1; 5 by default. It is reserved for the
        function that asks, and so it is a bound: what comes beyond it gets the default answer at once. AWS reserves
        nothing in an account whose limit is 10, as in new ones: give ``None`` there, and the limit itself is the bound.
    :param default_answer: served when nothing else can be; by default there is none, and the answer is null.
    :raises InvalidConfiguration: with every wrong value.
    """

    timeout_in_seconds: float = 2
    max_concurrency: int | None = 5
    default_answer: str | None = None

    def __post_init__(self) -> None:
        checks = Checks("Fallback")
        seconds, most = self.timeout_in_seconds, lambdas.TIMEOUT.maximum - 10
        problem = f"timeout_in_seconds must be above 0, at most {most} and known in the synthesis, got {seconds}; in s"
        checks.require(not is_token(seconds) and 0 < seconds <= most, problem, lambdas.TIMEOUT)
        at_once = self.max_concurrency
        problem = f"max_concurrency must be at least 1, got {at_once}; None reserves nothing"
        checks.require(at_once is None or is_token(at_once) or at_once >= 1, problem, lambdas.RESERVED_CONCURRENCY)
        checks.done()

    def check_within(self, checks: Checks, api: LookupApi) -> None:
        """Note a problem where the API in front gives up sooner."""
        most = gateways.HTTP_TIMEOUT.maximum / 1000 - _MARGIN_IN_SECONDS
        problem = (
            f"fallback.timeout_in_seconds must be at most {most:g} behind an HTTP API, got {self.timeout_in_seconds}; "
            "lower it or give LookupApi.FUNCTION_URL"
        )
        is_within = api is not LookupApi.HTTP_API or self.timeout_in_seconds <= most
        checks.require(is_within, problem, gateways.HTTP_TIMEOUT)

    @property
    def function_timeout_in_seconds(self) -> int:
        """Of the function that answers callers: a little longer than the time for an answer."""
        return math.ceil(self.timeout_in_seconds) + _MARGIN_IN_SECONDS


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Stored answers beside fresh ones: a part of what was served from the table is computed again, behind the caller.

    Only look-ups that bring their payload along can be compared. The comparisons take part of the fallback's
    concurrency.

    :param share: of the stored answers, above 0 and at most 1; 0.01 by default.
    :param tolerance: by which numbers may differ, absolute or relative; 0 by default.
    :param max_disagreement_in_percent: more of the compared answers of an hour than that trip the alarm
        ``Disagreement``; 5 by default.
    :param min_comparisons: in an hour with fewer the alarm keeps silent; 20 by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    share: float = 0.01
    tolerance: float = 0
    max_disagreement_in_percent: float = 5
    min_comparisons: int = 20

    def __post_init__(self) -> None:
        checks = Checks("Comparison")
        for name, holds, bound in (
            ("share", 0 < self.share <= 1, "above 0 and at most 1"),
            ("tolerance", 0 <= self.tolerance < math.inf, "at least 0"),
            ("max_disagreement_in_percent", 0 <= self.max_disagreement_in_percent < 100, "at least 0 and below 100"),
            ("min_comparisons", self.min_comparisons >= 1, "at least 1"),
        ):
            value = getattr(self, name)
            problem = f"{name} must be {bound} and known in the synthesis, got {value}; give such a number"
            checks.require(holds and not is_token(value), problem, lambdas.EVENT_AGE)
        checks.done()
