"""The server as a real process over HTTP: SageMaker's container contract, and no input that breaks it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import FOLDER, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

ROW = ",".join(["0"] * 64).encode()


def reason(body: bytes) -> str:
    return str(json.loads(body)["error"])


def test_ping_answers_200_with_nothing(server: Server) -> None:
    assert server.call("GET", "/ping") == (200, b"")


def test_execution_parameters_are_those_that_batch_transform_asks_for(server: Server) -> None:
    status, body = server.call("GET", "/execution-parameters")
    assert status == 200
    parameters = json.loads(body)
    assert parameters["MaxConcurrentTransforms"] >= 1
    assert (parameters["BatchStrategy"], parameters["MaxPayloadInMB"]) == ("MULTI_RECORD", 6)


def test_the_test_split_is_scored_alike_in_csv_json_and_json_lines(server: Server, samples: ModuleType) -> None:
    rows, labels = samples.unseen()
    table = "\n".join(",".join(map(str, row)) for row in rows)
    status, answer = server.call("POST", "/invocations", table, Content_Type="text/csv")
    assert status == 200
    predicted = [int(line) for line in answer.split(b"\n")]
    assert sum(map(int.__eq__, predicted, labels)) / len(labels) >= 0.95

    document = json.dumps({"instances": [{"features": row} for row in rows]})
    _, answer = server.call("POST", "/invocations", document, Content_Type="application/json")
    assert [item["label"] for item in json.loads(answer)["predictions"]] == predicted

    lines = "\n".join(json.dumps({"features": row}) for row in rows)
    _, answer = server.call("POST", "/invocations", lines, Content_Type="application/jsonlines")
    assert [json.loads(line)["label"] for line in answer.splitlines()] == predicted


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "said"),
    [
        ("POST", "/invocations", b"1,2,3", {}, 400, "row 1: must have 64 columns, got 3"),
        ("POST", "/invocations", b"", {}, 400, "the body is empty"),
        ("POST", "/invocations", ROW[:-1] + b"x", {}, 400, 'row 1, column 64: "x" is not a number'),
        ("POST", "/invocations", ROW, {"Content_Type": "image/png"}, 415, "got image/png"),
        ("POST", "/invocations", ROW, {"Accept": "image/png"}, 406, "got image/png"),
        ("GET", "/invocations", None, {}, 405, "/invocations takes POST only, got GET"),
        ("POST", "/ping", b"", {}, 405, "/ping takes GET only, got POST"),
        ("GET", "/", None, {}, 404, "no such path"),
        ("BREW", "/ping", None, {}, 501, "BREW"),
    ],
)
def test_a_wrong_request_gets_its_status_and_a_reason(
    server: Server, method: str, path: str, body: bytes | None, headers: dict[str, str], status: int, said: str
) -> None:
    got, answer = server.call(method, path, body, **headers)
    assert got == status
    assert said in reason(answer)
    assert b"Traceback" not in answer


def test_a_chunked_body_is_taken_and_the_connection_stays_open(server: Server) -> None:
    def pieces() -> Iterator[bytes]:
        yield ROW + b"\n"
        yield ROW

    connection = server.connect()
    for _ in range(2):
        connection.request("POST", "/invocations", pieces(), {"Content-Type": "text/csv"}, encode_chunked=True)
        response = connection.getresponse()
        assert response.status == 200
        assert len(response.read().split(b"\n")) == 2
        assert connection.sock is not None
    connection.close()


def test_a_refusal_leaves_the_connection_usable(server: Server) -> None:
    connection = server.connect()
    answers = []
    for body in (b"1", ROW):
        connection.request("POST", "/invocations", body)
        response = connection.getresponse()
        response.read()
        answers.append(response.status)
    connection.close()
    assert answers == [400, 200]


def test_a_body_one_byte_over_the_bound_gets_413_and_one_at_it_does_not(start: Callable[..., Server]) -> None:
    small = start(MAX_BODY_IN_MB="1")
    mebibyte = 1024 * 1024
    status, answer = small.call("POST", "/invocations", b"x" * (mebibyte + 1))
    assert (status, reason(answer)) == (413, f"the body must be at most {mebibyte} bytes, got {mebibyte + 1}")
    assert small.call("POST", "/invocations", b"x" * mebibyte)[0] == 400
    status, _ = small.call("POST", "/invocations", iter([b"x" * mebibyte, b"x"]), Content_Type="text/csv")
    assert status == 413


@pytest.mark.parametrize(
    "raw",
    [
        b"POST /invocations HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Length: many\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
    ],
)
def test_what_is_no_http_gets_400_and_a_closed_connection(server: Server, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(raw)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b" 400 " in answer.partition(b"\r\n")[0] or b'"error"' in answer
    assert b"Traceback" not in answer
    assert server.call("GET", "/ping")[0] == 200


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), kind=st.sampled_from(["text/csv", "application/json", "application/jsonlines"]))
def test_random_bytes_get_400_and_never_crash_the_server(server: Server, body: bytes, kind: str) -> None:
    status, answer = server.call("POST", "/invocations", body, Content_Type=kind)
    assert status == 400
    assert reason(answer)


def test_concurrent_callers_each_get_their_own_answer(server: Server, samples: ModuleType) -> None:
    rows, _ = samples.unseen()
    bodies = [",".join(map(str, row)).encode() for row in rows[:40]]
    alone = [server.call("POST", "/invocations", body)[1] for body in bodies]
    together: dict[int, bytes] = {}

    def ask(index: int) -> None:
        together[index] = server.call("POST", "/invocations", bodies[index])[1]

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[index] for index in range(len(bodies))] == alone


def test_sigterm_finishes_the_running_request_and_ends_with_0(start: Callable[..., Server]) -> None:
    server = start()
    waiting = server.connect()
    waiting.request("GET", "/ping")
    assert waiting.getresponse().read() == b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as running:
        running.sendall(b"POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(ROW))
        time.sleep(0.2)  # the request is under way: its head has been read
        server.process.terminate()
        time.sleep(0.2)
        running.sendall(ROW)
        answer = b"".join(iter(lambda: running.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert server.process.wait(timeout=5) == 0
    waiting.close()


def run_to_its_end(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(FOLDER / "serve.py"), "serve"],
        env={**os.environ, "BIND_HOST": "127.0.0.1", "SAGEMAKER_BIND_TO_PORT": "0", **environment},
        capture_output=True,
        text=True,
        timeout=20,
    )


def test_a_missing_model_ends_in_one_line_and_exit_code_1(tmp_path: Path) -> None:
    ended = run_to_its_end(SM_MODEL_DIR=str(tmp_path))
    assert ended.returncode == 1
    expected = (
        f"cannot serve: no model at {tmp_path / 'model.json'}: SM_MODEL_DIR must name the unpacked model.tar.gz\n"
    )
    assert ended.stderr == expected


def test_a_broken_model_ends_in_one_line_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    ended = run_to_its_end(SM_MODEL_DIR=str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith("cannot serve: ")
    assert ended.stderr.count("\n") == 1


def test_a_wrong_port_is_refused_with_its_name_and_value(model_dir: Path) -> None:
    ended = run_to_its_end(SM_MODEL_DIR=str(model_dir), SAGEMAKER_BIND_TO_PORT="http")
    assert ended.returncode == 1
    assert "SAGEMAKER_BIND_TO_PORT must be a whole number from 0 to 65535, got 'http'" in ended.stderr


def test_a_busy_port_ends_in_one_line_and_exit_code_1(server: Server, model_dir: Path) -> None:
    ended = run_to_its_end(SM_MODEL_DIR=str(model_dir), SAGEMAKER_BIND_TO_PORT=str(server.port))
    assert ended.returncode == 1
    assert "in use" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_image_holds_what_the_server_imports_and_starts_it_as_process_1() -> None:
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    copied = next(line for line in lines if line.startswith("COPY codec.py")).split()[1:-1]
    modules = {path.name for path in FOLDER.glob("*.py")} - {"train.py", "samples.py"}
    assert set(copied) == modules
    assert 'ENTRYPOINT ["python", "/opt/program/serve.py"]' in lines
