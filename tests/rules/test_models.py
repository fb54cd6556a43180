"""What the examples of the rules about models do not show."""

from __future__ import annotations

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import asynchronous, realtime, serverless
from constructs_lib.rules.examples.example import ABSENT, Document, changed, join
from tests.rules.support import found

CONTAINER = "Model.PrimaryContainer"
ACCOUNT, REGION, SUFFIX = {"Ref": "AWS::AccountId"}, {"Ref": "AWS::Region"}, {"Ref": "AWS::URLSuffix"}
IN_ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/classifier:1"


def with_container(**properties: object) -> Document:
    return changed(realtime(), {f"{CONTAINER}.{name}": value for name, value in properties.items()})


def if_production(then: object, otherwise: object) -> dict[str, object]:
    return {"Fn::If": ["IsProduction", then, otherwise]}


def conditional(document: Document) -> Document:
    return {
        **document,
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}},
    }


@pytest.mark.parametrize(
    "image",
    [
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/classifier:1",
        "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu/classifier:1",
        "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/classifier:1",
        "123456789012.dkr-ecr.eu-west-1.on.aws/classifier:1",
        "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov/classifier:1",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/classifier@sha256:0a",
        join(ACCOUNT, ".dkr.ecr.", REGION, ".", SUFFIX, "/classifier:1"),
        join("123456789012.dkr.ecr.eu-west-1.", SUFFIX, "/classifier:1"),
        {"Ref": "Image"},
        join({"Ref": "Registry"}, "/classifier:1"),
        join("classifier:", {"Ref": "Tag"}),
    ],
)
def test_an_image_in_a_private_repository_or_of_unknown_registry_is_not_judged(image: object) -> None:
    assert judge(with_container(Image=image)) == []


@pytest.mark.parametrize(
    "image",
    [
        "classifier",
        "library/classifier:1",
        "docker.io/team/classifier:1",
        "public.ecr.aws/team/classifier:1",
        "123456789012.dkr.ecr.eu-west-1.example.com/classifier:1",
        join("nvcr.io/nvidia/tritonserver:", {"Ref": "Tag"}),
    ],
)
def test_an_image_outside_of_ecr_is_refused(image: object) -> None:
    [finding] = judge(with_container(Image=image))
    assert (finding.rule, finding.path) == ("IMG-NOT-ECR", "Properties.PrimaryContainer.Image")
    assert 'Using non-ECR image "..." without Vpc repository access mode is not supported.' in finding.message


def test_an_image_outside_of_ecr_names_its_registry() -> None:
    [finding] = judge(with_container(Image="docker.io/team/classifier:1"))
    assert "in the registry docker.io" in finding.message
    assert "push the image to Amazon ECR" in finding.fix


def test_an_access_mode_known_only_at_deploy_time_leaves_the_registry_alone() -> None:
    document = with_container(Image="docker.io/team/classifier:1", ImageConfig={"RepositoryAccessMode": {"Ref": "M"}})
    assert judge(document) == []


@pytest.mark.parametrize(
    "image",
    [
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/classifier:1",
        join(ACCOUNT, ".dkr.ecr.us-east-1.", SUFFIX, "/classifier:1"),
    ],
)
def test_an_image_of_another_region_is_refused_where_the_region_is_known(image: object) -> None:
    [finding] = judge(with_container(Image=image), region="eu-west-1")
    assert finding.rule == "MODEL-IMG-REGION"
    assert "eu-west-1" in finding.message
    assert "us-east-1" in finding.message
    assert judge(with_container(Image=image)) == []


def test_an_image_that_follows_the_region_is_sound_in_each() -> None:
    document = with_container(Image=join(ACCOUNT, ".dkr.ecr.", REGION, ".", SUFFIX, "/classifier:1"))
    assert judge(document, region="eu-central-1") == []


def test_repository_auth_config_beside_platform_is_refused() -> None:
    config = {"RepositoryAccessMode": "Platform", "RepositoryAuthConfig": {"RepositoryCredentialsProviderArn": "a"}}
    [finding] = judge(with_container(ImageConfig=config))
    assert (finding.rule, finding.path) == (
        "MODEL-PRIVREG",
        "Properties.PrimaryContainer.ImageConfig.RepositoryAuthConfig",
    )


@pytest.mark.parametrize("base", [realtime, serverless, asynchronous])
def test_a_prefix_is_no_archive_however_the_model_is_served(base: type) -> None:
    document = changed(base(), {f"{CONTAINER}.ModelDataUrl": "s3://models/classifier/"})
    assert len(found(document, "MODEL-URL-PREFIX")) == 1


def test_the_end_of_a_url_is_judged_even_if_its_bucket_is_not_known() -> None:
    bucket = {"Ref": "Bucket"}
    assert judge(with_container(ModelDataUrl=join("s3://", bucket, "/model.tar.gz"))) == []
    [finding] = judge(with_container(ModelDataUrl=join("s3://", bucket, "/classifier/")))
    assert finding.rule == "MODEL-URL-PREFIX"
    assert "'/classifier/'" in finding.message


def test_a_prefix_in_one_branch_of_a_condition_is_found() -> None:
    url = if_production("s3://models/classifier/", "s3://models/model.tar.gz")
    assert len(found(conditional(with_container(ModelDataUrl=url)), "MODEL-URL-PREFIX")) == 1


