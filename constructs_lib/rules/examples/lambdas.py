"""Lambda functions in front of and behind endpoints, and the queues they read."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import ROLE_ARN
from constructs_lib.rules.examples.example import (
    ABSENT,
    Document,
    Example,
    boundary,
    changed,
    get,
    resource,
    template,
)

_MANAGED = {
    "LambdaManagedInstancesCapacityProviderConfig": {
        "CapacityProviderArn": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:shared"
    }
}


def function(**properties: object) -> Document:
    """A function that may run for 30 seconds."""
    given = {
        "Code": {"S3Bucket": "code-123456789012", "S3Key": "caller.zip"},
        "Handler": "index.handler",
        "Runtime": "python3.12",
        "Role": ROLE_ARN,
        "Timeout": 30,
        **properties,
    }
    return resource("AWS::Lambda::Function", **given)


def mapping(arn: object, **properties: object) -> Document:
    """What ``Function`` reads."""
    given = {"FunctionName": {"Ref": "Function"}, "EventSourceArn": arn, **properties}
    return resource("AWS::Lambda::EventSourceMapping", **given)


def queue(**properties: object) -> Document:
    """Function, Queue, Mapping: a function that reads a queue."""
    given = {"VisibilityTimeout": 180, **properties}
    return template(
        Function=function(), Queue=resource("AWS::SQS::Queue", **given), Mapping=mapping(get("Queue", "Arn"))
    )


def caller() -> Document:
    """Function, Role, Policy: a function that may call an endpoint and runs for up to 90 seconds."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    invoke = {
        "Effect": "Allow",
        "Action": "sagemaker:InvokeEndpoint",
        "Resource": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/classifier",
    }
    policy = {"Version": "2012-10-17", "Statement": [invoke]}
    return template(
        Function=function(Role=get("Role", "Arn"), Timeout=90),
        Role=resource("AWS::IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]}),
        Policy=resource("AWS::IAM::Policy", PolicyName="invoke", PolicyDocument=policy, Roles=[{"Ref": "Role"}]),
    )


_PLAIN = template(Function=function())
_ON_INSTANCES = template(Function=function(CapacityProviderConfig=_MANAGED))


def url() -> Document:
    """Function, Call, Invoke: a URL that everybody may call."""

    def permission(action: str, **properties: object) -> Document:
        given = {"FunctionName": get("Function", "Arn"), "Action": action, "Principal": "*", **properties}
        return resource("AWS::Lambda::Permission", **given)

    return template(
        Function=function(),
        Call=permission("lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE"),
        Invoke=permission("lambda:InvokeFunction", InvokedViaFunctionUrl=True),
    )


_EVENTS = template(
    Function=function(),
    Events=resource(
        "AWS::Lambda::EventInvokeConfig",
        FunctionName={"Ref": "Function"},
        Qualifier="$LATEST",
        MaximumEventAgeInSeconds=60,
    ),
)
_FIFO = queue(QueueName="jobs.fifo", FifoQueue=True)
_STREAM = template(
    Function=function(),
    Mapping=mapping("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", StartingPosition="LATEST"),
)

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "LAMBDA-TMO": boundary(_PLAIN, "Function.Timeout", passes=900, fails=901),
    "LAMBDA-TMO-MANAGED": boundary(_ON_INSTANCES, "Function.Timeout", passes=5400, fails=5401),
    "LAMBDA-TMO-INVOKE": (
        boundary(caller(), "Function.Timeout", passes=70, fails=69),
        boundary(caller(), "Function.Timeout", passes=70, fails=ABSENT),
    ),
    "LAMBDA-MEM": (
        boundary(_PLAIN, "Function.MemorySize", passes=128, fails=127),
        boundary(_PLAIN, "Function.MemorySize", passes=10_240, fails=10_241),
    ),
    "LAMBDA-MEM-MANAGED": boundary(_ON_INSTANCES, "Function.MemorySize", passes=32_768, fails=32_769),
    "LAMBDA-ASYNC-AGE": (
        boundary(_EVENTS, "Events.MaximumEventAgeInSeconds", passes=60, fails=59),
        boundary(_EVENTS, "Events.MaximumEventAgeInSeconds", passes=21_600, fails=21_601),
    ),
    "LAMBDA-URL-PERMISSIONS": (
        boundary(url(), "Invoke.Action", passes="lambda:InvokeFunction", fails="lambda:InvokeFunctionUrl"),
        boundary(url(), "Invoke.Principal", passes="*", fails="s3.amazonaws.com"),
    ),
    "LAMBDA-ESM": boundary(_STREAM, "Mapping.BatchSize", passes=10_000, fails=10_001),
    "LAMBDA-ESM-WINDOW": boundary(queue(), "Mapping.MaximumBatchingWindowInSeconds", passes=300, fails=301),
    "LAMBDA-ESM-CONC": boundary(queue(), "Mapping.ScalingConfig.MaximumConcurrency", passes=2, fails=1),
    "LAMBDA-ESM-SOURCE": (
        boundary(queue(), "Mapping.ParallelizationFactor", passes=ABSENT, fails=2),
        boundary(_STREAM, "Mapping.ScalingConfig", passes=ABSENT, fails={"MaximumConcurrency": 2}),
    ),
    "LAMBDA-SQS-VISIBILITY": (
        boundary(changed(queue(), {"Queue.VisibilityTimeout": ABSENT}), "Function.Timeout", passes=30, fails=31),
        boundary(changed(queue(), {"Function.Timeout": ABSENT}), "Queue.VisibilityTimeout", passes=3, fails=2),
    ),
    "LAMBDA-SQS-VISIBILITY-FACTOR": boundary(queue(), "Queue.VisibilityTimeout", passes=180, fails=179),
    "LAMBDA-SQS-BATCH": (
        boundary(queue(), "Mapping.BatchSize", passes=10, fails=11),
        boundary(
            changed(queue(), {"Mapping.BatchSize": 11}), "Mapping.MaximumBatchingWindowInSeconds", passes=1, fails=0
        ),
    ),
    "LAMBDA-SQS-BATCH-FIFO": boundary(_FIFO, "Mapping.BatchSize", passes=10, fails=11),
    "LAMBDA-SQS-FIFO-WINDOW": boundary(_FIFO, "Mapping.MaximumBatchingWindowInSeconds", passes=0, fails=1),
    "LAMBDA-SQS-START": boundary(queue(), "Mapping.StartingPosition", passes=ABSENT, fails="LATEST"),
}
