"""Lambda functions in front of and behind endpoints, and the queues they read."""

from __future__ import annotations

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import Finding, judge
from constructs_lib.rules.examples.example import ABSENT, Document, changed, get, template
from constructs_lib.rules.examples.lambdas import caller, function, mapping, queue

QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:jobs"


def found(document: Document, **changes: object) -> list[Finding]:
    """What is found in ``document`` after changes; a double underscore stands for the dot of a place."""
    return judge(changed(document, {place.replace("__", "."): value for place, value in changes.items()}))


def ids(document: Document, **changes: object) -> list[str]:
    return [finding.rule for finding in found(document, **changes)]


def reading(arn: object, **properties: object) -> Document:
    """A function that reads a source which is not of the template."""
    return template(Function=function(), Mapping=mapping(arn, **properties))


def test_a_message_names_the_value_the_bound_and_the_remedy() -> None:
    [finding] = found(queue(), Function__Timeout=200, Queue__VisibilityTimeout=100)
    assert (finding.logical_id, finding.path) == ("Mapping", "Properties.EventSourceArn")
    assert "VisibilityTimeout of Queue must be at least the function's Timeout 200 s, got 100 s" in finding.message
    assert finding.fix == "raise VisibilityTimeout of Queue to 1200 s or lower the function's Timeout to 100 s"


def test_numbers_in_quotes_are_numbers() -> None:
    assert ids(queue(), Function__Timeout="901", Queue__VisibilityTimeout="5406") == ["LAMBDA-TMO"]


@pytest.mark.parametrize("value", [{"Ref": "Seconds"}, {"Fn::ImportValue": "Seconds"}, {"Ref": "AWS::NoValue"}])
def test_a_timeout_known_only_at_deploy_time_is_not_judged(value: object) -> None:
    assert ids(queue(), Function__Timeout=value) == []
    assert ids(queue(), Queue__VisibilityTimeout=value) == []


def test_the_timeout_of_a_queue_of_another_template_is_not_judged() -> None:
    assert ids(reading(QUEUE_ARN), Function__Timeout=900) == []


def test_both_branches_of_a_condition_are_judged() -> None:
    document = queue()
    document["Conditions"] = {"Long": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    assert ids(document, Function__Timeout={"Fn::If": ["Long", 900, 30]}) == ["LAMBDA-SQS-VISIBILITY"]
    assert ids(document, Function__Timeout={"Fn::If": ["Long", 20, 30]}) == []


def test_a_function_is_found_by_its_name() -> None:
    changes = {"Function.FunctionName": "worker", "Mapping.FunctionName": "worker", "Function.Timeout": 200}
    assert [finding.rule for finding in judge(changed(queue(), changes))] == ["LAMBDA-SQS-VISIBILITY"]


def test_six_times_the_timeout_is_asked_for_only_where_both_are_chosen() -> None:
    assert ids(queue(), Queue__VisibilityTimeout=ABSENT) == []
    assert ids(queue(), Queue__VisibilityTimeout=17, Function__Timeout=ABSENT) == []
    [finding] = found(queue(), Queue__VisibilityTimeout=30)
    assert finding.severity is Severity.WARNING
    assert finding.fix.startswith("raise it to 180 s")


def test_a_function_on_managed_instances_runs_longer_and_has_more_memory() -> None:
    document = template(Function=function(Timeout=5400, MemorySize=32_768))
    assert ids(document) == ["LAMBDA-MEM", "LAMBDA-TMO"]
    assert ids(document, Function__CapacityProviderConfig={"Ref": "Provider"}) == []


def test_only_a_role_that_may_call_an_endpoint_makes_a_caller() -> None:
    action = "Policy__PolicyDocument__Statement__0__Action"
    waits = {"Function__Timeout": ABSENT}
    assert ids(caller(), **waits) == ["LAMBDA-TMO-INVOKE"]
    assert ids(caller(), **waits, **{action: ["s3:GetObject", "sagemaker:invokeendpoint"]}) == ["LAMBDA-TMO-INVOKE"]
    assert ids(caller(), **waits, **{action: "sagemaker:InvokeEndpointAsync"}) == []
    assert ids(caller(), **waits, Policy__PolicyDocument__Statement__0__Effect="Deny") == []
    assert ids(caller(), **waits, Policy__Roles=["Other"]) == []


def test_a_caller_behind_an_api_need_not_wait_longer_than_the_api() -> None:
    document = caller()
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "Function"}}
    document["Resources"]["Permission"] = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {**permission, "Principal": "apigateway.amazonaws.com"},
    }
    assert ids(document, Function__Timeout=29) == []
    assert ids(document, Function__Timeout=ABSENT) == ["LAMBDA-TMO-INVOKE"]
    assert ids(document, Function__Timeout=29, Permission__Principal="s3.amazonaws.com") == ["LAMBDA-TMO-INVOKE"]


