"""The example of a drift watch, and a gate before a batch: a shifted input is noticed, an unshifted one is not."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import BatchHooks, DriftBaseline, DriftGate
from constructs_lib.local import LocalAws
from constructs_lib.patterns.drift_processing import TOLD
from constructs_lib.testing import deploy, local_aws
from demo.dataset import test_split as rows_to_ask
from drift import processing
from tests.end_to_end.batch_app import BatchStack, Pipeline
from tests.end_to_end.conftest import ECHO

ROOT = Path(__file__).resolve().parents[2]
CLASSIFIER = [sys.executable, str(ROOT / "containers" / "classifier" / "serve.py")]
ROWS_A_REQUEST = 100
LONGEST = 20
# What else a request for a job has in it; this one is carried out here.
JOB = {
    "job_name_prefix": "watch",
    "role_arn": "",
    "image_uri": "",
    "instance_type": "",
    "volume_size_in_gb": 1,
    "volume_key": "",
    "max_runtime_in_seconds": 1,
    "max_megabytes": 1000,
    "max_records": 100_000,
    "network": {},
}


@dataclass
class Watched:
    """The example, deployed."""

    aws: LocalAws
    endpoint: str
    function: str

    def ask(self, lines: Sequence[str]) -> None:
        """Send rows, many in a request."""
        runtime = self.aws.client("sagemaker-runtime")
        for start in range(0, len(lines), ROWS_A_REQUEST):
            body = "\n".join(lines[start : start + ROWS_A_REQUEST]).encode()
            runtime.invoke_endpoint(EndpointName=self.endpoint, Body=body, ContentType="text/csv")

    def judge(self) -> dict[str, Any]:
        """What the function says of all that was captured until now; the next call finds none of that."""
        keys = self._captured()
        event = json.dumps({"time": later()}).encode()
        answer = self.aws.client("lambda").invoke(FunctionName=self.function, Payload=event)
        found = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, found
        for key in keys:
            self.aws.client("s3").delete_object(Bucket=self._bucket(), Key=key)
        return dict(found)

    def job_says(self, folder: Path) -> dict[str, Any]:
        """What a processing job says of the same, started as SageMaker starts it, with the function's own archive."""
        self._captured()
        function = self.aws.client("lambda").get_function(FunctionName=self.function)
        told = function["Configuration"]["Environment"]["Variables"]
        described = {"code_bucket_name": "x", "code_key": "code.zip", "environment": list(TOLD), **JOB}
        environment = {**told, "AWS_REGION": "us-east-1"}
        now = datetime.fromisoformat(later())
        job = processing.request(described, environment, at=now, end=now)
        with zipfile.ZipFile(folder / "code.zip", "w") as archive:
            for path in sorted((ROOT / "lambda" / "drift").glob("*.py")):
                archive.write(path, f"drift/{path.name}")
        _, time_ = job["AppSpecification"]["ContainerArguments"]
        done = subprocess.run(
            [sys.executable, *job["AppSpecification"]["ContainerEntrypoint"][1:], str(folder / "code.zip"), time_],
            env={**self.aws.environment, **job["Environment"]},
            capture_output=True,
            text=True,
            check=True,
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def _captured(self) -> list[str]:
        """The keys of what was captured, when no more comes."""
        deadline, seen = time.monotonic() + LONGEST, -1
        while len(keys := self._keys(self._bucket())) != seen or not seen:
            assert time.monotonic() < deadline, "nothing was captured"
            seen = len(keys)
            time.sleep(0.8)  # longer than the lines of a file are gathered
        return keys

    def report(self, location: str) -> str:
        """The page at an S3 location."""
        bucket, _, key = location.removeprefix("s3://").partition("/")
        return str(self.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode())

    def alarm(self, part: str) -> dict[str, Any]:
        """The alarm whose name holds a text."""
        alarms = self.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
        [found] = [alarm for alarm in alarms if part in alarm["AlarmName"]]
        return dict(found)

    def _bucket(self) -> str:
        names = [bucket["Name"] for bucket in self.aws.client("s3").list_buckets()["Buckets"]]
        [found] = [name for name in names if "capture" in name]
        return str(found)

    def _keys(self, bucket: str) -> list[str]:
        found = self.aws.client("s3").list_objects_v2(Bucket=bucket, Prefix="captured/")
        return [each["Key"] for each in found.get("Contents", [])]


local = local_aws(containers={"classifier": CLASSIFIER, "echo": ECHO}, scope="module")


@pytest.fixture(scope="module", autouse=True)
def at_the_root() -> Iterator[None]:
    """The paths in the example begin there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield


@pytest.fixture(scope="module")
def watched(local: LocalAws) -> Watched:
    """Deploy the example."""
    app = runpy.run_path(str(ROOT / "examples" / "drift_watch.py"), run_name="__main__")["app"]
    outputs = deploy(local, app)
    return Watched(local, outputs["EndpointName"], outputs["DriftFunctionName"])


@pytest.fixture(scope="module")
def gated(local: LocalAws) -> Pipeline:
    """A batch behind a gate that knows what the example's model was trained on."""
    app = cdk.App()
    gate = DriftGate(baseline=DriftBaseline.from_file("examples/drift_watch.json"))
    BatchStack(app, "Gated", lambda _: {"hooks": BatchHooks(before=gate)})
    return Pipeline(local, deploy(local, app))


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return list(rows_to_ask(ROOT, "pricing").lines)


def later() -> str:
    """The schedule would run some hours later: an hour counts when it is complete."""
    return (datetime.now(UTC) + timedelta(hours=2)).isoformat()


def in_the_rain(lines: Sequence[str]) -> list[str]:
    return [",".join([*line.split(",")[:3], "6"]) for line in lines]


def test_an_unshifted_input_is_no_drift_and_a_shifted_one_is(
    watched: Watched, lines: list[str], tmp_path: Path
) -> None:
    watched.ask(lines)
    watched.ask(lines)  # half of the requests are captured
    calm = watched.judge()
    assert (calm["status"], calm["drifted_features"], calm["unreadable"]) == ("stable", [], 0)
    assert calm["records"] == calm["predictions"] >= 1000
    assert watched.alarm("DriftDrifted")["StateValue"] != "ALARM"

    watched.ask(in_the_rain(lines))
    watched.ask(in_the_rain(lines))
    assert watched.job_says(tmp_path)["status"] == "drifted", "the job reads the same from the same archive"
    storm = watched.judge()
    assert storm["status"] == "drifted"
    assert storm["drifted_features"][0] == "rain"
    assert not {"requests", "drivers", "minutes"} & set(storm["drifted_features"])
    page = watched.report(storm["report"])
    assert page.count("<svg") == 5
    assert page.index(">rain <") < page.index(">requests <"), "what has drifted comes first"
    assert watched.alarm("DriftDrifted")["StateValue"] == "ALARM"


def test_a_few_requests_are_not_judged_and_end_no_alarm(watched: Watched, lines: list[str]) -> None:
    for _ in range(20):
        watched.ask(lines[:40])
    found = watched.judge()
    assert (found["status"], found["drifted_features"]) == ("not judged", [])
    assert watched.alarm("DriftDrifted")["StateValue"] == "ALARM"


def test_a_batch_like_the_training_data_runs(gated: Pipeline, lines: list[str]) -> None:
    half = len(lines) // 2
    gated.put("calm/", {"1.csv": "\n".join(lines[:half]).encode(), "2.csv": "\n".join(lines[half:]).encode()})
    assert gated.run({"input_prefix": "calm/"})["objects"] == 2


def test_a_batch_of_other_data_is_stopped_before_its_jobs(gated: Pipeline, lines: list[str]) -> None:
    gated.put("storm/", {"1.csv": "\n".join(in_the_rain(lines)).encode()})
    execution = gated.start({"input_prefix": "storm/"})
    ended = gated.end(execution)
    assert ended["status"] == "FAILED"
    assert "DataDrifted" in ended["error"]
    assert "1 of 4 features are not as in training, such as rain: s3://" in ended["cause"]
    assert gated.jobs(execution) == []