def test_no_value_is_no_url() -> None:
    document = with_container(ModelDataUrl=if_production({"Ref": "AWS::NoValue"}, "s3://models/model.tar.gz"))
    assert judge(conditional(document)) == []


@pytest.mark.parametrize(
    ("url", "severity"),
    [
        ("https://models.s3.us-east-1.amazonaws.com/model.tar.gz", Severity.ERROR),
        ("https://s3-us-west-2.amazonaws.com/models/model.tar.gz", Severity.ERROR),
        ("s3://sagemaker-us-east-1-123456789012/model.tar.gz", Severity.WARNING),
    ],
)
def test_a_bucket_of_another_region_is_found_by_its_host_and_likely_by_its_name(url: str, severity: Severity) -> None:
    [finding] = judge(with_container(ModelDataUrl=url), region="eu-west-1")
    assert (finding.rule, finding.severity) == ("MODEL-URL-REGION", severity)
    assert judge(with_container(ModelDataUrl=url)) == []


@pytest.mark.parametrize("url", ["s3://us-east-1-models/model.tar.gz", "https://s3.amazonaws.com/models/model.tar.gz"])
def test_other_buckets_tell_no_region(url: str) -> None:
    assert judge(with_container(ModelDataUrl=url), region="eu-west-1") == []


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ({"S3Uri": "s3://b/m", "S3DataType": "S3Prefix", "CompressionType": "None"}, "S3Uri"),
        ({"S3Uri": "s3://b/m/", "S3DataType": "S3Prefix", "CompressionType": "Gzip"}, "CompressionType"),
    ],
)
def test_each_fault_of_a_data_source_is_told_where_it_is(source: Document, path: str) -> None:
    document = with_container(ModelDataUrl=ABSENT, ModelDataSource={"S3DataSource": source})
    [finding] = judge(document)
    assert finding.rule == "MODEL-MDS"
    assert finding.path.endswith(f"S3DataSource.{path}")


def test_a_data_source_of_unknown_end_or_kind_is_not_judged() -> None:
    unknown_end = {"S3Uri": join("s3://b/", {"Ref": "Prefix"}), "S3DataType": "S3Prefix", "CompressionType": "None"}
    unknown_kind = {"S3Uri": "s3://b/m", "S3DataType": {"Ref": "Kind"}, "CompressionType": "Gzip"}
    for source in (unknown_end, unknown_kind):
        assert judge(with_container(ModelDataUrl=ABSENT, ModelDataSource={"S3DataSource": source})) == []


def test_the_known_part_of_a_value_counts() -> None:
    parameter = {"Ref": "Rest"}
    assert judge(with_container(Environment={"KEY": join("v" * 1024, parameter)})) == []
    [finding] = judge(with_container(Environment={"KEY": join("v" * 1025, parameter)}))
    assert finding.rule == "MODEL-ENV-VALUE"
    assert "value of KEY must have at most 1024 characters, got 1025" in finding.message


def test_numbers_and_truth_values_are_texts_in_an_environment() -> None:
    assert judge(with_container(Environment={"WORKERS": 2, "DEBUG": True, "NAME": {"Ref": "Name"}})) == []


def test_bytes_and_not_characters_add_up() -> None:
    umlauts = {f"K{index:02}": "ä" * 510 for index in range(32)}
    assert found(with_container(Environment=umlauts), "MODEL-ENV-TOTAL") == []
    more = {**umlauts, "MORE": "ä" * 15}
    [finding] = found(with_container(Environment=more), "MODEL-ENV-TOTAL")
    assert "at most 32768 bytes, got 32770" in finding.message


def test_environments_of_all_containers_add_up() -> None:
    environment = {f"K{index:02}": "v" * 1021 for index in range(17)}
    container = {"Image": IN_ECR, "Environment": environment}
    document = changed(
        realtime(), {"Model.PrimaryContainer": ABSENT, "Model.Containers": [container, {"Image": IN_ECR}]}
    )
    assert judge(document) == []
    assert [finding.rule for finding in judge(changed(document, {"Model.Containers.1": container}))] == [
        "MODEL-ENV-TOTAL"
    ]


def test_an_environment_beside_a_package_of_another_stack_is_not_judged() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/classifier/1"
    container = {"ModelPackageName": arn, "Environment": {"LOG_LEVEL": "info"}}
    assert judge(changed(realtime(), {CONTAINER: container})) == []


@pytest.mark.parametrize("place", ["Model.ModelName", "Config.ProductionVariants.0.ModelName"])
def test_a_name_that_nobody_replaced_is_refused_in_models_and_variants(place: str) -> None:
    [finding] = found(changed(realtime(), {place: "ENTER MODEL NAME"}), "MODEL-NAME")
    assert "'ENTER MODEL NAME'" in finding.message


def test_the_model_of_a_shadow_variant_is_judged_too() -> None:
    shadow = {"VariantName": "Shadow", "ModelName": "a.b", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    assert len(found(changed(realtime(), {"Config.ShadowProductionVariants": [shadow]}), "MODEL-NAME")) == 1


def test_additional_data_sources_get_a_way_out() -> None:
    [finding] = judge(with_container(AdditionalModelDataSources=[]))
    assert finding.rule == "MODEL-AMDS-CFN"
    assert "which CloudFormation does not know" in finding.message
    assert "ModelDataSource" in finding.fix
