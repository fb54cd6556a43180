"""Options of transform jobs: what is refused, what is rendered, and how payload and concurrency are tuned together."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from constructs_lib import DataProcessing, InvalidConfiguration, TransformOptions
from constructs_lib.checks import Checks

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TOKEN = "${Token[TOKEN.1]}"
PLACES: dict[str, Any] = {
    "s3_uri": "s3://in/x/",
    "s3_output_path": "s3://out/x",
    "instance_type": "ml.m5.large",
    "instance_count": 1,
}


def problems(make: Any, *arguments: object, **options: object) -> tuple[str, ...]:
    """The problems of a call that must be refused."""
    with pytest.raises(InvalidConfiguration) as caught:
        make(*arguments, **options)
    return tuple(caught.value.problems)


def test_every_wrong_value_is_told_at_once() -> None:
    found = problems(
        TransformOptions,
        split_type="CSV",
        compression_type="zip",
        invocations_timeout_in_seconds=3601,
        invocations_max_retries=4,
        environment={"1": "x", "A": "y" * 10_241},
        tags={"team?": "search"},
        volume_kms_key_id="a key",
        transform_ami_version="al2_ami",
    )
    starts = [
        "split_type must be one of None, Line",
        "compression_type must be one of None, Gzip",
        "invocations_timeout_in_seconds must be from 1 to 3600 s, got 3601",
        "invocations_max_retries must be from 0 to 3 retries, got 4",
        "volume_kms_key_id must be",
        "transform_ami_version must be 1 to 63",
        "a name in environment must be",
        "environment A must be",
        "a key in tags must be",
    ]
    assert [problem[: len(start)] for problem, start in zip(found, starts, strict=True)] == starts


def test_what_is_known_at_deploy_time_only_passes() -> None:
    options = TransformOptions(
        content_type=TOKEN,
        accept=TOKEN,
        split_type=TOKEN,
        volume_kms_key_id=TOKEN,
        output_kms_key_id=TOKEN,
        environment={"A": TOKEN},
        tags={"team": TOKEN},
        data_processing=DataProcessing(input_filter=TOKEN),
    )
    assert options.arguments(**PLACES)["DataProcessing"] == {
        "InputFilter": TOKEN,
        "JoinSource": "None",
        "OutputFilter": "$",
    }


def test_the_defaults_leave_to_sagemaker_what_nobody_asked_for() -> None:
    assert TransformOptions().arguments(**PLACES) == {
        "BatchStrategy": "MultiRecord",
        "MaxPayloadInMB": 6,
        "TransformInput": {
            "ContentType": "text/csv",
            "SplitType": "Line",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://in/x/"}},
        },
        "TransformOutput": {"S3OutputPath": "s3://out/x", "AssembleWith": "Line"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }


def test_every_option_is_rendered_where_the_api_wants_it() -> None:
    options = TransformOptions(
        accept="text/csv",
        compression_type="Gzip",
        max_payload_in_mb=10,
        max_concurrent_transforms=4,
        data_processing=DataProcessing(input_filter="$[1:]", join_source="Input", output_filter="$[0,-1]"),
        environment={"LOG_LEVEL": "info"},
        invocations_timeout_in_seconds=60,
        invocations_max_retries=0,
        volume_kms_key_id=KEY,
        output_kms_key_id="alias/results",
        transform_ami_version="al2-ami-sagemaker-batch-gpu-535",
        tags={"team": "search"},
    )
    rendered = options.arguments(**PLACES, s3_data_type="ManifestFile")
    assert rendered["ModelClientConfig"] == {"InvocationsTimeoutInSeconds": 60, "InvocationsMaxRetries": 0}
    assert rendered["DataProcessing"] == {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    shape = Session().get_service_model("sagemaker").operation_model("CreateTransformJob").input_shape
    named = {**rendered, "TransformJobName": "job", "ModelName": "model"}
    assert not ParamValidator().validate(named, shape).has_errors()
    assert members_of(rendered) >= {
        "Environment.LOG_LEVEL=info",
        "Tags=[{'Key': 'team', 'Value': 'search'}]",
        "MaxConcurrentTransforms=4",
        "TransformInput.CompressionType=Gzip",
        "TransformInput.DataSource.S3DataSource.S3DataType=ManifestFile",
        "TransformOutput.Accept=text/csv",
        "TransformOutput.KmsKeyId=alias/results",
        f"TransformResources.VolumeKmsKeyId={KEY}",
        "TransformResources.TransformAmiVersion=al2-ami-sagemaker-batch-gpu-535",
    }


def members_of(value: object, path: str = "") -> set[str]:
    """The leaves of a request as ``Path.To.Member=value``."""
    if not isinstance(value, dict):
        return {f"{path}={value}"}
    return set().union(*(members_of(item, f"{path}.{name}".lstrip(".")) for name, item in value.items()))


def test_a_batch_strategy_is_left_out_where_there_are_no_records() -> None:
    assert "BatchStrategy" not in TransformOptions(split_type="None").arguments(**PLACES)


@pytest.mark.parametrize(
    ("largest", "concurrency", "pair"),
    [
        (2_000, 1, (6, 1)),  # the default payload holds many such records
        (2_000, 16, (6, 16)),
        (2_000, 20, (5, 20)),  # 20 x 6 is above 100: smaller requests
        (2_000, 500, (1, 100)),
        (9_000_000, 4, (10, 4)),  # a tenth more than the record
        (9_000_000, 16, (10, 10)),  # the record wins over the concurrency
        (90_000_000, 8, (99, 1)),
    ],
)
def test_payload_and_concurrency_are_tuned_together(largest: int, concurrency: int, pair: tuple[int, int]) -> None:
    tuned = TransformOptions(accept="text/csv").tuned(largest_record_in_bytes=largest, concurrency=concurrency)
    assert (tuned.max_payload_in_mb, tuned.max_concurrent_transforms) == pair
    assert tuned.accept == "text/csv"


@pytest.mark.parametrize("one", [{"batch_strategy": "SingleRecord"}, {"split_type": "None"}])
def test_a_request_of_one_record_needs_no_room_for_more(one: dict[str, Any]) -> None:
    tuned = TransformOptions(**one).tuned(largest_record_in_bytes=2_000, concurrency=50)
    assert (tuned.max_payload_in_mb, tuned.max_concurrent_transforms) == (1, 50)


def test_records_that_no_payload_holds_are_refused_with_the_way_out() -> None:
    (problem,) = problems(TransformOptions().tuned, largest_record_in_bytes=95_000_000, concurrency=1)
    assert "must be from 0 to 100 MB, got 105; cut the records, or give max_payload_in_mb=0" in problem
    assert len(problems(TransformOptions().tuned, largest_record_in_bytes=0, concurrency=0)) == 2


@pytest.mark.parametrize(
    "path",
    ["$", "$.id.*", "$['id','SageMakerOutput']", "$.field1.['a', 'b']", "$[-1]", "$[0,5:]", "$[:5]", "$.*", "$[*]"],
)
def test_the_paths_of_the_guide_are_taken(path: str) -> None:
    assert DataProcessing(output_filter=path).output_filter == path


@pytest.mark.parametrize("path", ["", "id", "$..id", "$[?(@.a)]", "$['a.b']", "$[(@.length-1)]", "$.", "$." + "x" * 62])
def test_a_path_that_sagemaker_does_not_know_is_refused(path: str) -> None:
    (problem,) = problems(DataProcessing, input_filter=path)
    assert problem.startswith("input_filter must begin with $, have 63 characters at most, and use only .name")


def joined(**options: Any) -> TransformOptions:
    return TransformOptions(**{"accept": "text/csv", "data_processing": DataProcessing(join_source="Input"), **options})


def test_csv_is_joined_line_by_line_and_json_as_one_object() -> None:
    assert joined().accept == "text/csv"
    json = {"content_type": "application/json", "accept": "application/json"}
    assert joined(**json, split_type="None", assemble_with="None").split_type == "None"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"accept": None}, "accept must be the content_type text/csv, got None"),
        ({"accept": "application/json"}, "accept must be the content_type text/csv, got application/json"),
        ({"assemble_with": "None"}, "must both be Line, got Line and None"),
        ({"split_type": "None", "assemble_with": "None"}, "must both be Line, got None and None"),
        ({"data_processing": DataProcessing(input_filter="$.id")}, "name columns by index, such as $[0]"),
        ({"content_type": "image/png", "accept": "image/png"}, "content_type must be one of text/csv"),
        (
            {"content_type": "application/jsonlines", "accept": "application/jsonlines", "split_type": "RecordIO"},
            "must both be Line or None, got RecordIO and Line",
        ),
    ],
)
def test_formats_and_delimiters_go_with_a_join(options: dict[str, Any], said: str) -> None:
    (problem,) = problems(joined, **options)
    assert said in problem
    assert "batch-transform-data-processing" in problem


@pytest.mark.parametrize(
    ("instance_type", "count"), [("ml.m5.large", 1), ("ml.g4dn.xlarge", 1), ("ml.p3.2xlarge", 0), (TOKEN, 0)]
)
def test_disk_key_and_image_go_with_the_instance_type(instance_type: str, count: int) -> None:
    checks = Checks("any")
    options = TransformOptions(volume_kms_key_id=KEY, transform_ami_version="al2-ami-sagemaker-batch-gpu-535")
    options.check_instance_type(checks, instance_type)
    assert len(problems(checks.done) if count else ()) == count
    checks.done() if not count else None
