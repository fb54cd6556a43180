"""Events to functions: none is forgotten when its function fails, and a hundred are not as many processes."""

import io
import json
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.arns import ACCOUNT, REGION
from tests.local.conftest import ROLE, any_name

# Says what it got, and in which process, after NAP seconds and LINES lines; with FAIL it fails then.
HANDLER = """
import json, os, pathlib, time
import boto3

def handler(event, context):
    time.sleep(float(os.environ.get("NAP", "0")))
    for _ in range(int(os.environ.get("LINES", "0"))):
        print(f"line of {event};")
    said = {"event": event, "pid": os.getpid(), "environment": dict(os.environ)}
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(said))
    if "FAIL" in os.environ:
        raise ValueError("as you wished")
"""


class Function:
    """A function with a queue of what it said and a queue of what it failed at, and a bus that has it as a target."""

    def __init__(self, aws: LocalAws, **environment: str) -> None:
        self._sqs, self._lambda, self._events = (aws.client(name) for name in ("sqs", "lambda", "events"))
        self.name = any_name("function")
        self.said, self.failed = (self._sqs.create_queue(QueueName=any_name())["QueueUrl"] for _ in range(2))
        self.arn = self._lambda.create_function(
            FunctionName=self.name,
            Runtime="python3.12",
            Handler="index.handler",
            Role=ROLE,
            Timeout=30,
            Code={"ZipFile": zipped("index.py", HANDLER)},
            Environment={"Variables": {"QUEUE": self.said} | environment},
        )["FunctionArn"]
        self._failed_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.failed.rpartition('/')[2]}"
        self._lambda.put_function_event_invoke_config(
            FunctionName=self.name,
            MaximumRetryAttempts=1,
            DestinationConfig={"OnFailure": {"Destination": self._failed_arn}},
        )

    def have_dead_letters(self) -> None:
        """Have a dead-letter queue in place of the destination."""
        self._lambda.put_function_event_invoke_config(FunctionName=self.name, MaximumRetryAttempts=0)
        self._lambda.update_function_configuration(
            FunctionName=self.name, DeadLetterConfig={"TargetArn": self._failed_arn}
        )

    def listen(self, pattern: dict[str, Any]) -> None:
        """Make it the target of a rule."""
        rule = any_name("rule")
        self._events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
        self._events.put_targets(Rule=rule, Targets=[{"Id": "function", "Arn": self.arn}])

    def send(self, count: int) -> None:
        """Put events of its own name on the bus."""
        for number in range(count):
            entry = {"Source": self.name, "DetailType": "test", "Detail": json.dumps({"number": number})}
            self._events.put_events(Entries=[entry])

    def reserve(self, executions: int) -> None:
        """Let so many invocations run at once."""
        self._lambda.put_function_concurrency(FunctionName=self.name, ReservedConcurrentExecutions=executions)

    def heard(self, queue: str, count: int, within: float = 20.0) -> list[dict[str, Any]]:
        """The messages of a queue: `count` of them, or what there is after `within` seconds."""
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + within
        while True:
            answer = self._sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, MaxNumberOfMessages=10)
            found += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
            if len(found) >= count or time.monotonic() > deadline:
                return found


def zipped(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()


@pytest.fixture(scope="module")
def bucket(local_aws: LocalAws) -> str:
    """A bucket that tells the bus of its objects."""
    name = any_name("told")
    s3 = local_aws.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    return name


def created(bucket: str) -> dict[str, Any]:
    """The pattern of the objects that are put under `input/`."""
    detail = {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": "input/"}]}}
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}


def test_an_event_whose_function_fails_is_tried_again_and_then_told(local_aws: LocalAws) -> None:
    function = Function(local_aws, FAIL="always")
    function.listen({"source": [function.name]})
    function.send(1)
    [letter] = function.heard(function.failed, 1)
    assert letter["requestPayload"]["detail"] == {"number": 0}
    assert letter["responsePayload"]["errorMessage"] == "as you wished"
    assert len(function.heard(function.said, 2)) == 2


def test_a_dead_letter_is_the_event_itself(local_aws: LocalAws) -> None:
    function = Function(local_aws, FAIL="always")
    function.have_dead_letters()
    function.listen({"source": [function.name]})
    function.send(1)
    [letter] = function.heard(function.failed, 1)
    assert (letter["source"], letter["detail"]) == (function.name, {"number": 0})


def test_a_function_of_a_stack_has_its_dead_letters_and_its_reserved_concurrency(local_aws: LocalAws) -> None:
    stacks, lambda_ = local_aws.client("cloudformation"), local_aws.client("lambda")
    stack = any_name("functions")

    def resources(executions: int) -> str:
        properties = {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": ROLE,
            "Code": {"ZipFile": HANDLER},
            "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Letters", "Arn"]}},
            "ReservedConcurrentExecutions": executions,
        }
        function = {"Type": "AWS::Lambda::Function", "Properties": properties}
        outputs = {"Name": {"Value": {"Ref": "Function"}}, "Letters": {"Value": {"Fn::GetAtt": ["Letters", "Arn"]}}}
        return json.dumps(
            {"Resources": {"Letters": {"Type": "AWS::SQS::Queue"}, "Function": function}, "Outputs": outputs}
        )

    for executions, change in ((2, stacks.create_stack), (3, stacks.update_stack)):
        change(StackName=stack, TemplateBody=resources(executions))
        described = settled_stack(stacks, stack, "CREATE_COMPLETE" if executions == 2 else "UPDATE_COMPLETE")
        outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
        found = lambda_.get_function(FunctionName=outputs["Name"])
        assert found["Configuration"]["DeadLetterConfig"] == {"TargetArn": outputs["Letters"]}
        assert found["Concurrency"]["ReservedConcurrentExecutions"] == executions


