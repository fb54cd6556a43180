"""What becomes of a batch of a stream, by the answer of the function and the terms of the mapping."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.local.streams.batches import Answer, Batch, Terms, left_of, number_of, sifted

PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def batch(*numbers: int, failures: int = 0) -> Batch:
    return Batch(tuple({"kinesis": {"sequenceNumber": str(number)}} for number in numbers), failures)


def numbers(batches: tuple[Batch, ...]) -> list[tuple[list[int], int]]:
    return [([int(number_of(record)) for record in each.records], each.failures) for each in batches]


def reported(*items: object) -> Answer:
    return Answer({"batchItemFailures": [{"itemIdentifier": item} for item in items]})


def test_a_mapping_of_no_limits_has_lambda_s_defaults() -> None:
    terms = Terms.of({})
    assert (terms.batch_size, terms.window, terms.parallelization_factor) == (100, 0.0, 1)
    assert (terms.most_retries, terms.oldest, terms.bisects, terms.reports_failures) == (None, None, False, False)


@pytest.mark.parametrize("body", [None, "text", {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_answer_without_failures_is_the_end_of_a_batch(body: Any) -> None:
    assert left_of(batch(1, 2), Answer(body), Terms.of(PARTIAL)) == ()


def test_the_lowest_reported_record_is_where_the_next_try_begins() -> None:
    assert numbers(left_of(batch(1, 2, 3, 4), reported("4", "2"), Terms.of(PARTIAL))) == [([2, 3, 4], 1)]


@pytest.mark.parametrize("item", ["7", "", None])
def test_a_report_of_no_record_of_the_batch_is_a_failure_of_all(item: object) -> None:
    assert numbers(left_of(batch(1, 2), reported(item), Terms.of(PARTIAL))) == [([1, 2], 1)]


def test_reports_that_the_mapping_did_not_ask_for_count_for_nothing() -> None:
    assert left_of(batch(1, 2), reported("1"), Terms.of({})) == ()


def test_a_failed_batch_is_cut_in_two_at_no_cost_until_a_record_stands_alone() -> None:
    terms = Terms.of({"BisectBatchOnFunctionError": True})
    failed = Answer(has_failed=True)
    assert numbers(left_of(batch(1, 2, 3, failures=2), failed, terms)) == [([1, 2], 2), ([3], 2)]
    assert numbers(left_of(batch(3, failures=2), failed, terms)) == [([3], 3)]


def test_a_failed_batch_stays_whole_where_it_is_not_to_be_cut() -> None:
    assert numbers(left_of(batch(1, 2), Answer(has_failed=True), Terms.of({}))) == [([1, 2], 1)]


def test_a_throttled_invocation_costs_no_retry() -> None:
    assert left_of(batch(1, failures=4), Answer(is_throttled=True), Terms.of({})) == (batch(1, failures=4),)


@pytest.mark.parametrize(("failures", "is_given_up"), [(2, False), (3, True)])
def test_a_batch_is_given_up_after_its_retries(failures: int, is_given_up: bool) -> None:
    given_up, left = sifted(batch(1, failures=failures), Terms.of({"MaximumRetryAttempts": 2}), lambda _: 0.0)
    assert [each.condition for each in given_up] == ["RetryAttemptsExhausted"] * is_given_up
    assert (left is None) is is_given_up


def test_only_records_that_are_too_old_are_given_up() -> None:
    ages = {"1": 90.0, "2": 61.0, "3": 60.0, "4": 0.0}
    terms = Terms.of({"MaximumRecordAgeInSeconds": 60})
    [given_up], left = sifted(batch(1, 2, 3, 4, failures=9), terms, lambda record: ages[number_of(record)])
    assert (given_up.condition, numbers((given_up.batch,))) == ("RecordAgeExceeded", [([1, 2], 9)])
    assert left is not None
    assert numbers((left,)) == [([3, 4], 9)]


def test_a_batch_may_be_too_old_as_a_whole() -> None:
    [given_up], left = sifted(batch(1, 2), Terms.of({"MaximumRecordAgeInSeconds": 60}), lambda _: 61.0)
    assert (left, len(given_up.batch.records)) == (None, 2)
