"""Wrong calls of what works without CDK: the client, the advisor, the tools of the command line, the settings."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast
from unittest import mock

import boto3.session
from botocore.exceptions import ClientError, EventStreamError
from urllib3.exceptions import ProtocolError

import constructs_lib
from constructs_lib import make_baseline, testing
from constructs_lib.advisor import Workload, price_list, quantities
from constructs_lib.advisor import cli as advisor
from constructs_lib.advisor.files import read_workload, workload_of
from constructs_lib.client import (
    InferenceClient,
    batch,
    cli,
    connections,
    correlation,
    deployed,
    limits,
    locations,
    lookups,
    payloads,
)
from constructs_lib.client.deadline import Deadline
from constructs_lib.client.many import submit_each
from constructs_lib.client.notifications import Status
from constructs_lib.client.prediction import Prediction
from constructs_lib.client.results import AsyncResult
from constructs_lib.client.runtime import _model_error
from constructs_lib.client.streaming import PredictionStream
from constructs_lib.drift import column
from constructs_lib.facts import prices, scaling_policies
from constructs_lib.local import aws as local_aws
from constructs_lib.local import cli as local
from constructs_lib.local.state import Running
from constructs_lib.outputs import InferenceOption
from constructs_lib.preflight import account
from constructs_lib.preflight import cli as preflight
from constructs_lib.rules import component_specifications
from constructs_lib.templates import files, yaml
from constructs_lib.updates import pairs, stacks
from stacks.settings import KEY, Settings
from tests.errors.options import Provocation, wrong

MISSING_STACK = ClientError(
    {"Error": {"Code": "ValidationError", "Message": "Stack with id Gone does not exist"}}, "DescribeStacks"
)
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetRole")


class Answering:
    """A client of AWS that gives one answer, or one error, to everything."""

    meta = SimpleNamespace(region_name="us-east-1")

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def __getattr__(self, name: str) -> Any:
        def answered(*_: object, **__: object) -> object:
            if isinstance(self._answer, Exception):
                raise self._answer
            return self._answer

        return answered


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


def file(name: str, content: str | bytes = "") -> Path:
    """A file with that content."""
    path = Path(_folder().name, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def assembly(name: str, template: str, environment: str = "aws://1/us-east-1") -> Path:
    """A folder as cdk synth writes it, with one stack."""
    properties = {"templateFile": template}
    artifact = {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties}
    file(f"{name}/a.template.json", "{}")
    return file(f"{name}/manifest.json", json.dumps({"artifacts": {"One": artifact}})).parent


def raised(item: object) -> None:
    """What a function gives back in place of raising it."""
    assert isinstance(item, Exception), item
    raise item


def asking(answer: object, **options: Any) -> InferenceClient:
    """A client whose AWS gives one answer."""
    client = InferenceClient(**options)
    client._connections = cast(Any, SimpleNamespace(service=lambda _: Answering(answer)))
    return client


def called(answer: object, **more: object) -> object:
    body = {"Payload": io.BytesIO(json.dumps(answer).encode()), **more}
    return asking(body, lookup_function="lookup").lookup_all(["1"])


def streamed(error: Exception) -> object:
    class Broken:
        def __iter__(self) -> Any:
            raise error

        def close(self) -> None:
            """Nothing."""

    return list(PredictionStream({"Body": Broken()}, Deadline(1, "predict_stream"), "id"))


def settings(values: object, **more: object) -> Settings:
    return Settings.from_context({KEY: values} | {f"{KEY}.{name}": value for name, value in more.items()})


class _Pages:
    def __init__(self, answer: Exception | None) -> None:
        self._answer = answer

    def get_paginator(self, _: str) -> Any:
        def paginate(**_: object) -> list[object]:
            if self._answer:
                raise self._answer
            return []

        return SimpleNamespace(paginate=paginate)


PRICES_REFUSED, NO_PRICES = _Pages(DENIED), _Pages(None)


CLIENT: Mapping[str, Provocation] = {
    "submit": lambda: asking({}, endpoint_name="e", inference_option="async").submit(
        "x", input_location="s3://a/b", inference_id="x" * 65, request_ttl_seconds=1, invocation_timeout_seconds=0
    ),
    "submit one as all": lambda: asking({}, endpoint_name="e", inference_option="async").submit_all("x"),
    "submit none at a time": lambda: submit_each([], cast(Any, None), 0, cast(Any, None)),
    "submit to a real-time endpoint": lambda: asking({}, endpoint_name="e", inference_option="realtime").submit("x"),
    "a wait of no time": lambda: Deadline(0, "wait"),
    "a wait that is over": lambda: Deadline(1e-9, "wait").check(),
    "inference id": lambda: correlation.inference_id("predict", "x" * 65),
    "correlation id": lambda: correlation.correlation_id("lookup", "a b" * 30),
    "batch of a text": lambda: batch.named("rows.csv", None),
    "batch of nothing": lambda: batch.named([], None),
    "batch that fails": lambda: batch.Pipeline(
        deployed.Deployed(state_machine_arn="arn"),
        Answering({"executionArn": "arn:run", "status": "FAILED", "error": "States.Timeout"}),
        cast(Any, None),
    ).run(None, Deadline(1, "run_batch"), lambda _: None),
    "a line that submit did not print": lambda: list(cli._lines(["{}"])),
    "outputs of nothing": lambda: deployed.Deployed.from_outputs("Mine", {"Other": "x"}, ""),
    "outputs without a bucket": lambda: deployed.Deployed().need("input_bucket", "submit of a large payload"),
    "outputs of no stack": lambda: deployed.outputs_of(Answering(MISSING_STACK), "Gone"),
    "payload too large": lambda: limits.check_size(2**40, InferenceOption.ASYNC),
    "location elsewhere": lambda: locations.split("https://bucket/key"),
    "name that leads elsewhere": lambda: locations.below(Path(), "../secret"),
    "override of a text": lambda: asking({}, override_function="f").override("1"),
    "look-up that fails": lambda: called({"errorType": "Error", "errorMessage": "no"}, FunctionError="Unhandled"),
    "look-up that is refused": lambda: called({"error": "id must be text, got 1; give text"}),
    "look-up of bytes": lambda: lookups.Ask(id="1", payload=b"\xff").request(),
    "payload of any object": lambda: payloads.encode(object()),
    "payload of another type": lambda: payloads.encode({"a": 1}, "image/png"),
    "payload of one line": lambda: payloads.encode({"a": 1}, "application/jsonlines"),
    "payload of no rows": lambda: payloads.encode({"a": 1}, "text/csv"),
    "payload of no table": lambda: payloads._array_csv(SimpleNamespace(ndim=3)),
    "payload of no file": lambda: payloads.encode(Path("/no/such/file")),
    "answer of no array": lambda: Prediction(body=b"", content_type="image/png").numpy(),
    "model that fails": lambda: raised(
        _model_error(ClientError({"Error": {"Message": "wrong row"}, "OriginalStatusCode": 400}, "InvokeEndpoint"))
    ),
    "stream that the model ends": lambda: streamed(
        EventStreamError({"Error": {"Code": "ModelStreamError", "Message": "out of memory"}}, "InvokeEndpoint")
    ),
    "no Region": lambda: nowhere(),
    "request that the model fails": lambda: raised(failed_request()),
    "stream that breaks": lambda: streamed(ProtocolError("connection reset")),
}
ADVISOR: Mapping[str, Provocation] = {
    "workload": lambda: Workload(**wrong(payload=-1, latency=0, traffic="often", region="here", due="8", gpu="yes")),
    "workload of wrong fields": lambda: workload_of({"payload": "big", "latency": 0}),
    "workload of an unknown field": lambda: workload_of({"playload": "1MB"}),
    "workload that is no file": lambda: read_workload(file("workload.yaml", "[1, 2]")),
    "workload that is no YAML": lambda: read_workload(file("broken.yaml", "a: [")),
    "half a model": lambda: quantities.whole("1.5"),
    "a size without a unit": lambda: quantities.size("big"),
    "prices of nowhere": lambda: advisor._show("xx-nowhere-1", None),
    "prices that AWS refuses": lambda: price_list.fetch("us-east-1", today=date(2026, 1, 1), client=PRICES_REFUSED),
    "prices that AWS has not": lambda: price_list.fetch("nowhere", today=date(2026, 1, 1), client=NO_PRICES),
    "prices of no file": lambda: prices.read(file("prices.json", "[]")),
    "prices of what is not known": lambda: prices.read(
        file(
            "odd.json",
            json.dumps(
                {
                    "checked_on": "2026-01-01",
                    "sources": {"s": "x"},
                    "regions": {"us-east-1": {"tea:cup": [1, "2026-01-01", "s"]}},
                }
            ),
        )
    ),
}


TOOLS: Mapping[str, Provocation] = {
    "baseline of no records": lambda: make_baseline(file("empty.csv", "a,b\n")),
    "baseline of no text": lambda: make_baseline(file("binary.csv", b"\xff\xfe\x81")),
    "baseline of texts": lambda: make_baseline(file("rows.csv", "a,b\nx,1\n"), numbers=["a"]),
    "a column of texts": lambda: column.summarize("a", ["x"], kind="number"),
    "baseline of other columns": lambda: make_baseline(
        file("rows.csv", "a,a\nx,1\n"), numbers=["c"], predictions=["a"], ignore=["a"]
    ),
    "baseline of uneven rows": lambda: make_baseline(file("rows.csv", "a,b\n1\n")),
    "a name that there is not": lambda: constructs_lib.NoSuchConstruct,
    "a matcher that there is not": lambda: testing.no_such_matcher,
    "a row that no value decides": lambda: scaling_policies.UTILIZATION.allows(1),
    "a row without a bound": lambda: scaling_policies.UTILIZATION.maximum,
    "hardware that is not known": lambda: component_specifications._capacity("ml.x1.large"),
    "template that is not there": lambda: raised(next(files.read(Path("/no/such.json")))),
    "template of no folder": lambda: raised(next(files.read(file("none/x").parent))),
    "template of another kind": lambda: raised(next(files.read(file("package.json", "{}")))),
    "template outside of its folder": lambda: list(files.stacks(assembly("outside", "../../x.json"))),
    "template that cannot be read": lambda: files.parse(Path("/proc/self/mem")),
    "template that is a folder": lambda: files.parse(file("none/x").parent),
    "template that is huge": lambda: files.parse(file("huge.json", b" " * 20_000_001)),
    "template that is deep": lambda: files.parse(file("deep.json", "[" * 600 + "]" * 600)),
    "template that is cut off": lambda: files.parse(file("cut.json", "{")),
    "template of nothing": lambda: files.parse(file("nothing.json", "")),
    "template of too much YAML": lambda: files._yaml("a" * 5_000_001),
    "template of too many values": lambda: files.check_extent([[]] * 2_000_001),
    "YAML that is none": lambda: yaml.load("a: ["),
    "a file beside a folder": lambda: list(
        pairs.of_files(file("one.json", '{"Resources": {}}'), assembly("folder", "a.template.json"))
    ),
    "a folder without the stack": lambda: list(
        pairs.of_stack(stacks.DeployedStack(None, "Gone"), assembly("folder", "a.template.json"))
    ),
    "a folder that is not there": lambda: list(pairs.of_stack(stacks.DeployedStack(None, "Gone"), Path("no.out"))),
    "a stack that is not deployed": lambda: stacks.DeployedStack(Answering(MISSING_STACK), "Gone").parameters,
    "a deployed template that is a list": lambda: stacks.DeployedStack(Answering({"TemplateBody": "[]"}), "A").template,
    "a deployed template that is cut off": lambda: stacks.DeployedStack(Answering({"TemplateBody": "{"}), "A").template,
    "an address that is not signed": lambda: account.download("http://example.org"),
    "a call that is denied": lambda: denied(),
    "a rule that there is not": lambda: preflight._check_ignored(["NO-RULE"]),
    "a stack that was not synthesized": lambda: preflight._stack(
        Namespace(stack="Gone", app=assembly("folder", "a.template.json"))
    ),
    "a folder in place of a template": lambda: list(preflight._templates(file("none/x").parent, None)),
    "a parameter without a value": lambda: preflight._values(["Name"], []),
    "a parameter that there is not": lambda: preflight._values(["Name=1"], []),
    "a stack of another Region": lambda: looked_up(stack_in("us-east-1", "1")),
    "a stack of another account": lambda: looked_up(stack_in("eu-west-1", "2")),
}
ENDED = SimpleNamespace(_process=SimpleNamespace(poll=lambda: 1), _last_words=lambda: "", log="local.log")
LOCAL: Mapping[str, Provocation] = {
    "the local AWS that does not run": lambda: with_(Running, "load", None, local._running),
    "the local AWS that runs already": lambda: with_(
        Running, "load", SimpleNamespace(port=4566), local._up, Namespace(port=4566)
    ),
    "a port that is busy": lambda: with_(
        Running, "load", None, with_, local, "is_free", False, local._up, Namespace(port=4566)
    ),
    "a bootstrap that fails": lambda: with_(
        local, "_cdk", "cdk", with_, local, "_running", SimpleNamespace(endpoint_url="x"), without_bootstrap
    ),
    "no CDK command line": lambda: with_(shutil, "which", None, elsewhere, local._cdk),
    "the local AWS that ends at once": lambda: local_aws.LocalAws._wait_healthy(cast(Any, ENDED)),
    "the local AWS that never answers": lambda: without_time(ENDED),
}


def with_(owner: object, name: str, answer: object, call: Callable[..., object], *arguments: object) -> object:
    """What ``call`` does while a function gives that answer."""
    with mock.patch.object(owner, name, return_value=answer):
        return call(*arguments)


def without_bootstrap() -> object:
    failed = SimpleNamespace(returncode=1, stderr="no such account", stdout="")
    return with_(subprocess, "run", failed, local._deploy, Namespace())


def without_time(aws: object) -> None:
    with mock.patch.object(local_aws, "START_TIMEOUT", 0):
        local_aws.LocalAws._wait_healthy(cast(Any, aws))


def elsewhere(call: Callable[[], object]) -> object:
    """Where no node_modules are."""
    with contextlib.chdir(_folder().name):
        return call()


def nowhere() -> object:
    """A session without a Region."""
    with mock.patch.dict(os.environ, clear=True):
        return with_(boto3.session, "Session", SimpleNamespace(region_name=None), connections._session)


def failed_request() -> object:
    outcome = SimpleNamespace(result=lambda: SimpleNamespace(status=Status.FAILED, location=None, reason="wrong row"))
    result = SimpleNamespace(_request=SimpleNamespace(outcome=outcome), failure_location=None, inference_id="one")
    return cast(Any, AsyncResult._failure).func(cast(Any, result))


def denied() -> None:
    someone = account.Account.__new__(account.Account)
    someone.__dict__["identity"] = account.Identity("arn:aws:iam::1:user/me", "1", "aws")
    with someone.permitted("iam:GetRole"):
        raise DENIED


def looked_up(stack: files.Stack) -> None:
    identity = SimpleNamespace(account="1", arn="arn:aws:iam::1:user/me")
    found = SimpleNamespace(region="eu-west-1", identity=identity)
    with mock.patch.object(preflight, "Account", return_value=found):
        preflight._account(Namespace(region="eu-west-1", profile=None), stack)


def stack_in(region: str, number: str) -> files.Stack:
    return files.Stack(name="mine", id="mine", template=Path(), account=number, region=region, execution_role=None)


MODEL = {"image": "any", "artifact": "any"}
SETTINGS: Mapping[str, Provocation] = {
    "settings that are text": lambda: settings("all"),
    "settings of a parent that is text": lambda: settings({"realtime": "x"}, **{"realtime.instanceType": "x"}),
    "settings of a wrong type": lambda: settings({"model": MODEL, "stacks": 1}),
    "settings that are no object": lambda: settings({"model": MODEL, "realtime": 1}),
    "settings of no model": lambda: settings({}),
    "settings that there are not": lambda: settings({"realtme": {}}),
}
