"""The local AWS as an object, and its environment: what it binds, what it hides, what it leaves behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.environment import for_clients, for_server, scrubbed
from constructs_lib.local.errors import LocalAwsError
from tests.local.conftest import Serve, any_name, children_of

OWN = {"AWS_PROFILE": "work", "AWS_SECRET_ACCESS_KEY": "real", "AWS_SESSION_TOKEN": "real", "PATH": "/bin"}


def wait_gone(pids: list[int]) -> list[int]:
    """Those that are still there after 10 s."""
    deadline = time.monotonic() + 10
    while pids and time.monotonic() < deadline:
        pids = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
        time.sleep(0.05)
    return pids


def test_nothing_of_the_user_s_aws_is_left_in_the_environment() -> None:
    kept = scrubbed(OWN)
    assert "real" not in kept.values()
    assert "AWS_PROFILE" not in kept
    assert kept["AWS_CONFIG_FILE"] == kept["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert kept["AWS_EC2_METADATA_DISABLED"] == "true"
    assert kept["PATH"] == "/bin"


def test_clients_find_every_service_at_the_local_address() -> None:
    variables = for_clients("http://localhost:1", OWN)
    assert variables["AWS_ENDPOINT_URL"] == "http://localhost:1"
    assert variables["AWS_ACCESS_KEY_ID"] == "local"
    assert not [name for name in variables if name.startswith("AWS_ENDPOINT_URL_")]


def test_the_server_binds_the_loopback_address_and_sees_no_docker() -> None:
    variables = for_server(1, {**OWN, "DOCKER_HOST": "unix:///var/run/docker.sock"})
    assert variables["BIND_HOST"] == "127.0.0.1"
    assert variables["LAMBDA_EXECUTOR"] == "local"
    assert "docker.sock" not in variables["DOCKER_HOST"]


def test_only_127_0_0_1_is_listened_on(local_aws: LocalAws) -> None:
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:] if sys.platform == "linux" else []
    listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    addresses = [address for address in listening if int(address.split(":")[1], 16) == local_aws.port]
    assert addresses == [f"0100007F:{local_aws.port:04X}"]


def test_it_answers_for_its_account_and_region(local_aws: LocalAws) -> None:
    assert local_aws.client("sts").get_caller_identity()["Account"] == "000000000000"
    assert local_aws.environment["AWS_REGION"] == "us-east-1"


def test_a_client_reads_neither_profile_nor_file_of_the_user_s(
    local_aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text("this is [no configuration")
    monkeypatch.setenv("AWS_PROFILE", "a-profile-that-does-not-exist")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(config))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert local_aws.client("organizations").meta.endpoint_url == local_aws.endpoint_url
    assert local_aws.client("iam").list_roles()["Roles"] is not None


def test_a_busy_port_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalAwsError, match=f"port {port} of 127.0.0.1 is busy") as caught:
            LocalAws(port=port)
    assert "\n" not in str(caught.value)


def test_a_killed_server_takes_its_containers_with_it() -> None:
    program = (
        "import sys, time, json\n"
        "from constructs_lib.local import LocalAws\n"
        "from tests.local.conftest import ECHO, Serve, client_of, on_instances, IMAGE, ROLE, settled\n"
        "aws = LocalAws(containers={'echo': ECHO})\n"
        "sagemaker = client_of(aws, 'sagemaker')\n"
        "sagemaker.create_model(ModelName='m', ExecutionRoleArn=ROLE, PrimaryContainer={'Image': IMAGE})\n"
        "sagemaker.create_endpoint_config(EndpointConfigName='c', ProductionVariants=[on_instances('m')])\n"
        "sagemaker.create_endpoint(EndpointName='e', EndpointConfigName='c')\n"
        "settled(sagemaker, 'e')\n"
        "print(json.dumps(aws.pid), flush=True)\n"
        "time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    server = int(json.loads(owner.stdout.readline()))
    containers = children_of(server)
    assert len(containers) == 1
    os.kill(server, signal.SIGKILL)
    owner.kill()
    owner.communicate()
    assert wait_gone([server, *containers]) == []


def test_the_server_ends_with_the_process_that_made_it() -> None:
    program = (
        "import time\nfrom constructs_lib.local import LocalAws\nprint(LocalAws().pid, flush=True)\ntime.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    server = int(owner.stdout.readline())
    owner.kill()
    owner.communicate()
    assert wait_gone([server]) == []


def test_stopping_twice_is_no_error() -> None:
    aws = LocalAws()
    aws.stop()
    aws.stop()
    assert wait_gone([aws.pid]) == []
    assert not aws.log.exists()


def test_state_changes_of_an_endpoint_are_events(local_aws: LocalAws, serve: Serve, sagemaker: Any) -> None:
    queue = local_aws.client("sqs").create_queue(QueueName=any_name())["QueueUrl"]
    arn = local_aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    pattern = json.dumps({"source": ["aws.sagemaker"], "detail-type": ["SageMaker Endpoint State Change"]})
    rule = any_name("rule")
    local_aws.client("events").put_rule(Name=rule, EventPattern=pattern)
    target = {"Id": "queue", "Arn": arn["Attributes"]["QueueArn"]}
    local_aws.client("events").put_targets(Rule=rule, Targets=[target])
    endpoint = serve()
    states: list[str] = []
    deadline = time.monotonic() + 10
    while states[-1:] != ["IN_SERVICE"] and time.monotonic() < deadline:
        received = local_aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
        details = [json.loads(message["Body"])["detail"] for message in received]
        states += [detail["EndpointStatus"] for detail in details if detail["EndpointName"] == endpoint]
    local_aws.client("events").remove_targets(Rule=rule, Ids=["queue"])
    local_aws.client("events").delete_rule(Name=rule)
    assert states == ["CREATING", "IN_SERVICE"]
