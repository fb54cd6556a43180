"""Batch transform jobs, wherever a state machine starts one."""

from __future__ import annotations

from dataclasses import replace

from constructs_lib.rules.examples.bases import ARTIFACT, IMAGE, QUOTAS, ROLE_ARN, model
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

SYNC = "arn:aws:states:::sagemaker:createTransformJob.sync"


def job(**members: object) -> Document:
    """The parameters of a transform job of ``Model``."""
    return {
        "TransformJobName": "{% $states.context.Execution.Name %}",
        "ModelName": get("Model", "ModelName"),
        "TransformInput": {
            "ContentType": "text/csv",
            "SplitType": "Line",
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://inputs-123456789012/input/"},
            },
        },
        "TransformOutput": {"S3OutputPath": "s3://results-123456789012/output/", "AssembleWith": "Line"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **members,
    }


def task(**fields: object) -> Document:
    """A state that runs a transform job and waits until it has ended."""
    return {"Type": "Task", "QueryLanguage": "JSONata", "Resource": SYNC, "Arguments": job(), "End": True, **fields}


def machine(states: Document, **properties: object) -> Document:
    """A state machine of these states, whose role is not of the template."""
    definition = {"StartAt": next(iter(states)), "States": states}
    return resource("AWS::StepFunctions::StateMachine", RoleArn=ROLE_ARN, Definition=definition, **properties)


def batch() -> Document:
    """Model, Machine: a state machine with the one state Transform."""
    return template(Model=model(), Machine=machine({"Transform": task()}))


def _case(place: str, *, passes: object, fails: object, region: str | None = None) -> Example:
    """A job just inside and just outside; ``place`` is the path in its parameters."""
    path = f"Machine.Definition.States.Transform.Arguments.{place}"
    return boundary(batch(), path, passes=passes, fails=fails, region=region)


