"""Every row of the facts is whole, and a row knows what it allows."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import date

import botocore.session
import pytest

import constructs_lib.facts
from constructs_lib.facts import asynchronous, models, realtime, serverless, transform, variants
from constructs_lib.facts.limit import Choice, Limit, Pattern, Positive, Range

SUBJECTS = [module.name for module in pkgutil.iter_modules(constructs_lib.facts.__path__) if module.name != "limit"]
ROWS = [
    row
    for subject in SUBJECTS
    for row in vars(importlib.import_module(f"constructs_lib.facts.{subject}")).values()
    if isinstance(row, Limit)
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_names_its_source_and_the_day_it_was_checked(row: Limit) -> None:
    published = ("https://", "CloudFormation schema of AWS::", "CloudFormation resource types")
    assert row.source.startswith(published) or "API model" in row.source
    assert date(2026, 1, 1) < row.checked_on
    assert row.what


def test_the_ids_of_rows_are_unique() -> None:
    ids = [row.id for row in ROWS]
    assert len(ids) > 40
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("allowed", "inside", "outside"),
    [
        (Range(1, 3), [1, 3, 2.5], [0, 4, "2", True, None]),
        (Range(1), [1, 10**9], [0]),
        (Range(None, 3), [-5, 3], [4]),
        (Positive(), [0.1, 5], [0, -1, True, "1"]),
        (Choice((1024, 2048)), [1024], [1500, "1024", None]),
        (Choice((1, 2)), [1], [True]),
        (Pattern("[a-z]+", 3), ["a", "abc"], ["", "abcd", "A", "a\n", 1]),
    ],
)
def test_what_is_allowed_ends_exactly_on_the_bound(
    allowed: Range | Positive | Choice | Pattern, inside: list[object], outside: list[object]
) -> None:
    assert [value for value in inside if value not in allowed] == []
    assert [value for value in outside if value in allowed] == []


def test_a_row_without_a_bound_says_so() -> None:
    with pytest.raises(TypeError, match="SLS-MEM has no maximum"):
        _ = serverless.MEMORY_SIZE_IN_MB.maximum


BOTOCORE = [
    ("sagemaker", "ServerlessMaxConcurrency", serverless.MAX_CONCURRENCY),
    ("sagemaker", "ServerlessProvisionedConcurrency", serverless.PROVISIONED_CONCURRENCY),
    ("sagemaker", "MaxConcurrentInvocationsPerInstance", asynchronous.MAX_CONCURRENT_INVOCATIONS_PER_INSTANCE),
    ("sagemaker", "InvocationsMaxRetries", transform.INVOCATIONS_MAX_RETRIES),
    ("sagemaker", "InvocationsTimeoutInSeconds", transform.INVOCATIONS_TIMEOUT),
    ("sagemaker-runtime", "InvocationTimeoutSecondsHeader", asynchronous.INVOCATION_TIMEOUT),
    ("sagemaker-runtime", "RequestTTLSecondsHeader", asynchronous.REQUEST_TTL),
    ("sagemaker", "EnvironmentMap", models.ENVIRONMENT_ENTRIES),
]


@pytest.mark.parametrize(("service", "shape", "row"), BOTOCORE, ids=lambda value: getattr(value, "id", None))
def test_a_range_is_the_one_of_the_api_model(service: str, shape: str, row: Limit) -> None:
    metadata = botocore.session.get_session().get_service_model(service).shape_for(shape).metadata
    assert isinstance(row.allowed, Range)
    assert metadata.get("max") == row.allowed.maximum
    assert (metadata.get("min") or 0) == row.allowed.minimum


@pytest.mark.parametrize(
    ("shape", "row"),
    [
        ("EndpointName", variants.ENDPOINT_NAME),
        ("VariantName", variants.VARIANT_NAME),
        ("EndpointConfigName", variants.ENDPOINT_CONFIG_NAME),
        ("TransformJobName", transform.JOB_NAME),
        ("ModelName", models.MODEL_NAME),
        ("ContainerImage", models.IMAGE),
    ],
)
def test_a_longest_name_is_the_one_of_the_api_model(shape: str, row: Limit) -> None:
    metadata = botocore.session.get_session().get_service_model("sagemaker").shape_for(shape).metadata
    assert isinstance(row.allowed, Pattern)
    assert metadata["max"] == row.allowed.maximum_length


@pytest.mark.parametrize(
    ("shape", "row"),
    [
        ("SplitType", transform.SPLIT_TYPE),
        ("AssemblyType", transform.ASSEMBLE_WITH),
        ("BatchStrategy", transform.BATCH_STRATEGY),
    ],
)
def test_a_choice_is_the_one_of_the_api_model(shape: str, row: Limit) -> None:
    enum = botocore.session.get_session().get_service_model("sagemaker").shape_for(shape).enum
    assert isinstance(row.allowed, Choice)
    assert set(enum) == set(row.allowed.values)


def test_every_instance_type_of_the_api_model_has_the_form_that_we_take() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    for shape in ("ProductionVariantInstanceType", "TransformInstanceType"):
        assert [name for name in model.shape_for(shape).enum if not variants.INSTANCE_TYPE.allows(name)] == []


def test_the_payload_that_aws_contradicts_itself_on_is_held_twice() -> None:
    assert realtime.PAYLOAD_IN_API_MODEL.maximum < realtime.PAYLOAD.maximum
