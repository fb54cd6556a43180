"""Metrics that functions write into their logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.local.plugin.embedded_metrics import Value, values_in


def line(*, dimensions: list[list[str]], metrics: list[dict[str, str]], **members: Any) -> str:
    directive = {"Namespace": "Ours", "Dimensions": dimensions, "Metrics": metrics}
    return json.dumps({"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]}, **members})


def test_each_metric_has_a_value_for_each_set_of_dimensions() -> None:
    metrics = [{"Name": "Count", "Unit": "Count"}, {"Name": "Share"}]
    text = line(dimensions=[["A"], ["A", "B"]], metrics=metrics, A="a", B="b", Count=2, Share=0.5)
    assert list(values_in(text)) == [
        Value("Ours", "Count", 2, "Count", {"A": "a"}),
        Value("Ours", "Share", 0.5, "None", {"A": "a"}),
        Value("Ours", "Count", 2, "Count", {"A": "a", "B": "b"}),
        Value("Ours", "Share", 0.5, "None", {"A": "a", "B": "b"}),
    ]


def test_several_values_of_one_metric_are_all_counted() -> None:
    text = line(dimensions=[[]], metrics=[{"Name": "Time"}], Time=[1, 2])
    assert [each.value for each in values_in(text)] == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "START",
        '{"_aws": 5}',
        '{"_aws": {"CloudWatchMetrics": [{}]}}',
        '{"_aws"',
        line(dimensions=[["absent"]], metrics=[{"Name": "x"}], x=1),
    ],
)
def test_a_line_of_another_form_has_no_metrics(text: str) -> None:
    assert list(values_in(text)) == []
