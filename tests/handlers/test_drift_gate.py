"""The function that looks at the records of a batch before its jobs start."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from drift.settings import GateSettings
from tests.handlers.batches import INPUTS, PLAN, MemoryS3
from tests.handlers.conftest import _load
from tests.handlers.drifting import GATE_ENVIRONMENT, REPORTS, buckets, rows


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("drift.gate", GATE_ENVIRONMENT)


def lines(count: int, shift: float = 0, *, seed: int = 1) -> bytes:
    return "".join(f"{age},{colour}\n" for age, colour, _ in rows(count, shift=shift, seed=seed)).encode()


def batch(*bodies: bytes) -> MemoryS3:
    """Two shards, their manifests as the plan writes them."""
    s3 = buckets()
    names = [f"{index}.csv" for index in range(len(bodies))]
    s3.fill(INPUTS, {f"in/{name}": body for name, body in zip(names, bodies, strict=True)})
    head = {"prefix": f"s3://{INPUTS}/in/"}
    for shard in range(2):
        key = f"{PLAN['work']}shards/{shard}/manifest.json"
        s3.fill(REPORTS, {key: json.dumps([head, *names[shard::2]]).encode()})
    return s3


def checked(handler: ModuleType, s3: MemoryS3, **environment: str) -> dict[str, Any]:
    settings = GateSettings.from_environment({**GATE_ENVIRONMENT, **environment})
    return dict(handler.Gate(settings, s3=s3).check(PLAN))


def test_a_batch_like_the_training_data_goes_on(handler: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    s3 = batch(lines(400), b"age,colour\n" + lines(400, seed=2), lines(400, seed=3))
    found = checked(handler, s3)
    assert (found["status"], found["records"], found["misshapen"]) == ("stable", 1200, 0)
    assert (REPORTS, f"{PLAN['work']}drift/report.html") in s3.objects
    whole, *features = map(json.loads, capsys.readouterr().out.splitlines())
    assert {line["correlation_id"] for line in (whole, *features)} == {PLAN["run"]}
    assert whole["Gate"] == "Stack/Pipeline/Before"
    assert [line["Feature"] for line in features] == ["age", "colour"], "there are no predictions before the jobs"


def test_a_batch_of_other_data_is_stopped_with_the_reason(handler: ModuleType) -> None:
    with pytest.raises(
        handler.DataDrifted, match="1 of 2 features are not as in training, such as age: s3://reports/work/"
    ):
        checked(handler, batch(lines(1000, 1.5)))


def test_too_few_records_go_on_unless_that_is_refused(handler: ModuleType) -> None:
    s3 = batch(lines(100, 9))
    assert checked(handler, s3)["status"] == "not judged"
    with pytest.raises(handler.NotJudged, match="100 records were read, too few to judge"):
        checked(handler, s3, REFUSES_UNJUDGED="true")


def test_packed_objects_are_unpacked_and_damaged_ones_counted(handler: ModuleType) -> None:
    packed = gzip.compress(lines(1000))
    found = checked(handler, batch(packed, packed[:-9], b"no gzip"), IS_PACKED="true")
    assert (found["records"], found["unreadable"]) == (1000, 2)


def test_an_object_that_unpacks_without_end_is_read_no_further_than_allowed(handler: ModuleType) -> None:
    bomb = gzip.compress(b"0" * 64 * 1024 * 1024)
    found = checked(handler, batch(bomb), IS_PACKED="true", MAX_MEGABYTES="2")
    assert (found["megabytes_read"], found["status"]) == (2, "not judged")


def test_columns_that_the_model_does_not_get_are_left_out(handler: ModuleType) -> None:
    text = "".join(f"id-{index},{colour},{age}\n" for index, (age, colour, _) in enumerate(rows(600)))
    s3 = batch(text.encode() + b"short\n")
    found = checked(handler, s3, COLUMNS="[2, 1]")
    assert (found["status"], found["records"], found["misshapen"]) == ("stable", 600, 1)


def test_documents_and_lines_of_json_are_read(handler: ModuleType) -> None:
    records = [{"age": float(age), "colour": colour} for age, colour, _ in rows(600)]
    document = json.dumps(records, indent=1).encode()
    assert checked(handler, batch(document), CONTENT_TYPE="application/json")["records"] == 600
    text = "".join(f"{json.dumps(record)}\n" for record in records).encode()
    assert checked(handler, batch(text), CONTENT_TYPE="application/jsonlines")["records"] == 600


def test_bytes_that_are_no_text_are_counted(handler: ModuleType) -> None:
    assert checked(handler, batch(b"\xff\xfe\n" + lines(600)))["unreadable"] == 1
