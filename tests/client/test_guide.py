"""The Python in docs/client.md runs as it stands, one block after the other, against stacks of the names that it uses.

So do the calls in README.md. Their fences say ``py``: blocks of ``python`` run by themselves, as those of the other
guides do.
"""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from pathlib import Path

import pytest

from constructs_lib.local import LocalAws
from tests.client.conftest import AsyncStack, deploy_outputs
from tests.local.conftest import Serve

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "client.md"
README = ROOT / "README.md"
_LOOK = """
def handle(event, context):
    if "override" in event:
        return {"since": 2.5, "overridden": len(event["override"])}
    answers = [{"id": each["id"], "answer": "2", "path": "stored", "computed_at": 1.5} for each in event["requests"]]
    return {"batch": "b", "answers": answers}
"""


def blocks_of(page: Path) -> list[str]:
    return re.findall(r"^```py\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def deploy_pipeline(aws: LocalAws, bucket: str) -> dict[str, str]:
    """A state machine that answers as a pipeline does; its answer lies there already."""
    aws.client("s3").put_object(Bucket=bucket, Key="answers/rows.csv.out", Body=b"1\n")
    output = {"output": f"s3://{bucket}/answers/"}
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": output, "End": True}}}
    made = aws.client("stepfunctions").create_state_machine(
        name="pipeline", definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/any"
    )
    names = {"InferenceOption": "batch", "InputBucketName": bucket, "InputPrefix": "input/", "OutputBucketName": bucket}
    return names | {"StateMachineArn": made["stateMachineArn"]}


def deploy_lookups(aws: LocalAws) -> dict[str, str]:
    """A function that answers look-ups and overrides as those of hybrid inference do."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("look.py", _LOOK)
    made = aws.client("lambda").create_function(
        FunctionName="look",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="look.handle",
        Code={"ZipFile": archive.getvalue()},
    )
    names = dict.fromkeys(("LookupFunctionName", "OverrideFunctionName"), made["FunctionName"])
    return names | {"InferenceOption": "hybrid", "StateMachineArn": "arn"}


def deploy_results(aws: LocalAws) -> dict[str, str]:
    """A result stream of two results, as streaming inference puts them."""
    aws.client("kinesis").create_stream(StreamName="results", ShardCount=2)
    for number, key in enumerate(("north", "south")):
        result = {"id": f"s:{number}", "partition_key": key, "shard_id": "s", "sequence_number": str(number)}
        line = json.dumps(result | {"arrived_at": time.time(), "prediction": {"price": number}})
        aws.client("kinesis").put_record(StreamName="results", PartitionKey=key, Data=line.encode() + b"\n")
    return {"InferenceOption": "streaming", "EndpointName": "scorer", "ResultStreamName": "results"}


@pytest.fixture(scope="module")
def deployed(local_aws: LocalAws, serve: Serve, async_stack: AsyncStack) -> None:
    """The stacks of the guide."""
    deploy_outputs(local_aws, "InferenceRealtime", {"InferenceOption": "realtime", "EndpointName": serve()})
    deploy_outputs(local_aws, "InferenceAsync", async_stack.outputs)
    deploy_outputs(local_aws, "InferenceBatch", deploy_pipeline(local_aws, async_stack.bucket))
    deploy_outputs(local_aws, "InferenceHybrid", deploy_lookups(local_aws))
    deploy_outputs(local_aws, "InferenceStreaming", deploy_results(local_aws))


@pytest.fixture
def folder(local_aws: LocalAws, deployed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory with the files of the guide, boto3 set to the local AWS."""
    for name, value in local_aws.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scan.dcm").write_bytes(b"pixels")
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "rows.csv").write_text("1,2\n")
    return tmp_path


def test_the_guide_runs_from_top_to_bottom(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for block in blocks_of(GUIDE):
        exec(compile(block, str(GUIDE), "exec"), names)

    said = capsys.readouterr().out
    said_by_endpoints = ("TELL ME A STORY", "PIXELS", "ONE", "THREE", "HELLO", "Completed")
    for expected in (*said_by_endpoints, "rows.csv.out 2", "user-2 1.5", "south {'price': 1}"):
        assert expected in said
    assert (folder / "answers" / "rows.csv.out").read_text() == "1\n"
    assert len(blocks_of(GUIDE)) == 7


def test_the_calls_of_the_readme_are_answered(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [block] = blocks_of(README)
    exec(compile(block, str(README), "exec"), {})
    assert capsys.readouterr().out.splitlines() == ["[[5.1, 3.5, 1.4, 0.2]]", "PIXELS"]
