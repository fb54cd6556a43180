"""Updates of live endpoints: what serves meanwhile, what is kept, what happens when they fail."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from tests.local.conftest import Serve, children_of, on_instances, refused, settled, without_instances


def colour(runtime: Any, endpoint: str) -> str:
    body: bytes = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!environment COLOUR")["Body"].read()
    return body.decode()


def test_the_old_model_serves_until_the_new_one_is_up(sagemaker: Any, runtime: Any, serve: Serve) -> None:
    endpoint = serve(COLOUR="blue")
    green = serve.config(on_instances(serve.model(COLOUR="green", START_AFTER="0.5")))
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=green)
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "Updating"
    assert colour(runtime, endpoint) == "blue"
    assert settled(sagemaker, endpoint)["EndpointConfigName"] == green
    assert colour(runtime, endpoint) == "green"


def test_a_failed_update_leaves_the_old_configuration_in_service(sagemaker: Any, runtime: Any, serve: Serve) -> None:
    endpoint = serve(COLOUR="blue")
    before = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=serve.config(on_instances(serve.model(DEAD="1")))
    )
    answer = settled(sagemaker, endpoint)
    assert (answer["EndpointStatus"], answer["EndpointConfigName"]) == ("InService", before)
    assert "dead on arrival" in answer["FailureReason"]
    assert colour(runtime, endpoint) == "blue"


def test_counts_are_kept_when_all_variant_properties_are_retained(sagemaker: Any, serve: Serve) -> None:
    model = serve.model()
    endpoint = serve.endpoint(serve.config(on_instances(model, count=3)))
    new = serve.config(on_instances(model, count=1))
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=new, RetainAllVariantProperties=True)
    assert settled(sagemaker, endpoint)["ProductionVariants"][0]["CurrentInstanceCount"] == 3


def test_an_excluded_property_is_not_retained(sagemaker: Any, serve: Serve) -> None:
    model = serve.model()
    endpoint = serve.endpoint(serve.config(on_instances(model, count=3, InitialVariantWeight=5)))
    new = serve.config(on_instances(model, count=1, InitialVariantWeight=1))
    excluded = [{"VariantPropertyType": "DesiredInstanceCount"}]
    sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=new,
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=excluded,
    )
    variant = settled(sagemaker, endpoint)["ProductionVariants"][0]
    assert (variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (1, 5.0)


@pytest.mark.parametrize(("excluded", "percentage"), [([], 10), (["DataCaptureConfig"], 90)])
def test_data_capture_is_retained_unless_it_is_excluded(
    sagemaker: Any, serve: Serve, excluded: list[str], percentage: int
) -> None:
    def capturing(share: int) -> str:
        capture = {
            "EnableCapture": True,
            "InitialSamplingPercentage": share,
            "DestinationS3Uri": "s3://any-bucket/captured",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        }
        return serve.config(on_instances(serve.model()), DataCaptureConfig=capture)

    endpoint = serve.endpoint(capturing(10))
    sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=capturing(90),
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": each} for each in excluded],
    )
    assert settled(sagemaker, endpoint)["DataCaptureConfig"]["CurrentSamplingPercentage"] == percentage


@pytest.fixture
def scaled(local_aws: LocalAws, serve: Serve) -> Iterator[str]:
    """An endpoint whose variant `all` is a scalable target."""
    endpoint, scaling = serve(), local_aws.client("application-autoscaling")
    key = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/all",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**key, MinCapacity=1, MaxCapacity=2)
    yield endpoint
    scaling.deregister_scalable_target(**key)


def test_the_instance_type_of_a_scalable_target_cannot_be_changed(sagemaker: Any, serve: Serve, scaled: str) -> None:
    new = serve.config(on_instances(serve.model(), InstanceType="ml.c5.large"))
    error = refused(sagemaker.update_endpoint, EndpointName=scaled, EndpointConfigName=new).response["Error"]
    assert error["Code"] == "ValidationException"
    assert "from ml.m5.large to ml.c5.large" in error["Message"]
    assert f"endpoint/{scaled}/variant/all" in error["Message"]


def test_a_variant_that_is_a_scalable_target_cannot_be_removed(sagemaker: Any, serve: Serve, scaled: str) -> None:
    new = serve.config(on_instances(serve.model(), name="other"))
    error = refused(sagemaker.update_endpoint, EndpointName=scaled, EndpointConfigName=new).response["Error"]
    assert "removes variant all" in error["Message"]


def test_the_model_of_a_scalable_target_may_change(sagemaker: Any, serve: Serve, scaled: str) -> None:
    new = serve.config(on_instances(serve.model()))
    sagemaker.update_endpoint(EndpointName=scaled, EndpointConfigName=new)
    assert settled(sagemaker, scaled)["EndpointConfigName"] == new


def test_counts_are_reset_otherwise(sagemaker: Any, serve: Serve) -> None:
    model = serve.model()
    endpoint = serve.endpoint(serve.config(on_instances(model, count=3)))
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=serve.config(on_instances(model, count=1)))
    assert settled(sagemaker, endpoint)["ProductionVariants"][0]["CurrentInstanceCount"] == 1


def test_a_second_update_in_the_middle_of_one_is_refused(sagemaker: Any, serve: Serve) -> None:
    endpoint = serve()
    slow = serve.config(on_instances(serve.model(START_AFTER="0.5")))
    other = serve.config(on_instances(serve.model()))
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=slow)
    error = refused(sagemaker.update_endpoint, EndpointName=endpoint, EndpointConfigName=other).response["Error"]
    assert error["Message"].startswith("Cannot update in-progress endpoint")


def test_an_endpoint_on_instances_does_not_become_serverless(sagemaker: Any, serve: Serve) -> None:
    endpoint = serve()
    new = serve.config(without_instances(serve.model()))
    error = refused(sagemaker.update_endpoint, EndpointName=endpoint, EndpointConfigName=new).response["Error"]
    assert "serverless" in error["Message"]


def test_no_request_is_lost_during_an_update(sagemaker: Any, runtime: Any, serve: Serve) -> None:
    endpoint, seen, done = serve(COLOUR="blue"), set(), threading.Event()
    errors: list[Exception] = []

    def keep_asking() -> None:
        while not done.is_set():
            try:
                seen.add(colour(runtime, endpoint))
            except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
                errors.append(error)

    asking = threading.Thread(target=keep_asking)
    asking.start()
    green = serve.config(on_instances(serve.model(COLOUR="green")))
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=green)
    settled(sagemaker, endpoint)
    seen.add(colour(runtime, endpoint))
    done.set()
    asking.join()
    assert (errors, seen) == ([], {"blue", "green"})


def test_instances_are_set_by_desired_weights_and_capacities(sagemaker: Any, serve: Serve) -> None:
    endpoint = serve()
    wanted = [{"VariantName": "all", "DesiredInstanceCount": 4, "DesiredWeight": 2}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=wanted)
    variant = settled(sagemaker, endpoint)["ProductionVariants"][0]
    assert (variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (4, 2.0)


def both(serve: Serve) -> str:
    """An endpoint of two variants."""
    model = serve.model()
    return serve.endpoint(serve.config(on_instances(model, name="one"), on_instances(model, name="two")))


def test_several_variants_change_at_once(sagemaker: Any, serve: Serve) -> None:
    endpoint = both(serve)
    wanted = [
        {"VariantName": "one", "DesiredInstanceCount": 3, "DesiredWeight": 0},
        {"VariantName": "two", "DesiredInstanceCount": 2},
    ]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=wanted)
    variants = settled(sagemaker, endpoint)["ProductionVariants"]
    shown = {each["VariantName"]: (each["CurrentInstanceCount"], each["CurrentWeight"]) for each in variants}
    assert shown == {"one": (3, 0.0), "two": (2, 1.0)}


def test_an_unknown_variant_among_several_changes_nothing(sagemaker: Any, serve: Serve) -> None:
    endpoint = both(serve)
    wanted = [{"VariantName": "one", "DesiredWeight": 7}, {"VariantName": "three", "DesiredInstanceCount": 2}]
    error = refused(
        sagemaker.update_endpoint_weights_and_capacities, EndpointName=endpoint, DesiredWeightsAndCapacities=wanted
    ).response["Error"]
    assert error["Message"] == 'Could not find variant "three".'
    variants = sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"]
    assert [each["CurrentWeight"] for each in variants] == [1.0, 1.0]


def test_the_concurrency_of_a_serverless_variant_is_changed(sagemaker: Any, serve: Serve) -> None:
    endpoint = serve.endpoint(serve.config(without_instances(serve.model(), max_concurrency=2)))
    wanted = [{"VariantName": "all", "ServerlessUpdateConfig": {"MaxConcurrency": 5}}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=wanted)
    variant = settled(sagemaker, endpoint)["ProductionVariants"][0]
    assert variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


def test_at_zero_instances_the_container_is_gone_and_it_comes_back(
    local_aws: LocalAws, sagemaker: Any, serve: Serve
) -> None:
    others = set(children_of(local_aws.pid))
    config = {"OutputConfig": {"S3OutputPath": "s3://any-bucket/success"}}
    endpoint = serve.endpoint(serve.config(on_instances(serve.model()), AsyncInferenceConfig=config))

    def running_at(count: int) -> int:
        wanted = [{"VariantName": "all", "DesiredInstanceCount": count}]
        sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=wanted)
        answer = settled(sagemaker, endpoint)
        assert answer["ProductionVariants"][0]["CurrentInstanceCount"] == count
        return len(set(children_of(local_aws.pid)) - others)

    assert [running_at(0), running_at(1), running_at(2)] == [0, 1, 1]
