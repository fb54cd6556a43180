"""Kinesis streams and the functions that read them."""

from __future__ import annotations

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.example import ABSENT, Document, changed, get, resource, template
from constructs_lib.rules.examples.lambdas import function, mapping
from constructs_lib.rules.examples.streams import consumed, polled, stream

STREAM_ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"


def ids(document: Document, **changes: object) -> list[str]:
    """What is found in ``document`` after changes; a double underscore stands for the dot of a place."""
    return [
        finding.rule
        for finding in judge(changed(document, {place.replace("__", "."): value for place, value in changes.items()}))
    ]


def test_a_mode_known_only_at_deploy_time_is_not_judged() -> None:
    mode = {"Stream__StreamModeDetails": {"StreamMode": {"Ref": "Mode"}}}
    assert ids(stream(), **mode, Stream__WarmThroughputMiBps=10) == []
    assert ids(stream(), **mode, Stream__ShardCount=ABSENT) == []


def test_a_stream_that_names_no_mode_is_not_judged() -> None:
    assert ids(stream(), Stream__StreamModeDetails=ABSENT, Stream__ShardCount=ABSENT) == []


def test_both_branches_of_a_mode_are_judged() -> None:
    document = stream()
    document["Conditions"] = {"Steady": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    mode = {"StreamMode": {"Fn::If": ["Steady", "PROVISIONED", "ON_DEMAND"]}}
    shards = {"Fn::If": ["Steady", 2, {"Ref": "AWS::NoValue"}]}
    assert ids(document, Stream__StreamModeDetails=mode) == ["KIN-SHARDS-ON-DEMAND"]
    assert ids(document, Stream__StreamModeDetails=mode, Stream__ShardCount=shards) == []


@pytest.mark.parametrize("mode", ["ON_DEMAND", {"Ref": "Mode"}])
def test_more_consumers_are_a_warning_where_the_mode_may_allow_them(mode: object) -> None:
    document = changed(consumed(21, "ON_DEMAND"), {"Stream.StreamModeDetails": {"StreamMode": mode}})
    [finding] = judge(document)
    assert (finding.rule, finding.severity) == ("KIN-CONSUMERS", Severity.WARNING)
    assert (finding.logical_id, finding.path) == ("Consumer20", "Properties.StreamARN")
    assert "got 21" in finding.message
    assert "register 20 or fewer" in finding.fix


@pytest.mark.parametrize("arn", [STREAM_ARN, {"Ref": "StreamArn"}])
def test_consumers_of_a_stream_of_another_template_are_counted(arn: object) -> None:
    consumers = {
        f"Consumer{index}": resource("AWS::Kinesis::StreamConsumer", ConsumerName=f"reader-{index}", StreamARN=arn)
        for index in range(51)
    }
    [finding] = judge(template(**consumers))
    assert (finding.rule, finding.severity) == ("KIN-CONSUMERS", Severity.ERROR)


def test_consumers_of_streams_known_only_at_deploy_time_are_not_counted() -> None:
    document = consumed(51)
    places: dict[str, object] = {
        f"Consumer{index}.StreamARN": {"Fn::ImportValue": f"Stream{index}"} for index in range(51)
    }
    assert judge(changed(document, places)) == []


def test_functions_that_do_not_poll_are_not_counted() -> None:
    assert ids(polled(6)) == ["KIN-SHARD-READS"]
    assert ids(polled(6), Mapping__Enabled=False) == []
    assert ids(polled(6), Mapping__EventSourceArn=f"{STREAM_ARN}/consumer/reader:1") == []
    assert ids(polled(6), Mapping__EventSourceArn=STREAM_ARN) == []


def test_a_consumer_of_this_template_does_not_poll() -> None:
    document = changed(polled(6), {"Mapping.EventSourceArn": {"Ref": "Consumer0"}})
    document["Resources"]["Consumer0"] = consumed(1)["Resources"]["Consumer0"]
    assert judge(document) == []


def test_large_records_are_found_behind_a_consumer() -> None:
    document = changed(consumed(1), {"Mapping.EventSourceArn": {"Ref": "Consumer0"}})
    [finding] = judge(changed(document, {"Stream.MaxRecordSizeInKiB": "10240"}))
    assert (finding.rule, finding.severity) == ("KIN-RECORD-LAMBDA", Severity.WARNING)


def test_large_records_are_fine_with_a_place_for_failures_or_without_a_function() -> None:
    destination = {"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:123456789012:failed"}}
    assert ids(stream(), Stream__MaxRecordSizeInKiB=10_240, Mapping__DestinationConfig=destination) == []
    assert ids(stream(), Stream__MaxRecordSizeInKiB=10_240, Mapping__EventSourceArn=STREAM_ARN) == []


@pytest.mark.parametrize("age", [-1, "-1", 60, 604_800, "604800", {"Ref": "Age"}, {"Ref": "AWS::NoValue"}])
def test_records_are_kept_for_ever_or_for_at_least_a_minute(age: object) -> None:
    assert ids(stream(), Mapping__MaximumRecordAgeInSeconds=age) == []


@pytest.mark.parametrize("age", [-2, 0, 1, 59, "59", 604_801])
def test_no_other_age_is_allowed(age: object) -> None:
    [finding] = judge(changed(stream(), {"Mapping.MaximumRecordAgeInSeconds": age}))
    assert finding.rule == "LAMBDA-ESM-AGE"
    assert f"got {age!r}" in finding.message
    assert finding.fix == "give 60 or more, or -1 to keep records until they expire"


@pytest.mark.parametrize(
    "arn",
    [
        STREAM_ARN,
        "arn:aws:dynamodb:eu-west-1:123456789012:table/jobs/stream/2026-11-21T00:00:00.000",
        {"Fn::Sub": "arn:${AWS::Partition}:kinesis:${AWS::Region}:${AWS::AccountId}:stream/clicks"},
    ],
)
def test_every_stream_needs_a_starting_position(arn: object) -> None:
    assert ids(template(Function=function(), Mapping=mapping(arn))) == ["LAMBDA-ESM-START"]


def test_a_table_of_this_template_is_a_stream() -> None:
    table = resource("AWS::DynamoDB::Table", TableName="jobs")
    document = template(Function=function(), Table=table, Mapping=mapping(get("Table", "StreamArn")))
    assert ids(document) == ["LAMBDA-ESM-START"]


def test_a_position_known_only_at_deploy_time_is_not_judged() -> None:
    assert ids(stream(), Mapping__StartingPosition={"Ref": "Position"}) == []


def test_no_value_is_no_position() -> None:
    assert ids(stream(), Mapping__StartingPosition={"Ref": "AWS::NoValue"}) == ["LAMBDA-ESM-START"]


def test_a_timestamp_known_only_at_deploy_time_is_a_timestamp() -> None:
    start = {"Mapping__StartingPosition": "AT_TIMESTAMP"}
    assert ids(stream(), **start, Mapping__StartingPositionTimestamp={"Ref": "Start"}) == []
    assert ids(stream(), **start) == ["LAMBDA-ESM-TIMESTAMP"]
