"""Which variant answers: by weight, by name, and what the endpoint says of it."""

import time
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.errors import AwsError
from tests.local.conftest import Serve, on_instances
from tests.local.in_process import InProcess, shares, variant

MANY = 4000


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({"a": 1.0, "b": 1.0}, {"a": 0.5, "b": 0.5}),
        ({"a": 9.0, "b": 1.0}, {"a": 0.9, "b": 0.1}),
        ({"a": 0.5, "b": 0.25, "c": 0.25}, {"a": 0.5, "b": 0.25, "c": 0.25}),
    ],
    ids=["even", "canary", "below one"],
)
def test_requests_go_by_weight_in_relation_to_the_sum(weights: dict[str, float], expected: dict[str, float]) -> None:
    served = InProcess(*[variant(name, weight) for name, weight in weights.items()])
    assert shares(served.answers(MANY), MANY) == pytest.approx(expected, abs=0.03)


def test_a_weight_of_zero_gets_nothing() -> None:
    served = InProcess(variant("a", 1.0), variant("b", 0.0))
    assert set(served.answers(500)) == {"a"}


def test_the_same_seed_draws_the_same_variants() -> None:
    first, second = (InProcess(variant("a"), variant("b"), seed=3) for _ in range(2))
    assert list(first.answers(50)) == list(second.answers(50))


def test_another_seed_draws_others() -> None:
    first, second = (InProcess(variant("a"), variant("b"), seed=seed) for seed in (3, 4))
    assert list(first.answers(50)) != list(second.answers(50))


def test_a_named_variant_answers_whatever_its_weight() -> None:
    served = InProcess(variant("a", 1.0), variant("b", 0.0))
    assert {served.ask(**{"x-amzn-sagemaker-target-variant": "b"}) for _ in range(20)} == {"b"}


def test_a_name_that_no_variant_has_is_refused() -> None:
    with pytest.raises(AwsError, match="Variant c not found for endpoint any"):
        InProcess(variant("a")).ask(**{"x-amzn-sagemaker-target-variant": "c"})


def test_each_invocation_counts_for_its_variant() -> None:
    served = InProcess(variant("a"), variant("b"))
    drawn = list(served.answers(30))
    assert served.counted == drawn


def test_nothing_is_under_way_when_all_is_answered() -> None:
    served = InProcess(variant("a"), variant("b"))
    list(served.answers(10))
    assert [each.in_flight for each in served.endpoint.variants.values()] == [0, 0]


@pytest.fixture(scope="module")
def two_variants(serve: Serve) -> str:
    models = {name: serve.model(COLOUR=name) for name in ("blue", "green")}
    weights = {"blue": 1.0, "green": 0.0}
    variants = [on_instances(models[name], name, InitialVariantWeight=weight) for name, weight in weights.items()]
    return serve.endpoint(serve.config(*variants))


def asked(runtime: Any, endpoint: str, **arguments: str) -> tuple[str, str]:
    """The variant that the answer names, and the one whose container answered."""
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!environment COLOUR", **arguments)
    return answer["InvokedProductionVariant"], answer["Body"].read().decode()


def test_the_answer_names_the_variant_whose_container_gave_it(runtime: Any, two_variants: str) -> None:
    assert asked(runtime, two_variants) == ("blue", "blue")
    assert asked(runtime, two_variants, TargetVariant="green") == ("green", "green")


def test_changed_weights_are_described_and_move_the_requests(runtime: Any, sagemaker: Any, two_variants: str) -> None:
    def move(blue: float, green: float) -> list[tuple[float, float]]:
        weights = {"blue": blue, "green": green}
        wanted = [{"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()]
        sagemaker.update_endpoint_weights_and_capacities(EndpointName=two_variants, DesiredWeightsAndCapacities=wanted)
        described = sagemaker.describe_endpoint(EndpointName=two_variants)["ProductionVariants"]
        return [(each["CurrentWeight"], each["DesiredWeight"]) for each in described]

    assert move(0.0, 3.0) == [(0.0, 0.0), (3.0, 3.0)]
    assert {asked(runtime, two_variants) for _ in range(10)} == {("green", "green")}
    assert move(1.0, 0.0) == [(1.0, 1.0), (0.0, 0.0)]


def invocations(local_aws: LocalAws, endpoint: str, variant_name: str) -> float:
    """The sum of the metric Invocations of a variant, as CloudWatch has it."""
    now = time.time()
    answer = local_aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant_name}],
        StartTime=now - 600,
        EndTime=now + 600,
        Period=60,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))


def test_each_variant_has_its_own_metrics(local_aws: LocalAws, runtime: Any, serve: Serve) -> None:
    model = serve.model()
    endpoint = serve.endpoint(serve.config(on_instances(model, "one"), on_instances(model, "two")))
    for name in ("one", "two", "two"):
        runtime.invoke_endpoint(EndpointName=endpoint, TargetVariant=name, Body=b"x")
    deadline, found = time.monotonic() + 15, (0.0, 0.0)
    while found != (1.0, 2.0) and time.monotonic() < deadline:
        time.sleep(0.1)
        found = (invocations(local_aws, endpoint, "one"), invocations(local_aws, endpoint, "two"))
    assert found == (1.0, 2.0)
