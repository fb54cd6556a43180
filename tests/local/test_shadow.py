"""Shadow variants: a share of the requests is copied, and nobody sees what comes of it."""

import time
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.errors import AwsError
from tests.local.conftest import Serve, any_name, on_instances, refused, settled, without_instances
from tests.local.in_process import InProcess, variant
from tests.local.test_routing import invocations

MANY = 2000


def copies(served: InProcess, count: int) -> int:
    """How many of `count` requests reached the shadow."""
    assert set(served.answers(count)) == {"live"}
    deadline = time.monotonic() + 10
    while any(each.in_flight for each in served.endpoint.variants.values()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return served.containers["shadow"].requests


@pytest.mark.parametrize(
    ("live", "shadow", "share"),
    [(1.0, 1.0, 1.0), (1.0, 0.5, 0.5), (2.0, 0.5, 0.25), (1.0, 0.0, 0.0), (1.0, 3.0, 1.0)],
    ids=["equal", "half", "in relation", "none", "never more than all"],
)
def test_the_weight_in_relation_to_the_production_variant_s_is_the_share(
    live: float, shadow: float, share: float
) -> None:
    served = InProcess(variant("live", live), variant("shadow", shadow, is_shadow=True))
    assert copies(served, MANY) / MANY == pytest.approx(share, abs=0.04)


def test_a_shadow_is_not_called_by_its_name() -> None:
    served = InProcess(variant("live"), variant("shadow", is_shadow=True))
    with pytest.raises(AwsError, match="Variant shadow not found"):
        served.ask(**{"x-amzn-sagemaker-target-variant": "shadow"})


def shadowed(serve: Serve, shadow_model: str, **members: Any) -> str:
    """The configuration of a live and a shadow variant."""
    return serve.config(
        on_instances(serve.model(COLOUR="live"), "live"),
        ShadowProductionVariants=[on_instances(shadow_model, "shadow", InitialVariantWeight=1.0)],
        **members,
    )


def test_the_caller_gets_the_production_variant_s_answer(runtime: Any, serve: Serve) -> None:
    endpoint = serve.endpoint(shadowed(serve, serve.model(COLOUR="shadow")))
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!environment COLOUR")
    assert (answer["InvokedProductionVariant"], answer["Body"].read()) == ("live", b"live")


def test_the_caller_does_not_wait_for_the_shadow(runtime: Any, serve: Serve) -> None:
    slow = serve.model(SLEEP="6")
    endpoint = serve.endpoint(shadowed(serve, slow))
    before = time.monotonic()
    runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")
    assert time.monotonic() - before < 5


def test_a_crash_of_the_shadow_is_nobody_s_error(runtime: Any, serve: Serve) -> None:
    config = serve.config(
        on_instances(serve.model(SUFFIX=" is fine"), "live"),
        ShadowProductionVariants=[on_instances(serve.model(), "shadow")],
    )
    endpoint = serve.endpoint(config)
    # The live container knows no verbs; the shadow crashes.
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!crash")
    assert answer["Body"].read() == b"!crash is fine"


def test_the_shadow_has_metrics_of_its_own(local_aws: LocalAws, runtime: Any, serve: Serve) -> None:
    endpoint = serve.endpoint(shadowed(serve, serve.model()))
    for _ in range(3):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")
    deadline, found = time.monotonic() + 15, 0.0
    while found < 3.0 and time.monotonic() < deadline:
        time.sleep(0.1)
        found = invocations(local_aws, endpoint, "shadow")
    assert (found, invocations(local_aws, endpoint, "live")) == (3.0, 3.0)


def test_production_and_shadow_variants_are_described_apart(sagemaker: Any, serve: Serve) -> None:
    answer = sagemaker.describe_endpoint(EndpointName=serve.endpoint(shadowed(serve, serve.model())))
    assert [each["VariantName"] for each in answer["ProductionVariants"]] == ["live"]
    assert [each["VariantName"] for each in answer["ShadowProductionVariants"]] == ["shadow"]


def test_an_update_without_the_shadow_ends_it(sagemaker: Any, serve: Serve) -> None:
    endpoint = serve.endpoint(shadowed(serve, serve.model()))
    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=serve.config(on_instances(serve.model(), "live"))
    )
    assert "ShadowProductionVariants" not in settled(sagemaker, endpoint)


def refusal_of(sagemaker: Any, *variants: dict[str, Any], shadows: list[dict[str, Any]], **members: Any) -> str:
    error = refused(
        sagemaker.create_endpoint_config,
        EndpointConfigName=any_name(),
        ProductionVariants=list(variants),
        ShadowProductionVariants=shadows,
        **members,
    ).response["Error"]
    assert error["Code"] == "ValidationException"
    return str(error["Message"])


def test_two_production_variants_have_no_shadow(sagemaker: Any, serve: Serve) -> None:
    model = serve.model()
    variants = [on_instances(model, name) for name in ("a", "b", "c")]
    assert "exactly 1 production and 1 shadow variant" in refusal_of(sagemaker, *variants[:2], shadows=variants[2:])


def test_a_shadow_has_a_name_of_its_own(sagemaker: Any, serve: Serve) -> None:
    live = on_instances(serve.model())
    assert "must be unique" in refusal_of(sagemaker, live, shadows=[live])


def test_a_serverless_variant_has_no_shadow(sagemaker: Any, serve: Serve) -> None:
    model = serve.model()
    message = refusal_of(sagemaker, without_instances(model), shadows=[on_instances(model, "shadow")])
    assert "shadow variants of a serverless endpoint configuration must be left out" in message


def test_an_asynchronous_endpoint_has_no_shadow(sagemaker: Any, serve: Serve) -> None:
    model = serve.model()
    asynchronous = {"OutputConfig": {"S3OutputPath": "s3://any-bucket/success"}}
    message = refusal_of(
        sagemaker,
        on_instances(model),
        shadows=[on_instances(model, "shadow")],
        AsyncInferenceConfig=asynchronous,
    )
    assert "AsyncInferenceConfig in a shadow test must be left out" in message
