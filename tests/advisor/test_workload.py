"""What a workload may hold, and how times and sizes are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.advisor import Compare, Traffic, Workload
from constructs_lib.advisor.files import read_workload, workload_of
from constructs_lib.advisor.quantities import count, seconds, share, size, size_text, time_text, whole
from constructs_lib.errors import InvalidConfiguration


@pytest.mark.parametrize(
    ("text", "value"),
    [("100ms", 0.1), ("2s", 2), ("1.5 s", 1.5), ("5m", 300), ("5min", 300), ("6h", 21600), ("1d", 86400), ("3", 3)],
)
def test_a_time_is_read(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("500KB", 512_000), ("8MB", 8_388_608), ("1 GB", 1_073_741_824), ("2.5mb", 2_621_440), ("7", 7)]
)
def test_a_size_is_read_as_aws_counts(text: str, value: int) -> None:
    assert size(text) == value


@pytest.mark.parametrize(("text", "value"), [("500", 500), ("10k", 10_000), ("2M", 2e6), ("1,000", 1000), ("7_5", 75)])
def test_a_count_is_read(text: str, value: float) -> None:
    assert count(text) == value


@pytest.mark.parametrize(("text", "value"), [("95%", 0.95), ("0.95", 0.95), ("100 %", 1), ("1", 1)])
def test_a_share_is_read(text: str, value: float) -> None:
    assert share(text) == value


def test_a_fraction_of_a_model_is_refused() -> None:
    assert whole("3") == 3
    with pytest.raises(ValueError, match="a whole number is expected"):
        whole("1.5")


@pytest.mark.parametrize("text", ["", "fast", "10 parsecs", "--1s", "1..5s", "1,5s"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a time is written like"):
        seconds(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "100 ms"), (1, "1 s"), (90, "90 s"), (300, "5 min"), (26_520, "7.4 h"), (21_600, "6 h"), (86_400, "1 d")],
)
def test_a_time_is_told(value: float, text: str) -> None:
    assert time_text(value) == text


@pytest.mark.parametrize(("value", "text"), [(12, "12 bytes"), (4_194_304, "4 MB"), (4_718_592, "4.5 MB")])
def test_a_size_is_told(value: int, text: str) -> None:
    assert size_text(value) == text


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"latency": 0}, "latency must be above 0, got 0"),
        ({"payload": -1}, "payload must be at least 0, got -1"),
        ({"precomputable": 95}, "precomputable must be a share from 0 to 1, got 95; 0.95 is 95 %"),
        ({"models": 0}, "models must be a whole number of at least 1, got 0"),
        ({"records_per_run": 1.5}, "records_per_run must be a whole number of at least 1, got 1.5"),
        ({"models": 1.5}, "models must be a whole number of at least 1, got 1.5"),
        ({"latency": "soon"}, "latency must be a number, got 'soon'"),
        ({"latency": float("nan")}, "latency must be a number, got nan"),
        ({"traffic": "wild"}, "traffic must be one of steady, spiky, intermittent, scheduled, stream, got 'wild'"),
        ({"compare": "dead"}, "compare must be one of live, mirror, got 'dead'"),
        ({"gpu": "yes"}, "gpu must be true or false, got 'yes'"),
        ({"due": "25:00"}, "due must be a time of day such as 08:00, got '25:00'"),
        ({"region": "Ireland"}, "region must be written like us-east-1, got 'Ireland'"),
        ({"instance_type": "ml.m5.larg"}, "did you mean ml.m5.large"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        Workload(**given)
    assert len(caught.value.problems) == 1
    assert problem in caught.value.problems[0]


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        Workload(latency=-1, payload=-1, traffic="wild", models=0)  # type: ignore[arg-type] # that is the point
    assert len(caught.value.problems) == 4


def test_words_become_members() -> None:
    given = Workload(traffic="spiky", compare="live")  # type: ignore[arg-type] # as a file says it
    assert (given.traffic, given.compare) == (Traffic.SPIKY, Compare.LIVE)


def test_a_workload_is_read_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "workload.yaml"
    path.write_text(
        "latency: 100ms\npayload: 8MB\ntraffic: spiky\nscale-to-zero: true\nsame_framework: false\n", "utf-8"
    )
    assert read_workload(path) == Workload(
        latency=0.1, payload=8_388_608, traffic=Traffic.SPIKY, scale_to_zero=True, same_framework=False
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "must be YAML or JSON"),
        ("- latency", "must be a mapping such as payload: 8MB"),
        ("latncy: 1s", "there is no field 'latncy'; did you mean latency?"),
        ("payload: huge", "payload: a size is written like"),
        ("models: 0", "models must be a whole number"),
    ],
)
def test_a_wrong_file_is_refused_with_its_problem(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "workload.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidConfiguration, match=problem.replace("?", r"\?")):
        read_workload(path)


def test_a_mapping_tells_all_its_unknown_names_at_once() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        workload_of({"speed": 1, "weight": 2})
    assert len(caught.value.problems) == 2