def settled_stack(stacks: Any, name: str, status: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while True:
        [described] = stacks.describe_stacks(StackName=name)["Stacks"]
        if described["StackStatus"] == status:
            return dict(described)
        assert time.monotonic() < deadline, described
        time.sleep(0.05)


def test_many_events_share_a_few_processes_and_each_is_heard_once(local_aws: LocalAws) -> None:
    function = Function(local_aws)
    function.listen({"source": [function.name]})
    function.send(40)
    said = function.heard(function.said, 40)
    assert sorted(each["event"]["detail"]["number"] for each in said) == list(range(40))
    assert len({each["pid"] for each in said}) <= 4


def test_a_throttled_event_waits_and_is_no_failure(local_aws: LocalAws) -> None:
    function = Function(local_aws, NAP="0.5")
    function.reserve(1)
    function.listen({"source": [function.name]})
    function.send(8)
    assert len(function.heard(function.said, 8)) == 8
    assert function.heard(function.failed, 1, within=0.0) == []


def test_an_invocation_ends_as_it_began_when_its_function_is_changed_meanwhile(local_aws: LocalAws) -> None:
    function, lambda_ = Function(local_aws, NAP="1", VERSION="old"), local_aws.client("lambda")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(lambda_.invoke, FunctionName=function.name, Payload=b"1")
        time.sleep(0.5)
        variables = {"QUEUE": function.said, "VERSION": "new"}
        lambda_.update_function_configuration(FunctionName=function.name, Environment={"Variables": variables})
        answers = [lambda_.invoke(FunctionName=function.name, Payload=b"2"), running.result()]
    assert not any("FunctionError" in answer for answer in answers)
    said = {each["event"]: each["environment"]["VERSION"] for each in function.heard(function.said, 2)}
    assert said == {1: "old", 2: "new"}


def test_only_what_the_rule_names_reaches_the_function(local_aws: LocalAws, bucket: str) -> None:
    function, s3 = Function(local_aws), local_aws.client("s3")
    function.listen(created(bucket))
    for key in ("input/first", "elsewhere/second", "input/third"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    said = function.heard(function.said, 3, within=3.0)
    assert sorted(each["event"]["detail"]["object"]["key"] for each in said) == ["input/first", "input/third"]
    assert all("version-id" not in each["event"]["detail"]["object"] for each in said)


def test_the_event_of_an_object_with_versions_names_its_version(local_aws: LocalAws, bucket: str) -> None:
    function, s3 = Function(local_aws), local_aws.client("s3")
    function.listen(created(bucket))
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    versions = [s3.put_object(Bucket=bucket, Key="input/again", Body=b"x")["VersionId"] for _ in range(2)]
    said = function.heard(function.said, 2)
    assert sorted(each["event"]["detail"]["object"]["version-id"] for each in said) == sorted(versions)


def test_a_function_sees_this_aws_alone(local_aws: LocalAws) -> None:
    function = Function(local_aws)
    function.listen({"source": [function.name]})
    function.send(1)
    [said] = function.heard(function.said, 1)
    seen = {name: value for name, value in said["environment"].items() if name.startswith("AWS_")}
    assert seen["AWS_ENDPOINT_URL"] == local_aws.endpoint_url
    assert (seen["AWS_ACCESS_KEY_ID"], seen["AWS_SECRET_ACCESS_KEY"]) == (ACCOUNT, "local")
    assert seen["AWS_CONFIG_FILE"] == seen["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    assert seen["AWS_EC2_METADATA_DISABLED"] == "true"


def test_what_a_function_prints_is_in_its_log_when_it_has_answered(local_aws: LocalAws) -> None:
    function = Function(local_aws, LINES="50")
    lambda_, logs = local_aws.client("lambda"), local_aws.client("logs")
    for number in range(1, 11):
        lambda_.invoke(FunctionName=function.name, Payload=json.dumps(number))
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function.name}")
        text = "\n".join(event["message"] for page in pages for event in page["events"])
        assert text.count(f"line of {number};") == 50


def test_functions_end_with_the_server_and_leave_no_folder() -> None:
    with LocalAws() as aws:
        function = Function(aws, NAP="30")
        busy = Function(aws)
        for each in (function, busy):
            each.listen({"source": [each.name]})
            each.send(1)
        [said] = busy.heard(busy.said, 1)
        assert Path(f"/proc/{said['pid']}").exists()
        names = (function.name, busy.name)
        assert all(folders(name) for name in names)
    assert not Path(f"/proc/{said['pid']}").exists()
    assert not any(folders(name) for name in names)


def folders(function: str) -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"ministack-lambda-{function}-*"))