def test_a_policy_inside_the_role_counts_too() -> None:
    document = caller()
    policy = document["Resources"].pop("Policy")["Properties"]
    inline = [{"PolicyName": "invoke", "PolicyDocument": policy["PolicyDocument"]}]
    assert ids(document, Role__Policies=inline, Function__Timeout=2) == ["LAMBDA-TMO-INVOKE"]


@pytest.mark.parametrize(
    "arn",
    [
        QUEUE_ARN,
        {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:jobs"},
        {"Fn::Join": ["", ["arn:aws:sqs:", {"Ref": "AWS::Region"}, ":123456789012:jobs"]]},
    ],
)
def test_a_queue_is_known_by_its_arn(arn: object) -> None:
    assert ids(reading(arn, BatchSize=11)) == ["LAMBDA-SQS-BATCH"]


@pytest.mark.parametrize(
    "arn", [{"Ref": "Source"}, {"Fn::ImportValue": "Source"}, "arn:aws:kafka:eu-west-1:123456789012:cluster/clicks/1"]
)
def test_what_depends_on_the_kind_of_source_is_not_judged_where_that_is_unknown(arn: object) -> None:
    assert ids(reading(arn, BatchSize=1000, ParallelizationFactor=2, StartingPosition="LATEST")) == []


@pytest.mark.parametrize("window", [{"Ref": "Window"}, 1])
def test_a_window_that_may_be_there_allows_large_batches(window: object) -> None:
    assert ids(queue(), Mapping__BatchSize=10_000, Mapping__MaximumBatchingWindowInSeconds=window) == []


@pytest.mark.parametrize("changes", [{"Queue__FifoQueue": "true"}, {"Queue__QueueName": {"Fn::Sub": "${Stage}.fifo"}}])
def test_a_fifo_queue_is_known_by_its_flag_or_by_its_name(changes: dict[str, object]) -> None:
    rules = ids(queue(), **changes, Mapping__BatchSize=11, Mapping__MaximumBatchingWindowInSeconds=5)
    assert rules == ["LAMBDA-SQS-BATCH-FIFO", "LAMBDA-SQS-FIFO-WINDOW"]


def test_a_fifo_queue_of_another_template_is_known_by_its_arn() -> None:
    assert ids(reading(f"{QUEUE_ARN}.fifo", BatchSize=11)) == ["LAMBDA-SQS-BATCH-FIFO"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BisectBatchOnFunctionError", True),
        ("DestinationConfig", {"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:123456789012:failed"}}),
        ("MaximumRecordAgeInSeconds", 60),
        ("MaximumRetryAttempts", 3),
        ("ParallelizationFactor", 1),
        ("TumblingWindowInSeconds", 30),
    ],
)
def test_what_is_for_streams_is_refused_for_a_queue(name: str, value: object) -> None:
    [finding] = judge(changed(queue(), {f"Mapping.{name}": value}))
    assert (finding.rule, finding.path) == ("LAMBDA-ESM-SOURCE", f"Properties.{name}")
    assert finding.message == f"{name} is for streams, the source is a queue"


@pytest.mark.parametrize("name", ["ProvisionedPollerConfig", "ScalingConfig"])
def test_what_is_for_queues_is_refused_for_a_stream(name: str) -> None:
    document = reading("arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/1", StartingPosition="LATEST")
    assert [finding.rule for finding in judge(changed(document, {f"Mapping.{name}": {"Ref": "Config"}}))] == [
        "LAMBDA-ESM-SOURCE"
    ]


def test_what_is_switched_off_or_empty_suits_every_source() -> None:
    assert ids(queue(), Mapping__BisectBatchOnFunctionError=False, Mapping__DestinationConfig={}) == []


def test_a_function_that_reads_a_queue_through_get_att_with_a_dot_is_found() -> None:
    assert ids(queue(), Mapping__EventSourceArn={"Fn::GetAtt": "Queue.Arn"}, Mapping__BatchSize=11) == [
        "LAMBDA-SQS-BATCH"
    ]
    assert ids(queue(), Mapping__EventSourceArn=get("Elsewhere", "Arn"), Mapping__BatchSize=11) == []
