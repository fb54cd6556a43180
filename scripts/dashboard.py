"""A picture of a dashboard: `record` runs endpoints on the local AWS and keeps their metrics, `draw` draws them.

The record is a file beside the picture, so that the picture is made again without a run, and says the same.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from constructs_lib import (
    AsyncEndpoint,
    AsyncStorage,
    ContainerImage,
    InferenceDashboard,
    Model,
    ModelArtifact,
    RealtimeEndpoint,
)
from constructs_lib.local import LocalAws
from scripts.dashboard_picture import picture

ROOT = Path(__file__).resolve().parents[1]
RECORD, PICTURE = (ROOT / "docs/images" / name for name in ("dashboard.json", "dashboard.svg"))
SECONDS, PERIOD = 90, 5
# The local AWS measures backlog and load for each instance once a minute: its minute is one period here.
TIME_SCALE = 60 / PERIOD
SIMPLE = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
CLASSIFIER = [sys.executable, str(ROOT / "containers/classifier/serve.py")]
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/classifier:1"
STACK = "Serving"
MODELS = "models-of-the-picture"


def build() -> dict[str, Any]:
    """The template: two endpoints, watched as by default, and the dashboard that finds them."""
    app = cdk.App()
    stack = cdk.Stack(
        app,
        STACK,
        env=cdk.Environment(account="123456789012", region="us-east-1"),
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
    artifact = ModelArtifact.from_s3_uri(f"s3://{MODELS}/model.tar.gz")
    model = Model(stack, "Model", image=ContainerImage.from_uri(IMAGE), artifact=artifact)
    realtime = RealtimeEndpoint(stack, "Realtime", model=model, instance_type="ml.m5.large")
    later = AsyncEndpoint(stack, "Async", model=model, instance_type="ml.m5.large", storage=AsyncStorage())
    InferenceDashboard(stack, "Dashboard", dashboard_name=STACK)
    for prefix, each in (("Realtime", realtime), ("Async", later)):
        each.add_outputs(prefix)
    return dict(app.synth().get_stack_by_name(STACK).template)


def record() -> None:
    """Deploy, ask for a while, and keep what CloudWatch holds by then."""
    with LocalAws(containers={"classifier": CLASSIFIER}, time_scale=TIME_SCALE) as aws:
        storage = aws.client("s3")
        storage.create_bucket(Bucket=MODELS)
        storage.upload_file(str(ROOT / "containers/classifier/model.tar.gz"), MODELS, "model.tar.gz")
        outputs = _deploy(aws, build())
        began = datetime.now(UTC)
        asked = _ask(aws, outputs)
        kept = _kept(aws, began)
    kept["caption"] = (
        f"Local run of {began:%Y-%m-%d}: {asked} requests in {SECONDS} s, {PERIOD} s drawn as a minute; "
        "not SageMaker's times. What the local AWS does not measure has no data."
    )
    RECORD.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _deploy(aws: LocalAws, template: Mapping[str, Any]) -> dict[str, str]:
    stacks = aws.client("cloudformation")
    stacks.create_stack(StackName=STACK, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])
    stacks.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    found = stacks.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in found}


def _ask(aws: LocalAws, outputs: Mapping[str, str]) -> int:
    """A wave of requests; for a while some are no CSV, and in between a burst for the queue."""
    runtime, storage = aws.client("sagemaker-runtime"), aws.client("s3")
    endpoint, later = outputs["RealtimeEndpointName"], outputs["AsyncEndpointName"]
    bucket, key = outputs["AsyncInputBucketName"], f"{outputs['AsyncInputPrefix']}record.csv"
    digit = ",".join("8" for _ in range(64)).encode() + b"\n"  # the model reads digits of 8 x 8 dots
    storage.put_object(Bucket=bucket, Key=key, Body=digit)
    begin, count = time.monotonic(), 0
    while (elapsed := time.monotonic() - begin) < SECONDS:
        bad = SECONDS / 2 < elapsed < SECONDS * 0.6 and count % 5 == 0
        body = b"not,a,record\n" if bad else digit
        with contextlib.suppress(runtime.exceptions.ModelError):
            runtime.invoke_endpoint(EndpointName=endpoint, Body=body, ContentType="text/csv")
        if count % 40 < 12:
            where = f"s3://{bucket}/{key}"
            runtime.invoke_endpoint_async(EndpointName=later, InputLocation=where, ContentType="text/csv")
        count += 1
        time.sleep(0.05 + 0.15 * (1 + math.cos(elapsed / 8)))
    time.sleep(PERIOD)
    return count


def _kept(aws: LocalAws, began: datetime) -> dict[str, Any]:
    watch = aws.client("cloudwatch")
    body = json.loads(watch.get_dashboard(DashboardName=STACK)["DashboardBody"])
    alarms = watch.describe_alarms()["MetricAlarms"]
    shown = [{"name": _plain(alarm["AlarmName"]), "state": alarm["StateValue"]} for alarm in alarms]
    rows: list[dict[str, Any]] = []
    for widget in body["widgets"]:
        properties = widget["properties"]
        if widget["type"] == "text":
            heading, *notes = properties["markdown"].split("\n")
            rows.append({"heading": heading.removeprefix("## "), "notes": notes, "graphs": []})
        elif widget["type"] == "metric":
            rows[-1]["graphs"].append(_graph(watch, properties, began))
    return {"title": f"Dashboard of the stack {STACK}", "seconds": SECONDS, "alarms": shown, "rows": rows}


def _plain(alarm_name: str) -> str:
    """The name without those that CloudFormation puts around it."""
    return alarm_name.removeprefix(f"{STACK}-").rsplit("-", 1)[0][:-8]


def _graph(watch: Any, properties: Mapping[str, Any], began: datetime) -> dict[str, Any]:
    every = properties["metrics"]
    computed = any(isinstance(line[0], dict) for line in every)
    lines = [] if computed else every
    return {
        "title": properties["title"],
        "computed": computed,
        "lines": [{"label": _label(line), "points": list(_points(watch, line, began))} for line in lines],
    }


def _options(line: Sequence[Any]) -> dict[str, Any]:
    return dict(line[-1]) if isinstance(line[-1], dict) else {}


def _label(line: Sequence[Any]) -> str:
    return str(_options(line).get("label") or line[1])


def _points(watch: Any, line: Sequence[Any], began: datetime) -> Iterator[tuple[float, float]]:
    statistic = _options(line).get("stat", "Average")
    names = [part for part in line if isinstance(part, str)]
    dimensions = [{"Name": name, "Value": value} for name, value in zip(names[2::2], names[3::2], strict=True)]
    wanted = {"Statistics": [statistic]} if statistic in SIMPLE else {"ExtendedStatistics": [statistic]}
    found = watch.get_metric_statistics(
        Namespace=names[0],
        MetricName=names[1],
        Dimensions=dimensions,
        StartTime=began,
        EndTime=began + timedelta(seconds=SECONDS + PERIOD),
        Period=PERIOD,
        **wanted,
    )["Datapoints"]
    for point in sorted(found, key=lambda each: each["Timestamp"]):
        value = point[statistic] if statistic in SIMPLE else point["ExtendedStatistics"][statistic]
        at = (point["Timestamp"] - began).total_seconds()
        yield round(min(max(at, 0), SECONDS), 1), round(value, 3)


def draw() -> str:
    """The picture of the record."""
    return picture(json.loads(RECORD.read_text(encoding="utf-8")))


def main(arguments: Sequence[str]) -> None:
    """Draw; with ``record`` make a record before."""
    if "record" in arguments:
        record()
    PICTURE.write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
