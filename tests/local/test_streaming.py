"""InvokeEndpointWithResponseStream by boto3: the pieces come as the container sends them."""

import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.exceptions import EventStreamError

from constructs_lib.facts import realtime
from constructs_lib.local.api.event_stream import EventStream, model_stream_error, payload_part
from constructs_lib.local.containers.served import ContainerUnreachable, InvocationTimedOut, StreamedAnswer
from tests.local.conftest import IMAGE, ROLE, Serve, any_name, on_instances, refused


@pytest.fixture(scope="module")
def endpoint(serve: Serve) -> str:
    return serve()


def stream(runtime: Any, endpoint: str, body: bytes, **arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = runtime.invoke_endpoint_with_response_stream(EndpointName=endpoint, Body=body, **arguments)
    return answer


def pieces(answer: dict[str, Any]) -> Iterator[str]:
    return (event["PayloadPart"]["Bytes"].decode() for event in answer["Body"])


def test_the_pieces_are_those_of_the_container(runtime: Any, endpoint: str) -> None:
    assert list(pieces(stream(runtime, endpoint, b"!stream one,two,three"))) == ["one", "two", "three"]


def test_the_first_piece_is_there_before_the_last_is_sent(runtime: Any, endpoint: str) -> None:
    answer = stream(runtime, endpoint, b"!stream 1,2,3,4,5,6,7,8,9")
    arrived = [time.monotonic() for _ in pieces(answer)]
    # The container takes a tenth of a second for each.
    assert arrived[-1] - arrived[0] > 0.5


def test_the_headers_tell_the_type_the_variant_and_the_attributes(runtime: Any, endpoint: str) -> None:
    answer = stream(runtime, endpoint, b"!stream x", Accept="application/jsonlines", CustomAttributes="a=b")
    assert answer["ContentType"] == "application/jsonlines"
    assert answer["InvokedProductionVariant"] == "all"
    list(answer["Body"])


def test_an_answer_that_is_not_streamed_comes_as_it_is(runtime: Any, endpoint: str) -> None:
    assert "".join(pieces(stream(runtime, endpoint, b"hello"))) == "HELLO"


def test_a_large_answer_comes_in_whole(runtime: Any, endpoint: str) -> None:
    assert sum(len(piece) for piece in pieces(stream(runtime, endpoint, b"!bytes 1000000"))) == 1_000_000


def test_an_error_before_the_stream_is_a_model_error(runtime: Any, endpoint: str) -> None:
    error = refused(runtime.invoke_endpoint_with_response_stream, EndpointName=endpoint, Body=b"!status 503").response
    assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 503)


def test_a_stream_that_breaks_off_ends_with_an_error_after_its_pieces(runtime: Any, endpoint: str) -> None:
    seen: list[str] = []
    with pytest.raises(EventStreamError, match="ModelStreamError") as caught:
        seen.extend(pieces(stream(runtime, endpoint, b"!cut one,two")))
    assert caught.value.response["Error"]["Code"] == "ModelStreamError"


def test_the_pieces_before_a_break_are_delivered(runtime: Any, endpoint: str) -> None:
    found = pieces(stream(runtime, endpoint, b"!cut one,two"))
    assert (next(found), next(found)) == ("one", "two")
    with pytest.raises(EventStreamError):
        next(found)


def test_an_asynchronous_endpoint_does_not_stream(runtime: Any, serve: Serve) -> None:
    asynchronous = {"OutputConfig": {"S3OutputPath": "s3://any-bucket/success"}}
    name = serve.endpoint(serve.config(on_instances(serve.model()), AsyncInferenceConfig=asynchronous))
    error = refused(runtime.invoke_endpoint_with_response_stream, EndpointName=name, Body=b"x").response["Error"]
    assert error["Code"] == "ValidationError"


def test_the_last_container_of_a_pipeline_streams(runtime: Any, sagemaker: Any, serve: Serve) -> None:
    first, last = ({"Image": IMAGE, "Environment": environment} for environment in ({"SUFFIX": ",two"}, {}))
    model = any_name("pipeline")
    sagemaker.create_model(ModelName=model, ExecutionRoleArn=ROLE, Containers=[first, last])
    name = serve.endpoint(serve.config(on_instances(model)))
    assert list(pieces(stream(runtime, name, b"!stream one"))) == ["one", "two"]


def test_an_update_waits_for_streams_that_are_under_way(sagemaker: Any, runtime: Any, serve: Serve) -> None:
    name = serve()
    answer = stream(runtime, name, b"!stream 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15")
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=serve.config(on_instances(serve.model())))
    assert list(pieces(answer))[-1] == "15"


def decoded(message: bytes) -> dict[str, Any]:
    """A message as botocore reads it, its checksums included."""
    buffer = EventStreamBuffer()
    buffer.add_data(message)
    (event,) = list(buffer)
    return dict(event.to_response_dict(status_code=200))


def test_a_piece_is_a_payload_part_event() -> None:
    event = decoded(payload_part(b"\x00\xff"))
    assert event["headers"][":event-type"] == "PayloadPart"
    assert (event["status_code"], event["body"]) == (200, b"\x00\xff")


def test_an_exception_says_its_code() -> None:
    event = decoded(model_stream_error("StreamBroken", "it broke"))
    assert event["status_code"] == 400
    assert b'"ErrorCode": "StreamBroken"' in event["body"]


def broken(error: Exception) -> Iterator[bytes]:
    yield b"one"
    raise error


@pytest.mark.parametrize(
    ("error", "code"),
    [(ContainerUnreachable("gone"), b"StreamBroken"), (InvocationTimedOut("late"), b"ModelInvocationTimeExceeded")],
    ids=["broken", "too slow"],
)
def test_what_ends_a_stream_is_told_by_aws_s_codes(error: Exception, code: bytes) -> None:
    ended: list[str] = []
    messages = EventStream(StreamedAnswer(200, {}, broken(error)), on_end=lambda: ended.append("slot"))
    first, last = list(messages)
    assert (decoded(first)["body"], code in decoded(last)["body"]) == (b"one", True)
    assert ended == ["slot"]


def test_a_stream_may_take_eight_minutes_as_a_whole() -> None:
    now = iter([0.0, 479.0, 481.0])
    answer = StreamedAnswer(200, {}, iter([b"in time", b"too late", b"never"]))
    timed = EventStream(answer, on_end=lambda: None, clock=lambda: next(now))
    messages = [decoded(message)["body"] for message in timed]
    assert messages[:2] == [b"in time", b"too late"]
    assert f"longer than {realtime.STREAM_TIMEOUT.maximum} seconds".encode() in messages[2]


def test_a_caller_who_leaves_gives_the_slot_back_once() -> None:
    closed, ended = io.BytesIO(), []
    answer = StreamedAnswer(200, {}, iter([b"one", b"two"]), closed.close)
    messages = EventStream(answer, on_end=lambda: ended.append("slot"))
    next(messages)
    messages.close()
    messages.close()
    assert (closed.closed, ended) == (True, ["slot"])
