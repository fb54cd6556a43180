"""Hybrid inference for the fault tests, and what a test does with it and sees of it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from constructs_lib import (
    CapacitySize,
    ContainerImage,
    Fallback,
    HybridInference,
    Model,
    PredictionLoad,
    Rollout,
    ServerlessEndpoint,
)
from constructs_lib.local import LocalAws
from tests.end_to_end.batch_app import Pipeline

IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/versioned:1"
DEFAULT = "nobody knows"
# Requests that the endpoint is to have at once, and that it can have: what asks it otherwise may take all places.
BOUND, PLACES = 2, 3
Ask = dict[str, Any]
Answer = dict[str, Any]


class HybridStack(cdk.Stack):
    """One hybrid inference of a version of the test server."""

    def __init__(self, scope: cdk.App, *, version: str, gauge: Path, start_after: int = 0) -> None:
        super().__init__(scope, "Hybrid")
        environment = {"VERSION": version, "GAUGE": str(gauge), "START_AFTER": str(start_after)}
        model = Model(self, "Model", image=ContainerImage.from_uri(IMAGE), environment=environment)
        # For a while half of the requests go to each version, and nobody is told which answered.
        rollout = Rollout.canary(CapacitySize.percent(50), wait_interval_in_seconds=120, termination_wait_in_seconds=60)
        endpoint = ServerlessEndpoint(self, "Endpoint", model=model, max_concurrency=PLACES, rollout=rollout)
        hybrid = HybridInference(
            self,
            "Hybrid",
            endpoint=endpoint,
            instance_type="ml.m5.large",
            load=PredictionLoad(max_concurrency=2, tolerated_failure_percentage=5),
            fallback=Fallback(timeout_in_seconds=20, max_concurrency=BOUND, default_answer=DEFAULT),
        )
        hybrid.add_outputs()
        outputs = {
            "EndpointName": endpoint.endpoint_name,
            "TableName": hybrid.table.table_name,
            "DeadLettersUrl": hybrid.dead_letter_queue.queue_url,
            "LoadName": hybrid.load_function.function_name,
            "LoadLog": hybrid.load_function.log_group.log_group_name,
            "ModelVersion": hybrid.model.model_name,
        }
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)


def app_of(gauge: Path, version: str, start_after: int = 0) -> cdk.App:
    """The stack with a version of the model."""
    app = cdk.App()
    HybridStack(app, version=version, gauge=gauge, start_after=start_after)
    return app


class Hybrid(Pipeline):
    """It, deployed. ``outputs`` are those of the last deployment."""

    def __init__(self, aws: LocalAws, outputs: Mapping[str, str]) -> None:
        super().__init__(aws, outputs)
        self._dynamodb, self._sqs, self._logs = (aws.client(service) for service in ("dynamodb", "sqs", "logs"))
        self._runtime = aws.client("sagemaker-runtime")

    def look_up(self, *requests: Ask) -> dict[str, Any]:
        """The answer to one request for these records."""
        answer = self._lambda.invoke(
            FunctionName=self.outputs["LookupFunctionName"], Payload=json.dumps({"requests": requests})
        )
        found: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, found
        return found

    def ask_endpoint(self, body: str) -> str:
        """What the endpoint answers to somebody who asks it directly."""
        answer = self._runtime.invoke_endpoint(
            EndpointName=self.outputs["EndpointName"], ContentType="text/csv", Body=body.encode()
        )
        return str(answer["Body"].read().decode())

    def items(self, prefix: str) -> dict[str, dict[str, str]]:
        """The items of the table below a prefix, by what follows it."""
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self.outputs["TableName"])
        items = [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith(prefix)]
        return {
            item["pk"]["S"].removeprefix(prefix): {name: str(next(iter(v.values()))) for name, v in item.items()}
            for item in items
        }

    def letters(self) -> Counter[str]:
        """How often each record came to the dead letters since this was last asked, by its id."""
        found: Counter[str] = Counter()
        url = self.outputs["DeadLettersUrl"]
        while messages := self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found.update(json.loads(message["Body"])["id"] for message in messages)
            for message in messages:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def loads(self) -> list[dict[str, Any]]:
        """What the load has logged, a line a call."""
        pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=self.outputs["LoadLog"])
        lines = [line for page in pages for event in page["events"] for line in event["message"].splitlines()]
        return [json.loads(line) for line in lines if line.startswith('{"_aws"')]

    @contextmanager
    def broken_load(self) -> Iterator[None]:
        """Inside, the load cannot send dead letters."""
        name = self.outputs["LoadName"]
        right = self._lambda.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        wrong = {**right, "DEAD_LETTER_URL": f"{right['DEAD_LETTER_URL']}-not-there"}
        self._lambda.update_function_configuration(FunctionName=name, Environment={"Variables": wrong})
        try:
            yield
        finally:
            self._lambda.update_function_configuration(FunctionName=name, Environment={"Variables": right})


class Readers:
    """Callers that look up all the while; what they are answered is in ``seen``, a list a reader."""

    def __init__(self, hybrid: Hybrid, asked: Sequence[Ask], count: int) -> None:
        self.seen: list[list[dict[str, Any]]] = [[] for _ in range(count)]
        self._hybrid, self._asked = hybrid, asked
        self._is_over = threading.Event()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Inside, they read."""
        with ThreadPoolExecutor(len(self.seen)) as pool:
            readers = [pool.submit(self._read, mine) for mine in self.seen]
            try:
                yield
            finally:
                self._is_over.set()
            for reader in readers:
                reader.result()

    def _read(self, mine: list[dict[str, Any]]) -> None:
        while not self._is_over.is_set():
            mine.append(self._hybrid.look_up(*self._asked))


def at_once(count: int, task: Callable[[int], Any]) -> list[Any]:
    """The results of a task for 0, 1, ..., all at the same time."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(task, range(count)))


def paths(answers: Sequence[Answer]) -> Counter[str]:
    """How many answers came by each path; a default with why."""
    return Counter(f"default: {each['why']}" if each["path"] == "default" else each["path"] for each in answers)


def running(gauge: Path) -> int:
    """How many requests the model server has at this moment."""
    signs = gauge.read_text(encoding="utf-8")
    return signs.count("+") - signs.count("-")


@contextmanager
def held(gauge: Path) -> Iterator[None]:
    """Inside, requests that say so stay at the model server."""
    hold = gauge.with_suffix(".hold")
    hold.touch()
    try:
        yield
    finally:
        hold.unlink()


def most_at_once(gauge: Path, since: int) -> int:
    """How many requests the model server had at the same time, of those noted after the first ``since`` signs."""
    count = most = 0
    for sign in gauge.read_text(encoding="utf-8")[since:]:
        count += 1 if sign == "+" else -1
        most = max(most, count)
    return most
