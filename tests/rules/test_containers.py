"""What the examples of the rules about several containers and several models do not show."""

from __future__ import annotations

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import instance_variant, realtime
from constructs_lib.rules.examples.example import ABSENT, Document, changed, join
from tests.rules.support import found

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/classifier:1"
ONE = {"Image": IMAGE}
MANY = {"Image": IMAGE, "Mode": "MultiModel", "ModelDataUrl": "s3://models/"}
TYPE = "Config.ProductionVariants.0.InstanceType"


def with_containers(*containers: Document, mode: object = None) -> Document:
    execution = {"Mode": mode} if mode else ABSENT
    return changed(
        realtime(),
        {
            "Model.PrimaryContainer": ABSENT,
            "Model.Containers": list(containers),
            "Model.InferenceExecutionConfig": execution,
        },
    )


def named(hostname: object) -> Document:
    return {**ONE, "ContainerHostname": hostname}


def multi_model(**changes: object) -> Document:
    return changed(realtime(), {"Model.PrimaryContainer": {**MANY, **changes}})


def test_a_model_without_any_container_is_refused() -> None:
    [finding] = judge(changed(realtime(), {"Model.PrimaryContainer": ABSENT, "Model.Containers": []}))
    assert (finding.rule, finding.path) == ("MODEL-XOR", "Properties")
    assert "got neither" in finding.message


@pytest.mark.parametrize("place", ["Model.PrimaryContainer", "Model.Containers"])
def test_containers_known_only_at_deploy_time_are_not_judged(place: str) -> None:
    unknown = {"Fn::Transform": {"Name": "Include", "Parameters": {}}}
    document = changed(realtime(), {"Model.PrimaryContainer": ABSENT, place: unknown})
    assert found(document, "MODEL-XOR") == []


def test_one_branch_with_primary_container_and_the_other_with_containers_is_sound() -> None:
    no_value = {"Ref": "AWS::NoValue"}
    document = changed(
        realtime(),
        {
            "Model.PrimaryContainer": {"Fn::If": ["IsSingle", ONE, no_value]},
            "Model.Containers": {"Fn::If": ["IsSingle", no_value, [ONE, ONE]]},
        },
    )
    document["Parameters"] = {"Kind": {"Type": "String"}}
    document["Conditions"] = {"IsSingle": {"Fn::Equals": [{"Ref": "Kind"}, "single"]}}
    assert judge(document) == []


def test_one_container_in_a_list_is_no_pipeline_and_sound() -> None:
    assert judge(with_containers(ONE)) == []


def test_hostnames_may_be_missing_on_all_containers_of_a_pipeline() -> None:
    assert judge(with_containers(ONE, ONE, mode="Serial")) == []


def test_a_hostname_missing_in_a_pipeline_is_told_where_it_misses() -> None:
    [finding] = judge(with_containers(named("first"), ONE, named({"Ref": "Third"})))
    assert (finding.rule, finding.path) == ("PIPE-HOST", "Properties.Containers.1.ContainerHostname")
    assert "2 of 3" in finding.message


def test_direct_invocation_needs_every_hostname_once() -> None:
    document = with_containers(named("first"), ONE, named("first"), named({"Ref": "Fourth"}), mode="Direct")
    assert [finding.path for finding in found(document, "MCE-HOST")] == [
        "Properties.Containers.1.ContainerHostname",
        "Properties.Containers.2.ContainerHostname",
    ]


def test_a_mode_known_only_at_deploy_time_is_not_judged() -> None:
    assert judge(with_containers(named("first"), ONE, mode={"Ref": "Mode"})) == []


def test_direct_invocation_of_a_primary_container_is_refused() -> None:
    [finding] = judge(changed(realtime(), {"Model.InferenceExecutionConfig": {"Mode": "Direct"}}))
    assert finding.rule == "MCE-COUNT"
    assert "got 1" in finding.message


def test_several_multi_model_containers_are_refused_in_a_pipeline_only() -> None:
    pipeline = with_containers({**MANY, **named("first")}, {**MANY, **named("second")})
    direct = changed(pipeline, {"Model.InferenceExecutionConfig": {"Mode": "Direct"}})
    [finding] = judge(pipeline)
    assert "More than one container in MultiModel mode is not supported" in finding.message
    assert judge(direct) == []


def test_an_archive_in_multi_model_mode_is_found_behind_an_unknown_bucket() -> None:
    assert judge(multi_model(ModelDataUrl=join("s3://", {"Ref": "Bucket"}, "/models/"))) == []
    assert found(multi_model(ModelDataUrl=join("s3://", {"Ref": "Bucket"}, "/model.tar.gz")), "MME-MODE-PREFIX")


def test_a_mode_of_the_container_known_only_at_deploy_time_leaves_its_url_alone() -> None:
    for url in ("s3://models/", "s3://models/model.tar.gz"):
        assert judge(multi_model(Mode={"Ref": "Mode"}, ModelDataUrl=url)) == []


def test_a_type_of_several_gpus_is_refused_with_its_number() -> None:
    [finding] = judge(changed(multi_model(), {TYPE: "ml.g4dn.12xlarge"}))
    assert (finding.rule, finding.severity) == ("MME-GPU", Severity.ERROR)
    assert "at most 1 GPU, ml.g4dn.12xlarge has 4" in finding.message
    assert "ml.g5.xlarge" in finding.fix


@pytest.mark.parametrize("instance_type", ["ml.g6e.xlarge", "ml.inf1.xlarge", "ml.trn1.2xlarge"])
def test_an_accelerator_that_aws_does_not_list_is_a_warning(instance_type: str) -> None:
    [finding] = found(changed(multi_model(), {TYPE: instance_type}), "MME-GPU-TYPES")
    assert finding.severity == Severity.WARNING
    assert instance_type in finding.message


@pytest.mark.parametrize("instance_type", ["ml.c7g.large", "ml.t2.medium", {"Ref": "Type"}])
def test_a_type_without_accelerator_or_of_unknown_name_is_not_judged(instance_type: object) -> None:
    document = changed(multi_model(), {TYPE: instance_type})
    assert found(document, "MME-GPU") == found(document, "MME-GPU-TYPES") == []


def test_a_single_model_may_use_several_gpus() -> None:
    assert found(changed(realtime(), {TYPE: "ml.g5.12xlarge"}), "MME-GPU") == []


def test_shadow_variants_and_pools_are_judged_too() -> None:
    pools = [{"InstanceType": "ml.g5.xlarge", "Priority": 1}, {"InstanceType": "ml.g5.48xlarge", "Priority": 2}]
    shadow = {**instance_variant("Shadow"), "InstancePools": pools}
    del shadow["InstanceType"]
    [finding] = found(changed(multi_model(), {"Config.ShadowProductionVariants": [shadow]}), "MME-GPU")
    assert finding.path == "Properties.ShadowProductionVariants.0.InstancePools.1.InstanceType"


def test_a_multi_model_container_in_a_pipeline_counts() -> None:
    assert found(changed(with_containers(ONE, MANY), {TYPE: "ml.p3.8xlarge"}), "MME-GPU")
