"""Sends requests to a deployed ``WitnessedStack``, and asks the witnesses what became of them.

The requests of a test are a run. Each has a name that begins with the run's: its inference id or, where that is not
ours to choose, the name of its input.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

from constructs_lib.local import LocalAws
from tests.end_to_end.async_app import INPUT_PREFIX
from tests.end_to_end.ledger import DEAD_LETTER, FAILURE, RESULT, Ends

Record = dict[str, Any]
_SENDERS = 8
_ENDS = {"Completed": RESULT, "Failed": FAILURE}


class Witness:
    """What is known of the requests of one deployed stack, whose ``outputs`` these are."""

    def __init__(self, aws: LocalAws, outputs: Mapping[str, str]) -> None:
        self.outputs = outputs
        self._aws = aws
        self._heard: dict[str, list[Record]] = {}

    def client(self, service: str) -> Any:
        """A client of the local AWS."""
        return self._aws.client(service)

    def submit(self, run: str, requests: Mapping[str, bytes], **members: Any) -> None:
        """Put each body into the input bucket, where nothing submits it by itself, and submit it."""
        with ThreadPoolExecutor(_SENDERS) as pool:
            list(pool.map(partial(self._submit, run, members), requests.items()))

    def _submit(self, run: str, members: Mapping[str, Any], request: tuple[str, bytes]) -> None:
        name, body = request
        key = f"{self.outputs['InputPrefix']}{name}"
        self.client("s3").put_object(Bucket=self.outputs["InputBucketName"], Key=key, Body=body)
        self.client("sagemaker-runtime").invoke_endpoint_async(
            EndpointName=self.outputs["EndpointName"],
            InputLocation=f"s3://{self.outputs['InputBucketName']}/{key}",
            InferenceId=name,
            S3OutputPathExtension=f"{run}/{name}",
            **members,
        )

    def put(self, run: str, requests: Mapping[str, bytes]) -> None:
        """Put each body where it submits itself."""
        for name, body in requests.items():
            key = f"{INPUT_PREFIX}{run}/{name}.txt"
            self.client("s3").put_object(Bucket=self.outputs["InputBucketName"], Key=key, Body=body)

    def deliver(self, event: Record) -> None:
        """Hand an event of the input bucket to the submitter, as EventBridge does."""
        name = self.outputs["SubmitterName"]
        self.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))

    @contextmanager
    def changed_environment(self, function: str, **changes: str) -> Iterator[None]:
        """Inside, a function, by the name of its output, has other variables in its environment."""
        lambda_, name = self.client("lambda"), self.outputs[function]
        variables = lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": variables | changes})
        try:
            yield
        finally:
            lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": variables})

    def objects(self, run: str) -> Ends:
        """How each request ended by the objects in the output bucket."""
        return [
            (key.split("/")[2].removesuffix(".txt"), end)
            for prefix, end in (("success", RESULT), ("failure", FAILURE))
            for key in self.keys(f"{prefix}/{run}/")
        ]

    def answers(self, run: str, name: str = "") -> dict[str, bytes]:
        """What the answers of a run hold, by name; all of them, or the one to a request."""
        keys = self.keys(f"success/{run}/{name}{'/' if name else ''}")
        return {key.split("/")[2].removesuffix(".txt"): self._read(key) for key in keys}

    def keys(self, prefix: str) -> list[str]:
        """The keys of the output bucket."""
        pages = self.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.outputs["OutputBucketName"], Prefix=prefix)
        return [entry["Key"] for page in found for entry in page.get("Contents", [])]

    def _read(self, key: str) -> bytes:
        body: bytes = self.client("s3").get_object(Bucket=self.outputs["OutputBucketName"], Key=key)["Body"].read()
        return body

    def items(self, run: str) -> dict[str, Record]:
        """The items of the status table, by name."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=self.outputs["StatusTableName"])
        items = [_plain(item) for page in pages for item in page["Items"]]
        return dict(_of_run(run, items, "InferenceId", lambda item: item.get("InputLocation")))

    def ends(self, run: str) -> Ends:
        """How each request ended by the status table and by the dead letters, as often as they say so."""
        items = [(name, item["Status"]) for name, item in self.items(run).items()]
        known = [(name, _ENDS[status]) for name, status in items if status in _ENDS]
        return known + [(name, DEAD_LETTER) for name, _ in self.messages(run, "DeadLettersUrl")]

    def notices(self, run: str) -> Counter[str]:
        """How often SageMaker has told of each request."""
        return Counter(name for name, _ in self.messages(run, "NoticesUrl"))

    def messages(self, run: str, queue: str) -> list[tuple[str, Record]]:
        """Everything about a run that ever came to a queue which nobody else reads."""
        return _of_run(run, self.heard(queue), "inferenceId", _input_of_message)

    def heard(self, queue: str) -> list[Record]:
        """Everything that ever came to a queue which nobody else reads."""
        heard = self._heard.setdefault(queue, [])
        heard += _drained(self.client("sqs"), self.outputs[queue])
        return heard

    def logged(self, log: str = "ConsumerLog") -> list[Record]:
        """What a function has logged, by default the results consumer; its lines are JSON."""
        pages = self.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=self.outputs[log])
        texts = [event["message"] for page in found for event in page["events"]]
        return [json.loads(line) for text in texts for line in text.splitlines() if line.startswith("{")]

    def counted(self, run: str, *metrics: str) -> Counter[str]:
        """How often the consumer has counted each request, under any of these metrics."""
        counted: Counter[str] = Counter()
        lines = [line for line in self.logged() if "_aws" in line]
        for name, line in _of_run(run, lines, "InferenceId", lambda line: line.get("InputLocation")):
            counted[name] += sum(int(line[metric]) for metric in metrics)
        return counted

    def waiting(self) -> int:
        """How many messages wait in the notification queue or are being worked on."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client("sqs").get_queue_attributes(QueueUrl=self.outputs["QueueUrl"], AttributeNames=names)
        return sum(int(value) for value in found["Attributes"].values())

    def instances(self) -> int:
        """The instances of the endpoint."""
        described = self.client("sagemaker").describe_endpoint(EndpointName=self.outputs["EndpointName"])
        count: int = described["ProductionVariants"][0]["CurrentInstanceCount"]
        return count


def new_run() -> str:
    """The name of a run, which begins no other one."""
    return f"run{uuid4().hex[:8]}"


def named(run: str, bodies: Sequence[bytes]) -> dict[str, bytes]:
    """The bodies of a run by the names of its requests."""
    return {f"{run}-{number}": body for number, body in enumerate(bodies)}


def _of_run(
    run: str, records: Iterable[Record], id_key: str, input_of: Callable[[Record], str | None]
) -> list[tuple[str, Record]]:
    """Those of a run by their names; a name of ours is the inference id, or else the input's."""
    found = []
    for record in records:
        places = (str(record.get(id_key, "")), (input_of(record) or "").rpartition("/")[2].removesuffix(".txt"))
        found += [(name, record) for name in places if name.startswith(f"{run}-")][:1]
    return found


def _input_of_message(message: Record) -> str | None:
    """The input that a notification, or an event of the input bucket, is about."""
    parameters = message.get("requestParameters") or {}
    location = parameters.get("inputLocation") or message.get("detail", {}).get("object", {}).get("key")
    return None if location is None else str(location)


def _plain(item: Record) -> Record:
    return {name: next(iter(value.values())) for name, value in item.items()}


def _drained(client: Any, url: str) -> list[Record]:
    found: list[Record] = []
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
        entries = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(messages)]
        client.delete_message_batch(QueueUrl=url, Entries=entries)
    return found


def until(holds: Callable[[], bool], within: float = 30.0) -> None:
    """Wait until something holds; AssertionError when it does not in time."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"{holds.__qualname__} did not hold within {within:g} s"
        time.sleep(0.2)
