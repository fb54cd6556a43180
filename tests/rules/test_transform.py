"""What is judged of a batch transform job, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader

from constructs_lib.facts.limit import Severity
from constructs_lib.facts.transform_members import MEMBERS, REQUIRED
from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import IMAGE, model
from constructs_lib.rules.examples.example import ABSENT, Document, changed, get, join, template
from constructs_lib.rules.examples.transform import SYNC, batch, job, machine, task
from constructs_lib.rules.rule import Finding

PARAMETERS = "Machine.Definition.States.Transform.Arguments"
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def found(changes: dict[str, object], region: str | None = None) -> list[Finding]:
    """Findings in the template of a job whose parameters are changed at some places."""
    return judge(changed(batch(), {f"{PARAMETERS}.{place}": value for place, value in changes.items()}), region=region)


def ids(changes: dict[str, object]) -> list[str]:
    return [finding.rule for finding in found(changes)]


def only(changes: dict[str, object]) -> Finding:
    (finding,) = found(changes)
    return finding


def shape_at(place: str) -> Any:
    """The structure of the API model at a place of the table of members."""
    shapes = Loader().load_service_model("sagemaker", "service-2")["shapes"]
    shape = shapes["CreateTransformJobRequest"]
    for step in place.split("/") if place else ():
        shape = shapes[(shape["member"] if step == "*" else shape["members"][step])["shape"]]
    return shape


@pytest.mark.parametrize("place", MEMBERS)
def test_the_members_are_those_of_the_api_model(place: str) -> None:
    shape = shape_at(place)
    assert sorted(shape["members"]) == list(MEMBERS[place])
    assert sorted(shape.get("required", ())) == list(REQUIRED.get(place, ()))


@pytest.mark.parametrize(
    "value", ["6", "100", {"Ref": "Payload"}, {"Fn::ImportValue": "payload"}, {"Ref": "AWS::NoValue"}, "{% $x %}"]
)
def test_quoted_and_unknown_numbers_are_not_refused(value: object) -> None:
    assert ids({"MaxPayloadInMB": value}) == []


def test_a_number_that_an_execution_gives_is_not_judged() -> None:
    parameters = {**job(MaxConcurrentTransforms=100), "MaxPayloadInMB.$": "$.payload"}
    state = {"Type": "Task", "Resource": SYNC, "Parameters": parameters, "End": True}
    assert judge(template(Model=model(), Machine=machine({"Transform": state}))) == []


def test_a_quoted_number_is_judged_as_a_number() -> None:
    assert "must be from 0 to 100 MB, got '101'" in only({"MaxPayloadInMB": "101"}).message


def test_the_default_payload_size_makes_the_product_a_warning() -> None:
    finding = only({"MaxConcurrentTransforms": 17})
    assert (finding.rule, finding.severity) == ("PAY-BATCH-PROD", Severity.WARNING)
    assert "6 (the default) must be at most 100 MB, got 102" in finding.message
    assert "16 or less" in finding.fix


def test_a_product_of_two_given_numbers_is_an_error() -> None:
    finding = only({"MaxConcurrentTransforms": 3, "MaxPayloadInMB": 34})
    assert (finding.rule, finding.severity) == ("PAY-BATCH-PROD", Severity.ERROR)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 5e-324, -1])
def test_no_number_is_too_strange(number: float) -> None:
    findings = found({"MaxConcurrentTransforms": number, "MaxPayloadInMB": number})
    assert [finding for finding in findings if "could not be judged" in finding.message] == []


def test_chunked_requests_may_be_as_many_as_one_likes() -> None:
    assert ids({"MaxConcurrentTransforms": 1000, "MaxPayloadInMB": 0}) == []


@pytest.mark.parametrize("name", ["nightly", join({"Ref": "AWS::StackName"}, "-nightly")])
def test_a_fixed_job_name_is_a_warning(name: object) -> None:
    finding = only({"TransformJobName": name})
    assert (finding.rule, finding.severity) == ("TJ-NAME", Severity.WARNING)
    assert "$$.Execution.Name" in finding.fix


@pytest.mark.parametrize(
    "name", [{"Ref": "Name"}, join("batch-", {"Ref": "Run"}), "{% $states.context.Execution.Name %}"]
)
def test_a_job_name_that_changes_is_not_judged(name: object) -> None:
    assert ids({"TransformJobName": name}) == []


def test_a_job_name_with_wrong_characters_is_an_error() -> None:
    findings = found({"TransformJobName": "nightly_batch"})
    assert {(finding.rule, finding.severity) for finding in findings} == {
        ("TJ-NAME", Severity.ERROR),
        ("TJ-NAME", Severity.WARNING),
    }


@pytest.mark.parametrize("key", [{"Ref": "KeyParameter"}, "", {"Fn::ImportValue": "key"}])
def test_a_volume_key_that_may_be_empty_is_not_judged(key: object) -> None:
    resources = {"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 1, "VolumeKmsKeyId": key}
    assert ids({"TransformResources": resources}) == []


def test_a_volume_key_is_fine_without_local_storage() -> None:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeKmsKeyId": KEY_ARN}
    assert ids({"TransformResources": resources}) == []


def test_an_instance_type_that_is_misspelt_gets_suggestions() -> None:
    finding = only({"TransformResources.InstanceType": "ml.m5.larg"})
    assert finding.rule == "TR-TYPE"
    assert "ml.m5.large" in finding.fix


def test_the_region_is_judged_only_if_it_is_known() -> None:
    changes: dict[str, object] = {"TransformResources.InstanceType": "ml.g6.xlarge"}
    assert found(changes) == []
    assert "TR-REGION" not in [finding.rule for finding in found(changes, region="xx-nowhere-1")]


def test_misspelt_members_get_a_suggestion_and_are_not_missing_too() -> None:
    finding = only({"TransformJobName": ABSENT, "transformJobName": "{% $x %}"})
    assert (finding.rule, finding.severity) == ("BATCH-UNKNOWN-FIELD", Severity.ERROR)
    assert finding.fix == "write TransformJobName"
    assert finding.path.endswith("Arguments.transformJobName")


def test_a_member_that_is_like_no_other_is_a_warning() -> None:
    finding = only({"Checkpointing": True})
    assert (finding.rule, finding.severity) == ("BATCH-UNKNOWN-FIELD", Severity.WARNING)


def test_an_unknown_member_further_down_is_found() -> None:
    assert "no member TransformResources.InstanceTypes" in only({"TransformResources.InstanceTypes": 1}).message


@pytest.mark.parametrize("member", REQUIRED[""])
def test_each_required_member_is_asked_for(member: str) -> None:
    finding = only({member: ABSENT})
    assert finding.rule == "TR-REQUIRED"
    assert finding.message.startswith(f"{member} is required in CreateTransformJob")


def test_parameters_that_are_unknown_are_not_judged() -> None:
    document = template(Model=model(), Machine=machine({"Transform": task(Arguments={"Ref": "Parameters"})}))
    assert judge(document) == []


@pytest.mark.parametrize(
    ("tags", "rules"),
    [
        ([{"Key": "a", "Value": "b"}], set()),
        ([{"key": "a", "value": "b"}], {"BATCH-TAG-KEYS"}),
        ([{"Key": "a"}], {"TR-REQUIRED"}),
        ([{"Key.$": "$.a", "Value.$": "$.b"}], set()),
        ({"Ref": "Tags"}, set()),
    ],
)
def test_tags_have_a_key_and_a_value(tags: object, rules: set[str]) -> None:
    assert set(ids({"Tags": tags})) == rules


@pytest.mark.parametrize(
    ("accept", "rules"),
    [
        ("text/csv; header=present", []),
        ("application/json", ["TR-JOIN"]),
        ("application/x-parquet", []),
        ({"Ref": "Accept"}, []),
        (ABSENT, []),
    ],
)
def test_joined_formats_are_compared_where_both_are_known(accept: object, rules: list[str]) -> None:
    assert ids({"DataProcessing.JoinSource": "Input", "TransformOutput.Accept": accept}) == rules


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"DataProcessing.JoinSource": "None", "TransformOutput.AssembleWith": "None"}, []),
        ({"DataProcessing.InputFilter": "$", "TransformOutput.AssembleWith": ABSENT}, []),
        ({"DataProcessing.InputFilter": "$[1:]", "TransformOutput.AssembleWith": ABSENT}, ["TR-PROC-LINES"]),
        ({"DataProcessing.JoinSource": "Input", "TransformOutput.AssembleWith": {"Ref": "Assemble"}}, []),
        ({"DataProcessing.OutputFilter": "$['id']"}, ["TR-JSONPATH-CSV"]),
        ({"DataProcessing.OutputFilter": "$['id']", "TransformInput.ContentType": "application/jsonlines"}, []),
        ({"DataProcessing.OutputFilter": "{% $states.input.filter %}"}, []),
    ],
)
def test_filters_and_joins_go_with_how_records_are_cut(changes: dict[str, object], rules: list[str]) -> None:
    assert ids(changes) == rules


def test_single_records_need_no_split() -> None:
    assert ids({"BatchStrategy": "SingleRecord", "TransformInput.SplitType": "None"}) == []


def test_the_instances_of_all_iterations_count() -> None:
    inner = {"StartAt": "Transform", "States": {"Transform": task(Arguments=job())}}
    state = {"Type": "Map", "MaxConcurrency": 5, "ItemProcessor": inner, "End": True}
    (finding,) = judge(template(Model=model(), Machine=machine({"Each": state})))
    assert (finding.rule, finding.severity) == ("Q-TR-TOTAL", Severity.WARNING)
    assert finding.message.startswith("InstanceCount 1 in 5 iterations at once is above the quota")
    assert finding.message.endswith("which is 4 in a new account")


def _unpacked(**names: object) -> Document:
    uri = {"S3Uri": "s3://models-123456789012/x/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    container = {"Image": IMAGE, "ModelDataSource": {"S3DataSource": uri}}
    return changed(batch(), {"Model.PrimaryContainer": container, **names})


@pytest.mark.parametrize("reference", [get("Model", "ModelName"), {"Fn::Sub": "${Model.ModelName}"}])
def test_the_model_is_followed_by_reference(reference: object) -> None:
    (finding,) = judge(_unpacked(**{f"{PARAMETERS}.ModelName": reference}))
    assert finding.rule == "TR-NO-MDS"
    assert "which use ModelDataSource attribute" in finding.message
    assert finding.path.endswith("Arguments.ModelName")


def test_the_model_is_followed_by_name() -> None:
    document = _unpacked(**{f"{PARAMETERS}.ModelName": "classifier", "Model.ModelName": "classifier"})
    assert "TR-NO-MDS" in {finding.rule for finding in judge(document)}


def test_a_model_of_another_template_is_not_judged() -> None:
    document = _unpacked(**{f"{PARAMETERS}.ModelName": "other"})
    assert judge(document) == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("nightly_${AWS::StackName}", "'_' in 'nightly_'"),
        ("-${AWS::StackName}", "a hyphen at the end of '-'"),
        ("${AWS::StackName}-", "a hyphen at the end of '-'"),
        ("a" * 64 + "${AWS::StackName}", "at least 64 characters"),
    ],
)
def test_the_known_parts_of_a_name_show_what_no_name_may_be(name: str, fault: str) -> None:
    errors = [
        finding
        for finding in judge(changed(batch(), {f"{PARAMETERS}.TransformJobName": {"Fn::Sub": name}}))
        if finding.severity is Severity.ERROR
    ]
    assert [finding.rule for finding in errors] == ["TJ-NAME"]
    assert errors[0].message.endswith(f"got {fault}")


def test_a_name_of_an_execution_may_have_any_sound_part() -> None:
    name = {"Fn::Join": ["-", ["nightly", {"Fn::ImportValue": "name"}, "1"]]}
    assert judge(changed(batch(), {f"{PARAMETERS}.TransformJobName": name})) == []
