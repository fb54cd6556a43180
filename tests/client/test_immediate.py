"""predict and predict_stream against the local AWS."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from constructs_lib.client import (
    InferenceClient,
    InferenceFailed,
    InferenceOption,
    NotDeployed,
    PayloadTooLarge,
    Retries,
    TimedOut,
)
from constructs_lib.errors import InvalidConfiguration
from constructs_lib.facts import realtime, serverless
from constructs_lib.local import LocalAws
from tests.client.conftest import AsyncStack
from tests.local.conftest import Serve, on_instances, without_instances


@pytest.fixture(scope="module")
def client(local_aws: LocalAws, serve: Serve) -> InferenceClient:
    return InferenceClient(endpoint_name=serve(), session=local_aws.session())


def test_an_answer_comes_with_its_type_and_the_variant_that_gave_it(client: InferenceClient) -> None:
    answer = client.predict("hello", accept="text/csv", custom_attributes="a=b")
    assert (answer.text, answer.content_type) == ("HELLO", "text/csv")
    assert (answer.variant, answer.custom_attributes) == ("all", "a=b")


def test_an_answer_says_under_which_id_it_was_asked_for_a_new_one_by_default(client: InferenceClient) -> None:
    answer = client.predict("!headers", inference_id="order-17")
    assert answer.inference_id == answer.json()["x-amzn-sagemaker-inference-id"] == "order-17"
    assert client.predict_stream("!stream 1", inference_id="order-17").inference_id == "order-17"
    made = [client.predict("x").inference_id for _ in range(2)]
    assert len(set(made)) == 2
    assert None not in made


def test_an_id_that_sagemaker_would_refuse_is_not_sent() -> None:
    client, _ = scripted(Script())
    with pytest.raises(InvalidConfiguration, match=r"length of inference_id must be .*64.*, got 65"):
        client.predict("x", inference_id="x" * 65)


@pytest.mark.parametrize(
    ("payload", "content_type"),
    [("!headers", "text/plain"), (b"!headers", "application/octet-stream")],
)
def test_a_payload_tells_its_own_content_type(client: InferenceClient, payload: object, content_type: str) -> None:
    assert client.predict(payload).json()["content-type"] == content_type


def test_a_file_is_sent_with_the_type_of_its_suffix(client: InferenceClient, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("!headers")
    assert client.predict(tmp_path / "rows.csv").json()["content-type"] == "text/csv"


def test_the_error_of_a_container_comes_with_its_words_and_status_at_once(client: InferenceClient) -> None:
    with pytest.raises(InferenceFailed, match=r"the model failed \(503\): as you wished") as caught:
        client.predict("!status 503", timeout=5)
    assert (caught.value.reason, caught.value.status) == ("as you wished", 503)


def test_a_call_ends_when_its_time_is_over(client: InferenceClient) -> None:
    began = time.monotonic()
    with pytest.raises(TimedOut, match=r"predict took longer than 0\.4 s"):
        client.predict("!sleep 3", timeout=0.4)
    assert time.monotonic() - began < 1.5


def test_parts_of_a_stream_come_as_the_container_sends_them(client: InferenceClient) -> None:
    arrived = [(part, time.monotonic()) for part in client.predict_stream("!stream 1,2,3,4")]
    assert [part for part, _ in arrived] == [b"1", b"2", b"3", b"4"]
    assert arrived[-1][1] - arrived[0][1] > 0.2


def test_a_stream_that_breaks_off_raises_after_its_parts(client: InferenceClient) -> None:
    stream = client.predict_stream("!cut one,two")
    assert (next(stream), next(stream)) == (b"one", b"two")
    with pytest.raises(InferenceFailed, match="the stream broke off: ModelStreamError"):
        next(stream)


def test_an_error_before_a_stream_is_raised_by_the_call(client: InferenceClient) -> None:
    with pytest.raises(InferenceFailed, match="as you wished"):
        client.predict_stream("!status 500")


def test_a_stream_ends_when_its_time_is_over(client: InferenceClient) -> None:
    with pytest.raises(TimedOut), client.predict_stream("!stream 1,2,3,4,5,6,7,8,9", timeout=0.3) as stream:
        list(stream)


def test_how_an_endpoint_serves_is_asked_of_sagemaker(
    local_aws: LocalAws, serve: Serve, async_stack: AsyncStack
) -> None:
    without = serve.endpoint(serve.config(without_instances(serve.model())))
    on_servers = serve.endpoint(serve.config(on_instances(serve.model())))
    found = [
        InferenceClient(endpoint_name=name, session=local_aws.session()).inference_option
        for name in (on_servers, without, async_stack.endpoint)
    ]
    assert found == [InferenceOption.REALTIME, InferenceOption.SERVERLESS, InferenceOption.ASYNC]


def test_an_asynchronous_endpoint_is_told_apart_with_what_to_call_instead(async_stack: AsyncStack) -> None:
    with pytest.raises(NotDeployed, match=r"predict\(\) is for realtime and serverless inference; .*use submit\(\)"):
        async_stack.client().predict("x")


class Script:
    """Stands for a session: answers the runtime's calls by a script of errors and bodies, and counts them."""

    def __init__(self, *answers: ClientError | bytes) -> None:
        self.answers = list(answers)
        self.configs: list[Any] = []

    def client(self, service: str, config: Any) -> Any:
        self.configs.append(config)
        return SimpleNamespace(invoke_endpoint=self._invoke)

    def _invoke(self, **_: object) -> dict[str, Any]:
        answer = self.answers.pop(0)
        if isinstance(answer, ClientError):
            raise answer
        return {"Body": SimpleNamespace(iter_chunks=lambda _: iter([answer])), "ContentType": "text/plain"}


