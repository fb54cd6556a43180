"""Filters and joins of transform jobs, by the examples of AWS's guide, and in whole jobs."""

import json
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.transform.filters import parse, select
from constructs_lib.local.transform.joins import Processing, answers_of_records
from constructs_lib.local.transform.records import BadRecords
from tests.local.conftest import Serve, refused
from tests.local.test_transform import Batch

ROW = ["0", "1", "2", "3", "4", "5", "6"]
RECORD = {"id": {"a": 1, "b": 2}, "features": [1, 2, 3], "rows": [{"x": 1}, {"x": 2}]}


@pytest.mark.parametrize(
    ("path", "value", "selected"),
    [
        ("$", ROW, ROW),
        ("$[1]", ROW, "1"),
        ("$[-1]", ROW, "6"),
        ("$[1,3,5]", ROW, ["1", "3", "5"]),
        ("$[1:4]", ROW, ["1", "2", "3", "4"]),  # the second through fifth columns
        ("$[:5]", ROW, ["0", "1", "2", "3", "4", "5"]),  # the first through the sixth
        ("$[5:]", ROW, ["5", "6"]),
        ("$[-2:]", ROW, ["5", "6"]),
        ("$[0,5:]", ROW, ["0", "5", "6"]),
        ("$.features", RECORD, [1, 2, 3]),
        ("$.id.*", RECORD, [1, 2]),
        ("$['id','features']", RECORD, {"id": {"a": 1, "b": 2}, "features": [1, 2, 3]}),
        ("$.id.['a', 'b']", RECORD, {"a": 1, "b": 2}),
        ("$.rows[*].x", RECORD, [1, 2]),
        ("$.features[0]", RECORD, 1),
    ],
)
def test_a_path_selects_what_the_guide_says(path: str, value: Any, selected: Any) -> None:
    assert select(parse(path), value) == selected


@pytest.mark.parametrize(
    ("path", "value"), [("$[7]", ROW), ("$.none", RECORD), ("$.id[0]", RECORD), ("$.features[0].*", RECORD)]
)
def test_a_part_that_is_not_there_is_an_error(path: str, value: Any) -> None:
    with pytest.raises(BadRecords):
        select(parse(path), value)


@pytest.mark.parametrize(
    ("media_type", "definition", "record", "answer", "kept"),
    [
        ("text/csv", {"JoinSource": "Input"}, b"1,2,3\n", b"1\n", b"1,2,3,1\n"),
        ("text/csv", {"JoinSource": "Input", "OutputFilter": "$[0,-1]"}, b'"a,b",2,3\n', b"0.5\n", b'"a,b",0.5\n'),
        ("text/csv", {"OutputFilter": "$[1]"}, b"1\n", b"a,b\n", b"b\n"),
        (
            "application/json",
            {"JoinSource": "Input"},
            b'{"key":1}',
            b'{"label":1}',
            b'{"key":1,"SageMakerOutput":{"label":1}}',
        ),
        ("application/json", {"JoinSource": "Input"}, b"[1]", b"2", b'{"SageMakerInput":[1],"SageMakerOutput":2}'),
        (
            "application/jsonlines",
            {"JoinSource": "Input", "OutputFilter": "$['id','SageMakerOutput']"},
            b'{"id":7,"features":[1]}\n',
            b"0.5\n",
            b'{"id":7,"SageMakerOutput":0.5}\n',
        ),
    ],
)
def test_records_and_answers_are_joined_as_the_guide_says(
    media_type: str, definition: dict[str, str], record: bytes, answer: bytes, kept: bytes
) -> None:
    assert Processing(definition, media_type).kept(record, answer) == kept


def test_the_model_sees_what_the_input_filter_leaves() -> None:
    assert Processing({"InputFilter": "$[1:]"}, "text/csv; header=absent").shown(b"id,1,2\r\n") == b"1,2\r\n"
    assert (
        Processing({"InputFilter": "$.features"}, "application/jsonlines").shown(b'{"features": [1, 2]}\n')
        == b"[1,2]\n"
    )


def test_each_record_needs_one_answer() -> None:
    assert answers_of_records([b"1\n2\n", b"3\n"], "Line", "MultiRecord", 3) == [b"1\n", b"2\n", b"3\n"]
    assert answers_of_records([b"1", b"2"], "Line", "SingleRecord", 2) == [b"1", b"2"]
    with pytest.raises(BadRecords, match="answered 3 records with 2"):
        answers_of_records([b"1\n2\n"], "Line", "MultiRecord", 3)


@pytest.fixture
def batch(local_aws: LocalAws, sagemaker: Any, serve: Serve) -> Batch:
    return Batch(local_aws.client("s3"), sagemaker, serve.model())


def joined(batch: Batch, media_type: str, **processing: str) -> dict[str, Any]:
    """The members of a job that filters and joins lines."""
    request = batch.request(split="Line", assemble="Line")
    return {
        "TransformInput": request["TransformInput"] | {"ContentType": media_type},
        "TransformOutput": request["TransformOutput"] | {"Accept": media_type},
        "DataProcessing": processing,
    }


@pytest.mark.parametrize("strategy", ["SingleRecord", "MultiRecord"])
def test_a_job_joins_each_row_with_its_answer(batch: Batch, strategy: str) -> None:
    batch.put("in/a.csv", b"1,red,x\n2,blue,y\n")
    members = joined(batch, "text/csv", InputFilter="$[1:]", JoinSource="Input", OutputFilter="$[0,3:]")
    job = batch.run(BatchStrategy=strategy, **members)
    assert job["TransformJobStatus"] == "Completed", job
    assert batch.outputs() == {"out/a.csv.out": b"1,RED,X\n2,BLUE,Y\n"}
    assert job["DataProcessing"]["InputFilter"] == "$[1:]"


def test_a_job_joins_lines_of_json(batch: Batch) -> None:
    batch.put("in/a.jsonl", b'{"id": 1, "text": "red"}\n{"id": 2, "text": "blue"}\n')
    job = batch.run(**joined(batch, "application/jsonlines", InputFilter="$.text", JoinSource="Input"))
    assert job["TransformJobStatus"] == "Completed", job
    (output,) = batch.outputs().values()
    assert [json.loads(line) for line in output.splitlines()] == [
        {"id": 1, "text": "red", "SageMakerOutput": "RED"},
        {"id": 2, "text": "blue", "SageMakerOutput": "BLUE"},
    ]


def test_a_column_that_is_not_there_fails_the_job(batch: Batch) -> None:
    batch.put("in/a.csv", b"1,2\n")
    job = batch.run(**joined(batch, "text/csv", OutputFilter="$[9]"))
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: See job logs for more information")


@pytest.mark.parametrize(
    ("media_type", "processing", "said"),
    [
        ("text/csv", {"InputFilter": "$.id"}, "InputFilter must name columns by index"),
        ("application/jsonlines", {"OutputFilter": "$..id"}, "OutputFilter must begin with $"),
        ("image/png", {"JoinSource": "Input"}, "ContentType and Accept must be the same, one of text/csv"),
    ],
)
def test_what_sagemaker_cannot_filter_is_refused(
    batch: Batch, sagemaker: Any, media_type: str, processing: dict[str, str], said: str
) -> None:
    request = batch.request(split="Line", assemble="Line") | joined(batch, media_type, **processing)
    assert said in refused(sagemaker.create_transform_job, **request).response["Error"]["Message"]
