"""The function that watches over an endpoint, and the job that takes over from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber

from drift.settings import Settings
from drift.watch import Watch, time_of
from tests.handlers.batches import MemoryS3
from tests.handlers.conftest import _load
from tests.handlers.drifting import (
    BASELINES,
    CAPTURES,
    NOW,
    PREFIX,
    REPORTS,
    WATCH_ENVIRONMENT,
    buckets,
    captured,
    rows,
)
from tests.handlers.fakes import client_error

PROCESSING = {
    "job_name_prefix": "watch",
    "role_arn": "arn:aws:iam::123456789012:role/job",
    "image_uri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/python:3",
    "code_bucket_name": "assets",
    "code_key": "folder/abc.zip",
    "instance_type": "ml.m5.xlarge",
    "volume_size_in_gb": 10,
    "volume_key": "",
    "max_runtime_in_seconds": 3600,
    "above_megabytes": 0,
    "max_megabytes": 1000,
    "max_records": 100_000,
    "network": {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
    "environment": [name for name in WATCH_ENVIRONMENT if name not in ("PROCESSING", "MAX_MEGABYTES", "MAX_RECORDS")],
}
EVENT = {"time": NOW.isoformat()}
Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("drift.handler", WATCH_ENVIRONMENT)


def watcher(handler: ModuleType, s3: MemoryS3, sagemaker: Any = None, **environment: str) -> Any:
    told = {**WATCH_ENVIRONMENT, "AWS_REGION": "eu-west-1", **environment}
    return handler.Watcher(Settings.from_environment(told), told, s3=s3, sagemaker=sagemaker)


def judged(handler: ModuleType, s3: MemoryS3, **environment: str) -> dict[str, Any]:
    return dict(watcher(handler, s3, **environment).handle(EVENT))


def test_requests_like_those_in_training_are_stable(handler: ModuleType) -> None:
    found = judged(handler, buckets(h09=captured(rows(1000))))
    assert (found["status"], found["records"], found["predictions"]) == ("stable", 1000, 1000)
    assert found["drifted_features"] == []


def test_a_shifted_input_is_noticed_and_so_is_what_the_model_answers_to_it(handler: ModuleType) -> None:
    found = judged(handler, buckets(h09=captured(rows(1000, shift=1.5))))
    assert (found["status"], found["drifted_features"]) == ("drifted", ["age", "prediction:label"])


def test_too_few_requests_are_not_judged(handler: ModuleType, logged: Logged) -> None:
    found = judged(handler, buckets(h09=captured(rows(499, shift=9))))
    assert found["status"] == "not judged"
    [whole] = logged()
    assert (whole["NotJudged"], "DriftedFeatures" in whole) == (1, False)


def test_a_window_without_requests_is_not_judged(handler: ModuleType) -> None:
    assert judged(handler, buckets())["status"] == "not judged"


def test_metrics_of_each_feature_are_logged(handler: ModuleType, logged: Logged) -> None:
    judged(handler, buckets(h09=captured(rows(1000, shift=1.5))))
    whole, *features = logged()
    assert (whole["Drifted"], whole["DriftedFeatures"], whole["EndpointName"]) == (1, 2, "scores")
    assert {line["correlation_id"] for line in (whole, *features)} == {"2026-11-21T12:00"}
    assert [line["Feature"] for line in features] == ["age", "colour", "prediction:label"]
    assert features[0]["PopulationStabilityIndex"] > 0.2 > features[1]["PopulationStabilityIndex"]


def test_the_report_is_written_by_the_hour_in_two_forms(handler: ModuleType) -> None:
    s3 = buckets(h09=captured(rows(1000, shift=1.5)))
    found = judged(handler, s3)
    place = "drift/scores/AllTraffic/2026/11/21/12/"
    assert found["report"] == f"s3://{REPORTS}/{place}report.html"
    document = json.loads(s3.objects[REPORTS, f"{place}report.json"])
    assert document["features"][0]["reasons"]
    assert (document["begin"], document["end"]) == ("2026-11-20T12:00:00+00:00", "2026-11-21T12:00:00+00:00")
    assert b"<svg" in s3.objects[REPORTS, f"{place}report.html"]


def test_hours_outside_of_the_window_and_other_endpoints_are_left(handler: ModuleType) -> None:
    s3 = buckets(h11=captured(rows(600)), h12=captured(rows(600)))
    body = captured(rows(600))
    s3.fill(CAPTURES, {f"{PREFIX}2026/11/20/11/x.jsonl": body, "captured/scores2/AllTraffic/2026/11/21/09/x": body})
    assert judged(handler, s3)["records"] == 600


@pytest.mark.parametrize(("at", "hour"), [("12:14", 11), ("12:15", 12), ("12:59", 12)])
def test_an_hour_is_complete_a_quarter_of_an_hour_after_its_end(at: str, hour: int) -> None:
    watch = Watch(Settings.from_environment(WATCH_ENVIRONMENT), s3=None)
    begin, end = watch.window(time_of({"time": f"2026-11-21T{at}:00Z"}))
    assert (end.hour, (end - begin).total_seconds()) == (hour, 24 * 3600)


def test_of_too_much_a_sample_is_read_and_said_so(handler: ModuleType) -> None:
    files = {f"h{hour:02}": captured(rows(2000, seed=hour)) for hour in range(10)}
    found = judged(handler, buckets(**files), MAX_MEGABYTES="1")
    assert found["records"] < 20_000
    assert 0 < found["share_read"] < 0.5
    assert found["status"] == "stable"


def test_no_more_records_are_taken_than_allowed(handler: ModuleType) -> None:
    assert judged(handler, buckets(h09=captured(rows(2000))), MAX_RECORDS="700")["records"] == 700


def test_what_cannot_be_read_is_counted_beside_what_can(handler: ModuleType) -> None:
    found = judged(handler, buckets(h09=b"\xff{\n[]\n" + captured(rows(600)) + b'{"captureData": {}'))
    assert (found["records"], found["unreadable"]) == (600, 3)


def test_a_line_that_is_too_long_is_skipped_and_not_kept(handler: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drift.objects.LONGEST", 1000)
    found = judged(handler, buckets(h08=b"x" * 3_000_000, h09=b"x" * 2_500_000 + b"\n" + captured(rows(600))))
    assert (found["records"], found["unreadable"]) == (600, 2)


@pytest.mark.parametrize("event", [{}, {"time": "noon"}, {"time": None}])
def test_an_event_without_a_time_is_refused(handler: ModuleType, event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the event must have a time such as"):
        watcher(handler, buckets()).handle(event)


def test_a_baseline_that_is_not_there_fails_the_function(handler: ModuleType) -> None:
    s3 = buckets()
    s3.objects.pop((BASELINES, "baseline.json"))
    with pytest.raises(FileNotFoundError, match=r"s3://baselines/baseline\.json"):
        judged(handler, s3)


def test_a_job_that_failed_fails_the_function(handler: ModuleType) -> None:
    detail = {"ProcessingJobName": "watch-1", "ProcessingJobStatus": "Failed", "FailureReason": "no memory"}
    with pytest.raises(handler.JobFailed, match="watch-1 is Failed: no memory"):
        watcher(handler, buckets()).handle({"source": "aws.sagemaker", "detail": detail})


class FakeSageMaker:
    """Takes a job; checks its form by the API's own model, as the client does."""

    def __init__(self, error: str | None = None) -> None:
        self.jobs: list[dict[str, Any]] = []
        self._error = error

    def create_processing_job(self, **job: Any) -> None:
        client = botocore.session.get_session().create_client(
            "sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        with Stubber(client) as stub:
            stub.add_response("create_processing_job", {"ProcessingJobArn": f"arn:aws:sagemaker:{'x' * 20}"}, job)
            client.create_processing_job(**job)
        if self._error:
            raise client_error(self._error, "CreateProcessingJob")
        self.jobs.append(job)


def test_what_is_too_much_goes_to_a_job_that_does_the_same(handler: ModuleType, monkeypatch: Any) -> None:
    s3, sagemaker = buckets(h09=captured(rows(1000, shift=1.5))), FakeSageMaker()
    found = watcher(handler, s3, sagemaker, PROCESSING=json.dumps(PROCESSING)).handle(EVENT)
    assert found == {"status": "handed over", "job": "watch-2026112112"}
    [job] = sagemaker.jobs
    assert job["Environment"]["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert job["NetworkConfig"] == PROCESSING["network"]
    watch = Watch(Settings.from_environment(job["Environment"]), s3=s3)
    at = time_of({"time": job["AppSpecification"]["ContainerArguments"][1]})
    assert watch.run(at, watch.captured(at))["status"] == "drifted"


def test_a_window_goes_to_one_job_however_often_it_is_announced(handler: ModuleType) -> None:
    s3, sagemaker = buckets(h09=captured(rows(10))), FakeSageMaker("ResourceInUse")
    found = watcher(handler, s3, sagemaker, PROCESSING=json.dumps(PROCESSING)).handle(EVENT)
    assert found["status"] == "handed over before"


def test_a_little_is_not_worth_a_job(handler: ModuleType) -> None:
    told = json.dumps({**PROCESSING, "above_megabytes": 1})
    assert judged(handler, buckets(h09=captured(rows(600))), PROCESSING=told)["status"] == "stable"


def test_every_setting_that_is_wrong_is_named() -> None:
    wrong = {**WATCH_ENVIRONMENT, "WINDOW_IN_HOURS": "a day", "THRESHOLDS": '{"distance": 1}'}
    wrong.pop("ENDPOINT_NAME")
    with pytest.raises(ValueError, match=r"THRESHOLDS must be .*; ENDPOINT_NAME must be str.*; WINDOW_IN_HOURS must"):
        Settings.from_environment(wrong)