def error(code: str, status: int = 400, **more: object) -> ClientError:
    metadata = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": "None"}, "ResponseMetadata": metadata} | more, "Any")


def scripted(script: Script, option: str = "realtime") -> tuple[InferenceClient, list[float]]:
    slept: list[float] = []
    retries = Retries(sleep=slept.append, draw=lambda: 1.0)
    return InferenceClient(endpoint_name="e", inference_option=option, session=script, retries=retries), slept


def test_throttling_is_waited_out_also_where_it_is_a_400_without_a_message() -> None:
    script = Script(error("ThrottlingException", 400), error("ServiceUnavailable", 503), b"done")
    client, slept = scripted(script)
    assert client.predict("x").body == b"done"
    assert slept == [0.25, 0.5]


@pytest.mark.parametrize("code", ["ModelError", "ValidationError", "AccessDeniedException"])
def test_what_will_not_pass_is_not_asked_again(code: str) -> None:
    script = Script(error(code, OriginalMessage="no"), b"never asked")
    client, slept = scripted(script)
    with pytest.raises((InferenceFailed, ClientError)):
        client.predict("x")
    assert (len(script.answers), slept) == (1, [])


def test_botocore_itself_tries_the_runtime_once() -> None:
    script = Script(b"done")
    scripted(script)[0].predict("x")
    assert [config.retries for config in script.configs] == [{"total_max_attempts": 1}]
    assert script.configs[0].read_timeout == 70


def test_a_serverless_endpoint_may_have_to_start_first() -> None:
    script = Script(b"done")
    scripted(script, "serverless")[0].predict("x")
    assert script.configs[0].read_timeout == 70 + serverless.START_TIMEOUT.maximum


@pytest.mark.parametrize(
    ("option", "limit", "instead"),
    [
        ("serverless", serverless.PAYLOAD.maximum, "real-time inference takes up to 26214400 bytes"),
        ("realtime", realtime.PAYLOAD.maximum, "asynchronous inference takes up to 1073741824 bytes"),
    ],
)
def test_a_payload_over_the_limit_is_not_sent_and_one_on_it_is(option: str, limit: int, instead: str) -> None:
    script = Script(b"done")
    client, _ = scripted(script, option)
    assert client.predict(bytes(limit)).body == b"done"
    with pytest.raises(PayloadTooLarge, match=f"up to {limit} bytes, got {limit + 1}; {instead}"):
        client.predict(bytes(limit + 1))


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(PayloadTooLarge, match="batch transform reads files of any size"):
        scripted(Script())[0].predict(path)


@pytest.mark.parametrize("call", ["predict", "predict_stream"])
@pytest.mark.parametrize(("option", "instead"), [("async", r"use submit\(\)"), ("batch", r"use run_batch\(\)")])
def test_a_call_of_another_way_of_serving_says_which_call_is_right(call: str, option: str, instead: str) -> None:
    script = Script(b"never asked")
    client, _ = scripted(script, option)
    with pytest.raises(NotDeployed, match=rf"{call}\(\) is for realtime and serverless inference; .*{instead}"):
        getattr(client, call)("x")
    assert script.configs == []


def test_arguments_go_to_the_runtime_under_aws_s_names() -> None:
    seen: dict[str, Any] = {}

    def invoke(**arguments: Any) -> dict[str, Any]:
        seen.update(arguments)
        return {"Body": SimpleNamespace(iter_chunks=lambda _: iter([b"{}"])), "ContentType": "application/json"}

    session = SimpleNamespace(client=lambda *_, **__: SimpleNamespace(invoke_endpoint=invoke))
    client = InferenceClient(endpoint_name="e", inference_option="realtime", session=session)
    client.predict({"a": 1}, target_variant="v", target_model="m.tar.gz", inference_component="c", inference_id="i")
    assert json.loads(seen.pop("Body")) == {"a": 1}
    assert seen == {
        "EndpointName": "e",
        "ContentType": "application/json",
        "TargetVariant": "v",
        "TargetModel": "m.tar.gz",
        "InferenceComponentName": "c",
        "InferenceId": "i",
    }


def test_a_body_that_comes_drop_by_drop_does_not_outlast_the_time_given() -> None:
    def drops(_: int) -> Any:
        while True:
            time.sleep(0.02)
            yield b"."

    answer = {"Body": SimpleNamespace(iter_chunks=drops), "ContentType": "text/plain"}
    session = SimpleNamespace(client=lambda *_, **__: SimpleNamespace(invoke_endpoint=lambda **_: answer))
    client = InferenceClient(endpoint_name="e", inference_option="realtime", session=session)
    with pytest.raises(TimedOut):
        client.predict("x", timeout=0.1)
