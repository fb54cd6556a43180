"""Options of hybrid inference: what they refuse, all at once, and what they make of lines of answers."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import (
    Comparison,
    DataProcessing,
    Fallback,
    Freshness,
    HybridMonitoring,
    InvalidConfiguration,
    LookupApi,
    PredictionLoad,
    PredictionTable,
    TransformOptions,
)
from constructs_lib.checks import Checks
from constructs_lib.options.answers import AnswerLines, check_lines, default_options

JSON_LINES = "application/jsonlines"


@pytest.mark.parametrize(
    ("make", "given", "problems"),
    [
        (PredictionTable, {"read_capacity": 0}, ["go together", "read_capacity must be at least 1, got 0"]),
        (
            PredictionLoad,
            {"max_concurrency": 10_001, "tolerated_failure_percentage": 101},
            ["from 0 to 10000 executions, got 10001", "from 0 to 100, got 101"],
        ),
        (PredictionLoad, {"max_concurrency": 0}, ["must be a number from 1"]),
        (
            Freshness,
            {"max_age_in_hours": 0, "write_back_in_hours": -1},
            ["max_age_in_hours must be above 0", "write_back_in_hours must be at least 0"],
        ),
        (
            Fallback,
            {"timeout_in_seconds": 0, "max_concurrency": 0},
            ["timeout_in_seconds must be above 0, at most 890", "max_concurrency must be at least 1, got 0; None"],
        ),
        (
            Comparison,
            {"share": 0, "tolerance": -1, "max_disagreement_in_percent": 100, "min_comparisons": 0},
            [
                "share must be above 0",
                "tolerance must be at least 0",
                "below 100",
                "min_comparisons must be at least 1",
            ],
        ),
        (
            HybridMonitoring,
            {"default_answers_in_percent": 100, "latency_p99_in_milliseconds": 0},
            [
                "default_answers_in_percent must be at least 0 and below 100",
                "latency_p99_in_milliseconds must be above 0",
            ],
        ),
    ],
)
def test_all_wrong_values_of_an_option_are_refused_at_once(make: Any, given: Any, problems: list[str]) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        make(**given)
    assert len(caught.value.problems) == len(problems)
    for problem, part in zip(caught.value.problems, problems, strict=True):
        assert part in problem


def test_the_bounds_themselves_are_taken() -> None:
    PredictionTable(read_capacity=1, write_capacity=1)
    PredictionLoad(max_concurrency=10_000, tolerated_failure_percentage=100)
    Freshness(max_age_in_hours=1 / 3600, write_back_in_hours=0)
    Fallback(timeout_in_seconds=890, max_concurrency=1)
    Comparison(share=1, max_disagreement_in_percent=0, min_comparisons=1)


def test_numbers_that_are_told_to_the_handlers_in_other_units_must_be_known() -> None:
    number: Any = cdk.Token.as_number({"Ref": "Parameter"})
    for make, name in (
        (PredictionLoad, "max_concurrency"),
        (Freshness, "max_age_in_hours"),
        (Fallback, "timeout_in_seconds"),
        (Comparison, "share"),
    ):
        with pytest.raises(InvalidConfiguration, match="known in the synthesis"):
            make(**{name: number})
    assert PredictionTable(read_capacity=number, write_capacity=number).read_capacity == number
    assert Fallback(max_concurrency=number).max_concurrency == number


@pytest.mark.parametrize(("seconds", "is_within"), [(27, True), (27.1, False)])
def test_an_http_api_bounds_the_time_for_an_answer_and_a_function_url_does_not(seconds: float, is_within: bool) -> None:
    for api, expected in ((LookupApi.HTTP_API, is_within), (LookupApi.FUNCTION_URL, True)):
        checks = Checks("Fallback")
        Fallback(timeout_in_seconds=seconds).check_within(checks, api)
        if expected:
            checks.done()
        else:
            with pytest.raises(InvalidConfiguration, match="at most 27 behind an HTTP API"):
                checks.done()


def _lines(**options: Any) -> AnswerLines:
    given = TransformOptions(**options)
    checks = Checks("options")
    check_lines(checks, given)
    checks.done()
    return AnswerLines.of(given)


def test_csv_has_its_id_first_and_then_the_answer() -> None:
    assert default_options().data_processing == DataProcessing.by_id()
    lines = AnswerLines.of(default_options())
    assert (lines.media_type, lines.id, lines.answer) == ("text/csv", "0", "1")


def test_csv_that_is_joined_and_not_filtered_has_the_answer_last() -> None:
    lines = _lines(accept="text/csv", data_processing=DataProcessing(join_source="Input"))
    assert (lines.id, lines.answer) == ("0", "-1")


def test_json_lines_have_the_id_that_is_kept_beside_the_answer() -> None:
    keyed = DataProcessing.by_id_attribute("user", features="watched")
    assert (keyed.input_filter, keyed.output_filter) == ("$.watched", "$['user','SageMakerOutput']")
    lines = _lines(content_type=JSON_LINES, accept=JSON_LINES, data_processing=keyed)
    assert (lines.media_type, lines.id, lines.answer) == (JSON_LINES, "user", "SageMakerOutput")
    whole = _lines(content_type=JSON_LINES, accept=JSON_LINES, data_processing=DataProcessing(join_source="Input"))
    assert whole.id == "id"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "must join each answer to its record, or no answer has an id; give DataProcessing.by_id"),
        ({"content_type": "application/x-npy", "split_type": "None"}, "must be text/csv or application/jsonlines"),
        ({"accept": "text/csv", "data_processing": DataProcessing(input_filter="$[1:]")}, "must join each answer"),
        (
            {"accept": "text/csv", "data_processing": DataProcessing(join_source="Input", output_filter="$[-1]")},
            "must keep the id and the answer, got '$[-1]'",
        ),
        (
            {
                "content_type": JSON_LINES,
                "accept": JSON_LINES,
                "data_processing": DataProcessing(join_source="Input", output_filter="$.SageMakerOutput"),
            },
            "must keep the id and the answer",
        ),
    ],
)
def test_lines_without_ids_are_refused_with_the_remedy(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        _lines(**options)
    assert any(problem in each for each in caught.value.problems)


def test_answers_that_are_no_lines_are_refused() -> None:
    keyed = DataProcessing.by_id_attribute()
    with pytest.raises(InvalidConfiguration, match="assemble_with must be Line, got None"):
        _lines(
            content_type=JSON_LINES, accept=JSON_LINES, split_type="None", assemble_with="None", data_processing=keyed
        )