def _unpacked() -> Example:
    source = {
        "S3DataSource": {"S3Uri": "s3://models-123456789012/x/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    }
    passes = {"Image": IMAGE, "ModelDataUrl": ARTIFACT}
    fails = {"Image": IMAGE, "ModelDataSource": source}
    return boundary(batch(), "Model.PrimaryContainer", passes=passes, fails=fails)


def _no_parameters() -> Example:
    return boundary(batch(), "Machine.Definition.States.Transform.Arguments", passes=job(), fails=ABSENT)


def _resource_type() -> Example:
    resources = dict(batch()["Resources"])
    wrong = resource("AWS::SageMaker::TransformJob", ModelName=get("Model", "ModelName"))
    return Example(batch(), template(**resources, Job=wrong))


def _together(passes: Document, fails: Document) -> Example:
    """A job with several members changed at once."""
    prefix = "Machine.Definition.States.Transform.Arguments"
    sides = [{f"{prefix}.{place}": value for place, value in side.items()} for side in (passes, fails)]
    return Example(changed(batch(), sides[0]), changed(batch(), sides[1]))


def _filled_in(text: str) -> Document:
    """A job whose name States.Format makes in JSONPath."""
    parameters = {**job(), "TransformJobName.$": f"States.Format('{text}', $$.Execution.Name)"}
    del parameters["TransformJobName"]
    state = {"Type": "Task", "Resource": SYNC, "Parameters": parameters, "End": True}
    return template(Model=model(), Machine=machine({"Transform": state}))


_RESOURCES = "TransformResources"
_FOUR = {"MaxPayloadInMB": 25, "MaxConcurrentTransforms": 4}
_FIVE = {"MaxPayloadInMB": 25, "MaxConcurrentTransforms": 5}
_JOIN = {"DataProcessing.JoinSource": "Input"}
_JSON = {"TransformInput.ContentType": "application/json"}
_WHOLE = {**_JOIN, "TransformInput.SplitType": "None", "TransformOutput.AssembleWith": "None"}
_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_KEYED = {f"{_RESOURCES}.VolumeKmsKeyId": _KEY}
_FILTER = "$[" + "1," * 29 + "10]"

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "PAY-BATCH": _case("MaxPayloadInMB", passes=100, fails=101),
    "PAY-BATCH-PROD": (
        _together(_FOUR, _FIVE),
        _case("MaxConcurrentTransforms", passes=16, fails=17),
    ),
    "TMO-BATCH": _case("ModelClientConfig.InvocationsTimeoutInSeconds", passes=3600, fails=3601),
    "RETRY-BATCH": _case("ModelClientConfig.InvocationsMaxRetries", passes=3, fails=4),
    "KMS-NVME-TR": _together(
        {**_KEYED, f"{_RESOURCES}.InstanceType": "ml.m5.xlarge"},
        {**_KEYED, f"{_RESOURCES}.InstanceType": "ml.g4dn.xlarge"},
    ),
    "TJ-NAME": (
        _case("TransformJobName", passes="{% $states.input.name %}", fails="nightly"),
        Example(_filled_in("nightly-{}"), _filled_in("nightly_{}")),
    ),
    "TR-COUNT": _case(f"{_RESOURCES}.InstanceCount", passes=1, fails=0),
    "TR-CONC": _case("MaxConcurrentTransforms", passes=0, fails=-1),
    "TR-ENV": _case(
        "Environment",
        passes={f"NAME_{index}": "x" for index in range(16)},
        fails={f"NAME_{index}": "x" for index in range(17)},
    ),
    "TR-ENV-KEY": _case("Environment", passes={"_1": "x"}, fails={"1": "x"}),
    "TR-ENV-VALUE": _case("Environment.NAME", passes="x" * 10_240, fails="x" * 10_241),
    "TR-SPLIT": _case("TransformInput.SplitType", passes="TFRecord", fails="TfRecord"),
    "TR-COMPRESSION": _case("TransformInput.CompressionType", passes="Gzip", fails="gzip"),
    "TR-ASSEMBLE": _case("TransformOutput.AssembleWith", passes="None", fails="RecordIO"),
    "TR-STRATEGY": (
        _case("BatchStrategy", passes="SingleRecord", fails="OneRecord"),
        _together(
            {"BatchStrategy": "MultiRecord", "TransformInput.SplitType": "Line"},
            {"BatchStrategy": "MultiRecord", "TransformInput.SplitType": "None"},
        ),
    ),
    "TR-S3TYPE": _case(
        "TransformInput.DataSource.S3DataSource.S3DataType", passes="ManifestFile", fails="AugmentedManifestFile"
    ),
    "TR-S3URI": _case("TransformOutput.S3OutputPath", passes="s3://results-123456789012", fails="results-123456789012"),
    "TR-JSONPATH": replace(
        _case("DataProcessing.InputFilter", passes=_FILTER, fails=_FILTER + "x"), also=frozenset({"TR-JSONPATH-OPS"})
    ),
    "TR-JSONPATH-OPS": _case("DataProcessing.InputFilter", passes="$[-1, 2:4]", fails="$..id"),
    "TR-JSONPATH-CSV": _case("DataProcessing.InputFilter", passes="$[1:]", fails="$.id"),
    "TR-PROC-LINES": (
        _together({**_JOIN, "TransformOutput.AssembleWith": "Line"}, {**_JOIN, "TransformOutput.AssembleWith": "None"}),
        _together({**_JSON, **_WHOLE}, _WHOLE),
    ),
    "TR-MEDIA": _case("TransformInput.ContentType", passes="x" * 256, fails="x" * 257),
    "TR-JOIN": (
        _case("DataProcessing.JoinSource", passes="None", fails="Output"),
        _together(
            {**_JOIN, "TransformOutput.Accept": "text/csv"},
            {**_JOIN, "TransformOutput.Accept": "application/json"},
        ),
    ),
    "TR-AMI": _case(
        f"{_RESOURCES}.TransformAmiVersion",
        passes="al2-ami-sagemaker-batch-gpu-535",
        fails="al2-ami-sagemaker-batch-gpu-534",
    ),
    "TR-TYPE": _case(f"{_RESOURCES}.InstanceType", passes="ml.m5.large", fails="ml.m5.medium"),
    "TR-REGION": _case(f"{_RESOURCES}.InstanceType", passes="ml.m5.large", fails="ml.g6.xlarge", region="eu-west-1"),
    "TR-NO-MDS": _unpacked(),
    "TR-NOCFN": _resource_type(),
    "TR-REQUIRED": _case("TransformInput.DataSource.S3DataSource.S3DataType", passes="S3Prefix", fails=ABSENT),
    "Q-TR-TOTAL": _case(f"{_RESOURCES}.InstanceCount", passes=4, fails=5),
    "Q-TYPE-TR": replace(_case(f"{_RESOURCES}.InstanceCount", passes=2, fails=3), quotas=QUOTAS),
    "BATCH-NO-PARAMETERS": _no_parameters(),
    "BATCH-UNKNOWN-FIELD": _together({"MaxPayloadInMB": 6}, {"MaxPayloadInMb": 6}),
    "BATCH-TAG-KEYS": _case(
        "Tags", passes=[{"Key": "team", "Value": "search"}], fails=[{"key": "team", "value": "search"}]
    ),
}
