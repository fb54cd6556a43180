"""What stands around a batch: steps of the user's own, what starts it, who is told, its deadline."""

from __future__ import annotations

import time

from constructs_lib.local import LocalAws
from tests.end_to_end.batch_app import Find


def test_hooks_run_before_the_jobs_and_after_publication(pipeline: Find, folder: str) -> None:
    hooked = pipeline("Hooked")
    hooked.put(folder, {"a.csv": b"a\n"})
    arn = hooked.start({"input_prefix": folder})
    assert hooked.end(arn)["status"] == "SUCCEEDED"
    entered = hooked.entered(arn)
    assert entered.index("Accepted") < entered.index("Transform") < entered.index("Load")
    hooked.put(folder, {"b.csv": b"b\n", "c.csv": b"c\n"})
    refused = hooked.start({"input_prefix": folder})
    assert hooked.end(refused)["error"] == "TooManyObjects"
    assert hooked.jobs(refused) == []


def test_a_marker_starts_the_batch_of_its_folder_and_its_end_is_announced(
    aws: LocalAws, pipeline: Find, folder: str
) -> None:
    wide, sqs = pipeline("Wide"), aws.client("sqs")
    queue = wide.outputs["EndsUrl"]
    sqs.purge_queue(QueueUrl=queue)
    wide.put(f"input/{folder}", {"a.csv": b"a\n", "b.csv": b"b\n"})
    wide.put(f"input/{folder}", {"_READY": b""})
    deadline = time.monotonic() + 20
    while not (messages := sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])):
        assert time.monotonic() < deadline, "nobody was told"
    text = messages[0]["Body"]
    assert "has ended: SUCCEEDED" in text
    [run] = {key.split("/")[1] for key in wide.below("results/") if key.split("/")[1] in text}
    published = [key for key in wide.below("results/") if f"/{run}/" in key]
    assert sorted(key.rpartition("/")[2] for key in published) == ["_SUCCESS", "a.csv.out", "b.csv.out", "report.json"]


def test_a_deadline_counts_a_batch_that_is_not_complete(aws: LocalAws, pipeline: Find, folder: str) -> None:
    watched = pipeline("Hooked")
    watched.put(folder, {"a.csv": b"a\n"})
    watched.run({"input_prefix": folder, "date": "2026-03-01"})
    for day, is_late in (("2026-03-01", False), ("2026-03-02", True)):
        # 08:00 in Berlin, in winter; the batch begins at 01:00 the same day.
        found = watched.look_at_deadline(f"{day}T07:00:00Z")
        assert found == {"date": day, "late": is_late}
    metrics = aws.client("cloudwatch").list_metrics(MetricName="Late")["Metrics"]
    assert {"Name": "StateMachineName", "Value": watched.arn.rpartition(":")[2]} in metrics[0]["Dimensions"]
