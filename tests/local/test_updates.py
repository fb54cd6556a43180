"""Updates of live endpoints: what serves meanwhile, what is kept, what happens when they fail."""

import threading
from typing import Any

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
