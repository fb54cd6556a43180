"""Puts records into a deployed ``StreamingInference``, and sees in streams, bucket and log what became of them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from constructs_lib.client import InferenceClient, StreamResult, results_of
from constructs_lib.local import LocalAws
from tests.end_to_end.async_witness import until
from tests.end_to_end.ledger import FAILURE, RESULT, Ledger

# By their MD5, one shard has the first of these keys, the other one the second.
ONE, OTHER = "zone-0", "zone-1"


class Streaming:
    """The one deployed stack, and what the witnesses know of it."""

    def __init__(self, aws: LocalAws, outputs: Mapping[str, str]) -> None:
        self.outputs = outputs
        self.aws = aws
        self.client = InferenceClient(result_stream=outputs["ResultStreamName"], session=aws.session())
        [mapping] = aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        self.function_arn = mapping["FunctionArn"]

    def put(self, texts: Sequence[str], keys: Sequence[str]) -> list[str]:
        """Put records, 500 at a time at most; their ids as Lambda gives them."""
        records = [
            {"Data": text.encode(), "PartitionKey": keys[number % len(keys)]} for number, text in enumerate(texts)
        ]
        answer = self.aws.client("kinesis").put_records(StreamName=self.outputs["StreamName"], Records=records)
        return [f"{each['ShardId']}:{each['SequenceNumber']}" for each in answer["Records"]]

    def results(self) -> list[StreamResult]:
        """All results in the order of their keys, as often as they were put."""
        kinesis, found = self.aws.client("kinesis"), []
        name = self.outputs["ResultStreamName"]
        for shard in kinesis.list_shards(StreamName=name)["Shards"]:
            arguments = {"StreamName": name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            place = kinesis.get_shard_iterator(**arguments)["ShardIterator"]
            for record in kinesis.get_records(ShardIterator=place)["Records"]:
                found += results_of(record["Data"], record["ApproximateArrivalTimestamp"].timestamp())
        return found

    def failures(self) -> list[dict[str, Any]]:
        """What the failure bucket holds."""
        s3, bucket = self.aws.client("s3"), self.outputs["FailureBucketName"]
        found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return [json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()) for each in found]

    def ends(self, ids: Sequence[str]) -> list[tuple[str, str]]:
        """How records ended, as often as they did."""
        known = set(ids)
        ends = [(result.id, RESULT) for result in self.results()] + [(each["id"], FAILURE) for each in self.failures()]
        return [end for end in ends if end[0] in known]

    def accounts(self, what: str, ids: Sequence[str]) -> Ledger:
        """The accounts of records once all have ended, and a moment later, when a second end would be there too."""
        until(lambda: len(self.ends(ids)) >= len(ids), 30)
        time.sleep(0.5)
        ledger = Ledger.of(what, ids, self.ends(ids))
        assert ledger.is_balanced
        known = set(ids)
        for key in (ONE, OTHER):
            numbers = [
                int(each.sequence_number) for each in self.results() if each.partition_key == key and each.id in known
            ]
            assert numbers == sorted(numbers), f"{key} is out of order"
        return ledger

    def logged(self) -> list[dict[str, Any]]:
        """What the function has logged."""
        name = self.function_arn.rpartition(":")[2]
        configuration = self.aws.client("lambda").get_function_configuration(FunctionName=name)
        pages = self.aws.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=configuration["LoggingConfig"]["LogGroup"])
        texts = [event["message"] for page in found for event in page["events"]]
        return [json.loads(line) for text in texts for line in text.splitlines() if line.startswith("{")]

    def counted(self, since: int, metric: str) -> int:
        """The sum of a metric in what was logged since."""
        return sum(line.get(metric, 0) for line in self.logged()[since:] if "_aws" in line)

    def configure(self, timeout: int, changes: Mapping[str, str]) -> None:
        """Give the function other variables than it was deployed with, and another time-out."""
        lambda_ = self.aws.client("lambda")
        variables = lambda_.get_function_configuration(FunctionName=self.function_arn)["Environment"]["Variables"]
        lambda_.update_function_configuration(
            FunctionName=self.function_arn, Timeout=timeout, Environment={"Variables": {**variables, **changes}}
        )

    def event(self, ids: Sequence[str]) -> dict[str, Any]:
        """The batch of these records, all of one shard, as Lambda hands it to the function."""
        kinesis, name, known = self.aws.client("kinesis"), self.outputs["StreamName"], set(ids)
        shard = ids[0].partition(":")[0]
        place = kinesis.get_shard_iterator(StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
        records = kinesis.get_records(ShardIterator=place["ShardIterator"])["Records"]
        events = [
            {
                "kinesis": {
                    "partitionKey": record["PartitionKey"],
                    "sequenceNumber": record["SequenceNumber"],
                    "data": base64.b64encode(record["Data"]).decode(),
                    "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
                },
                "eventSource": "aws:kinesis",
                "eventID": f"{shard}:{record['SequenceNumber']}",
                "eventSourceARN": arn,
            }
            for record in records
        ]
        return {"Records": [event for event in events if event["eventID"] in known]}

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Hand the function an event, and wait for what it answers."""
        answer = self.aws.client("lambda").invoke(FunctionName=self.function_arn, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())
