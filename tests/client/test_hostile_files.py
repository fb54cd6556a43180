"""Files and objects of others: no command writes outside of the folder that it was given, or fails at length."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.__main__ import main
from constructs_lib.client.batch import BatchResult
from constructs_lib.client.cli import _lines
from constructs_lib.client.locations import file_name
from constructs_lib.client.notifications import UnknownMessage, parse
from constructs_lib.client.stream_results import results_of

LEADING_OUT = ["../x.out", "a/../../x.out", "/etc/x.out", "a//x.out", "a/./x.out", "a\0.out", "", "..", "a/.."]


@dataclass
class Objects:
    """Objects of S3 that are written nowhere but into a list."""

    keys: list[str]
    written: list[Path] = field(default_factory=list)

    def below(self, location: str) -> list[str]:
        return [f"{location}{key}" for key in self.keys]

    def download(self, location: str, path: Path) -> None:
        self.written.append(path)


def result(objects: Any) -> BatchResult:
    return BatchResult(execution_arn="arn", output={"output": "s3://answers/results/answers/"}, objects=objects)


@pytest.mark.parametrize("key", LEADING_OUT)
def test_an_answer_that_leads_out_of_the_folder_is_refused_before_any_is_written(tmp_path: Path, key: str) -> None:
    objects = Objects(["a/b.csv.out", key])
    with pytest.raises(ValueError, match="is no path below a folder; read that object by its location"):
        result(objects).download(tmp_path)
    assert objects.written == []


def test_answers_lie_below_the_folder_as_their_inputs_lay(tmp_path: Path) -> None:
    objects = Objects(["a/b.csv.out", "..c", "d e.out"])
    assert result(objects).download(tmp_path) == [tmp_path / "a/b.csv.out", tmp_path / "..c", tmp_path / "d e.out"]


@pytest.mark.parametrize("text", ["../../x", "/etc/x", "a/b", "..", "\0", "\n", "x" * 60, "id-1", "ü", "\ud800", "%2F"])
def test_any_inference_id_is_one_file_of_the_folder(tmp_path: Path, text: str) -> None:
    path = tmp_path / f"{file_name(text)}.out"
    assert path.parent == tmp_path
    path.write_bytes(b"answer")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_ids_as_they_usually_are_name_their_files() -> None:
    assert file_name("2f6c1f0e-1a2b_3.c") == "2f6c1f0e-1a2b_3.c"
    assert len({file_name(text) for text in ("a/b", "a%2Fb", "a_b", "ab")}) == 4


@pytest.mark.parametrize("line", ["[" * 100_000, '{"inference_id": 7}', '{"inference_id": ["a"]}', "null", "9" * 5000])
def test_a_line_that_submit_did_not_print_is_told(line: str) -> None:
    with pytest.raises(ValueError, match="a line must be one of those that submit prints") as caught:
        list(_lines([line]))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("body", ["[" * 100_000, "9" * 5000, '{"Type": "Notification", "Message": "[["}', "\ud800"])
def test_a_hostile_notification_is_none_of_sagemaker_s(body: str) -> None:
    with pytest.raises(UnknownMessage):
        parse(body)


@pytest.mark.parametrize("number", ["1" + "0" * 400, '"x"', "[]", "9" * 5000])
def test_a_hostile_line_of_a_result_stream_is_passed_over(number: str) -> None:
    members = '"id": "i", "partition_key": "k", "shard_id": "s", "sequence_number": "1", "prediction": 1'
    assert results_of(f'{{{members}, "arrived_at": {number}}}'.encode(), put_at=0.0) == []


def test_a_workload_of_aliases_without_end_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    file = tmp_path / "workload.yaml"
    file.write_text("\n".join([*bomb, "payload: *a8"]), encoding="utf-8")
    assert main(["recommend", "--file", str(file)]) != 0
    said = capsys.readouterr().err
    assert "2,000,000" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("content", [b"a,b\n" + b'"' * 200_000, b"\xff\xfe", b"a,a\n1,2\n", b"\n\n"])
def test_a_training_file_that_is_none_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    file = tmp_path / "training.csv"
    file.write_bytes(content)
    assert main(["baseline", str(file), "-o", str(tmp_path / "baseline.json")]) == 2
    assert len(capsys.readouterr().err) < 1000
    assert not (tmp_path / "baseline.json").exists()
