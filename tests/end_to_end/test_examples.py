"""The examples of endpoints and of what stands on one, deployed from their own templates into the local AWS, called."""

from __future__ import annotations

import io
import json
import runpy
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from constructs_lib.client import InferenceClient
from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws
from demo.asynchronous import until
from demo.dataset import test_split as rows_to_ask
from demo.lookups import invoke

ROOT = Path(__file__).resolve().parents[2]
CLASSIFIER = [sys.executable, str(ROOT / "containers" / "classifier" / "serve.py")]
ECHO = [sys.executable, str(ROOT / "tests" / "local" / "echo_server.py")]


# The demo's container, and the test server as the others.
CONTAINERS = {"classifier": CLASSIFIER, "features": ["env", "CONTENT_TYPE=text/csv", *ECHO], "multi-model": ECHO}

aws = local_aws(containers=CONTAINERS, time_scale=60.0, scope="module")


@pytest.fixture(scope="module")
def row() -> bytes:
    """A request that the classifier takes."""
    return rows_to_ask(ROOT).lines[0].encode()


def app_of(example: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(ROOT)
    return runpy.run_path(str(ROOT / "examples" / f"{example}.py"), run_name="__main__")["app"]


def deployed(aws: LocalAws, example: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Deploy an example; its outputs."""
    return deploy(aws, app_of(example, monkeypatch))


def asked(aws: LocalAws, endpoint: str, body: bytes, **options: str) -> tuple[str, str]:
    """Invoke; the variant that answered, and its answer."""
    runtime = aws.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=body, ContentType="text/csv", **options)
    return answer["InvokedProductionVariant"], answer["Body"].read().decode().strip()


def test_an_autoscaled_endpoint_answers(aws: LocalAws, row: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = deployed(aws, "realtime_autoscaled", monkeypatch)
    assert asked(aws, outputs["EndpointName"], row)[1].isdigit()
    targets = aws.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
    mine = [target for target in targets["ScalableTargets"] if outputs["EndpointName"] in target["ResourceId"]]
    assert [(target["MinCapacity"], target["MaxCapacity"]) for target in mine] == [(1, 4)]


def test_an_ab_test_shares_the_traffic_and_answers_by_name(
    aws: LocalAws, row: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = deployed(aws, "realtime_ab_test", monkeypatch)["EndpointName"]
    answered = [asked(aws, name, row)[0] for _ in range(60)]
    assert answered.count("Current") > answered.count("Next")
    assert asked(aws, name, row, TargetVariant="Next")[0] == "Next"


def test_a_shadow_sees_requests_and_answers_none(aws: LocalAws, row: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    name = deployed(aws, "realtime_shadow_test", monkeypatch)["EndpointName"]
    assert {asked(aws, name, row)[0] for _ in range(20)} == {"AllTraffic"}
    described = aws.client("sagemaker").describe_endpoint(EndpointName=name)
    assert [variant["VariantName"] for variant in described["ShadowProductionVariants"]] == ["Candidate"]


def test_a_canary_is_deployed_with_its_alarms(aws: LocalAws, row: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    name = deployed(aws, "realtime_canary_rollout", monkeypatch)["EndpointName"]
    assert asked(aws, name, row)[1].isdigit()
    alarms = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    watched = {
        alarm["MetricName"] for alarm in alarms if {"Name": "EndpointName", "Value": name} in alarm["Dimensions"]
    }
    assert watched == {"Invocation5XXErrors", "InvocationModelErrors", "ModelLatency"}


def test_components_answer_each_by_its_name(aws: LocalAws, row: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = deployed(aws, "realtime_scale_to_zero", monkeypatch)
    for component in (outputs["SpeciesName"], outputs["BreedName"]):
        answer = asked(aws, outputs["EndpointName"], row, InferenceComponentName=component)
        assert answer[1].isdigit()
    with pytest.raises(ClientError, match="Inference Component Name header is required"):
        asked(aws, outputs["EndpointName"], row)


def test_the_containers_side_by_side_answer_each_by_its_name(
    aws: LocalAws, row: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = deployed(aws, "multi_container", monkeypatch)["EndpointName"]
    assert asked(aws, name, row, TargetContainerHostname="breed")[1].isdigit()
    with pytest.raises(ClientError):
        asked(aws, name, row)


def test_a_pipeline_answers_with_its_last_container(aws: LocalAws, row: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    name = deployed(aws, "inference_pipeline", monkeypatch)["EndpointName"]
    assert asked(aws, name, row)[1].isdigit()


def test_a_tenant_is_served_as_soon_as_its_archive_is_there(
    aws: LocalAws, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = deployed(aws, "multi_model", monkeypatch)
    aws.client("s3").put_object(Bucket=outputs["ArchivesName"], Key="tenants/pigeons.tar.gz", Body=archive)
    assert asked(aws, outputs["EndpointName"], b"coo", TargetModel="pigeons.tar.gz")[1] == "pigeons: coo"


def test_a_recommendation_is_computed_for_whom_no_batch_knows_and_guessed_for_who_says_nothing(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = deployed(aws, "hybrid_recommendations", monkeypatch)
    functions, lookup = aws.client("lambda"), outputs["LookupFunctionName"]
    watched = rows_to_ask(ROOT, "recommender").lines[0]

    def ask(**asked: str) -> dict[str, Any]:
        [answer] = invoke(functions, lookup, {"requests": [asked]})["answers"]
        return dict(answer)

    # The processes of both functions have to start first, which takes longer than an answer may.
    assert until(lambda: ask(id="new", payload=watched)["path"] != "default", 20)
    assert ask(id="newer", payload=watched)["path"] == "computed"
    guess = ask(id="silent")
    assert (guess["path"], guess["answer"], guess["why"]) == ("default", "2", "no payload")


def test_prices_come_in_the_order_of_each_zone(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = deployed(aws, "streaming_pricing", monkeypatch)
    demand = rows_to_ask(ROOT, "pricing")
    records = [
        {"PartitionKey": f"zone-{place % 3}", "Data": line.encode()} for place, line in enumerate(demand.lines[:60])
    ]
    put = aws.client("kinesis").put_records(StreamName=outputs["StreamName"], Records=records)["Records"]
    client = InferenceClient(result_stream=outputs["ResultStreamName"], session=aws.session())
    results = list(client.read_results(count=60, timeout=60))
    for zone in range(3):
        numbers = [each.sequence_number for each in results if each.partition_key == f"zone-{zone}"]
        assert numbers == [each["SequenceNumber"] for each in put[zone::3]]
    prices = {each.sequence_number: int(each.prediction) for each in results}
    right = [prices[each["SequenceNumber"]] == label for each, label in zip(put, demand.labels, strict=False)]
    assert sum(right) / len(right) >= 0.9


@pytest.fixture
def archive() -> bytes:
    """A model of the test server."""
    content = b"pigeons"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("weights.txt")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def test_a_function_of_an_app_that_was_there_before_asks_the_endpoint(
    aws: LocalAws, row: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(aws, "import_into_your_app", monkeypatch)
    functions = aws.client("lambda")
    [checkout] = [each["FunctionName"] for each in functions.list_functions()["Functions"] if "Checkout" in str(each)]
    answered = functions.invoke(FunctionName=checkout, Payload=json.dumps({"row": row.decode()}))
    assert json.loads(answered["Payload"].read()).keys() == {"label"}
