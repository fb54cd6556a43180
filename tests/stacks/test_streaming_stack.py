"""The streaming stack hands its settings to the construct."""

from __future__ import annotations

from tests.stacks.in_process import template_of
from tests.support import only

STREAM = "AWS::Kinesis::Stream"
TOPIC = "arn:aws:sns:us-east-1:123456789012:operators"


def test_batches_requests_and_shards_come_from_the_settings() -> None:
    template = template_of(
        "streaming", shardCount=3, batchSize=70, maxBatchingWindowInSeconds=9, maxRecordsPerRequest=11
    )
    mapping = only(template, "AWS::Lambda::EventSourceMapping")
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (70, 9)
    assert [each["Properties"]["ShardCount"] for each in template.find_resources(STREAM).values()] == [3, 3]
    variables = only(template, "AWS::Lambda::Function")["Environment"]["Variables"]
    assert (variables["CONTENT_TYPE"], variables["MAX_RECORDS_PER_REQUEST"]) == ("text/csv", "11")


def test_without_shards_both_streams_are_on_demand() -> None:
    template = template_of("streaming", shardCount="null")
    modes = [each["Properties"]["StreamModeDetails"] for each in template.find_resources(STREAM).values()]
    assert modes == [{"StreamMode": "ON_DEMAND"}] * 2


def test_alarms_are_there_for_who_is_told() -> None:
    untold = template_of("streaming").find_resources("AWS::CloudWatch::Alarm").values()
    assert {"AlarmActions" in alarm["Properties"] for alarm in untold} == {False}
    alarms = template_of("streaming", alarmTopicArn=TOPIC).find_resources("AWS::CloudWatch::Alarm").values()
    assert alarms
    assert all(alarm["Properties"]["AlarmActions"] == [TOPIC] for alarm in alarms)
