"""Lets ministack judge what functions may do, by the policies of their roles; on request each judgement is kept."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb, lambda_svc

from constructs_lib.local.arns import sagemaker_arn
from constructs_lib.local.transform.instances import LIMIT_INSTANCES

if TYPE_CHECKING:
    from constructs_lib.local.store import Payload

CALLS = "LOCAL_AWS_CALLS"
_SAGEMAKER = "sagemaker"
_INVOCATION = re.compile(r"/endpoints/(?P<endpoint>[^/]+)/(?P<verb>[^/]+)")
_INVOCATIONS = {
    "invocations": "InvokeEndpoint",
    "async-invocations": "InvokeEndpointAsync",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
}
# What a request names is what the action is on: `TransformJobName` is that of a `transform-job`.
_NAMED = {f"{kind.title().replace('-', '')}Name": kind for kind in ("endpoint", "transform-job", "processing-job")}
_CALLER = re.compile(r":assumed-role/[^/]+/(?P<function>.+)")


def install() -> None:
    """Teach ministack's judge SageMaker and the keys of items; call it once, before serving.

    It judges where the server was told to. The file that the environment names as ``LOCAL_AWS_CALLS`` then gets a line
    of JSON for each call of a function: its handler, the action, the resource, and whether it may.
    """
    iam_actions.SERVICE_TO_IAM_NAMESPACE[_SAGEMAKER] = _SAGEMAKER
    _know_actions()
    _know_leading_keys()
    _know_namespaces()
    _take_transport_for_secure()
    if CALLS in os.environ:
        _keep(Path(os.environ[CALLS]))


def _know_actions() -> None:
    action_of, arn_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def action(service: str, method: str, path: str, headers: Mapping[str, str], *rest: Any) -> str | None:
        if headers.get("x-amz-target", "").endswith(f".{LIMIT_INSTANCES}"):
            return None  # no call of AWS's: a test says with it how many instances there are
        invocation = _INVOCATION.fullmatch(path) if service == _SAGEMAKER else None
        if invocation:
            return f"{_SAGEMAKER}:{_INVOCATIONS.get(invocation['verb'], invocation['verb'])}"
        found: str | None = action_of(service, method, path, headers, *rest)
        # SQS has no actions for batches of their own:
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
        return found.removesuffix("Batch") if found and service == "sqs" else found

    def arn(service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, *rest: Any) -> str:
        if service != _SAGEMAKER:
            return str(arn_of(service, method, path, headers, body, *rest))
        invocation = _INVOCATION.fullmatch(path)
        if invocation:
            return sagemaker_arn("endpoint", unquote(invocation["endpoint"]))
        request = json.loads(body or b"{}")
        named = [sagemaker_arn(kind, request[name]) for name, kind in _NAMED.items() if name in request]
        return named[0] if named else "*"

    iam_actions.extract_iam_action, iam_actions.extract_resource_arn = action, arn


def _know_leading_keys() -> None:
    """Tell the partition keys of a request: conditions on ``dynamodb:LeadingKeys`` would hold for any without them."""
    context_of = iam_actions.dynamodb_service_context

    def context(body: bytes) -> Payload:
        keys = sorted(set(_leading_keys(json.loads(body or b"{}"))))
        return {**context_of(body), **({"dynamodb:LeadingKeys": keys} if keys else {})}

    iam_actions.dynamodb_service_context = context


def _leading_keys(request: Payload) -> list[str]:
    by_table = request.get("RequestItems") or {request.get("TableName", ""): request}
    found: list[str] = []
    for name, asked in by_table.items():
        table = dynamodb._tables.get(name.rsplit("/", 1)[-1])
        if table:
            [key] = [part["AttributeName"] for part in table["KeySchema"] if part["KeyType"] == "HASH"]
            found += [str(next(iter(item[key].values()))) for item in _items(asked) if key in item]
    return found


def _items(asked: Any) -> list[Payload]:
    """The items, and the keys of items, that a request names."""
    if isinstance(asked, list):
        return [item for each in asked for part in each.values() for item in _items(part)]
    return [*(asked[name] for name in ("Key", "Item") if name in asked), *asked.get("Keys", [])]


def _know_namespaces() -> None:
    """Tell the namespace of metrics: without it no condition on ``cloudwatch:namespace`` would hold."""
    context_of = iam_actions.request_tag_context

    def context(service: str, action: str, body: bytes, parameters: Mapping[str, Any]) -> Payload:
        found: Payload = context_of(service, action, body, parameters)
        if action != "cloudwatch:PutMetricData":
            return found
        return {**found, "cloudwatch:namespace": json.loads(body).get("Namespace", "")}

    iam_actions.request_tag_context = context


def _take_transport_for_secure() -> None:
    """Policies refuse what does not come over TLS; here nothing does, and nothing leaves the machine."""
    resolve = iam_evaluator._resolve_condition_key

    def resolve_as_secure(key: str, context: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    iam_evaluator._resolve_condition_key = resolve_as_secure


def _keep(calls: Path) -> None:
    enforce = iam_evaluator.enforce

    def enforce_and_tell(access_key: str, action: str, service: str, *rest: Any, **members: Any) -> Any:
        refusal = enforce(access_key, action, service, *rest, **members)
        identity = iam_evaluator.resolve_caller_identity(access_key) or {}
        caller = _CALLER.search(identity.get("userArn", ""))
        function = lambda_svc._functions.get(caller["function"]) if caller else None
        if function:
            line = {
                "handler": function["config"]["Handler"],
                "action": action,
                "resource": members.get("resource_arn", "*"),
                "allowed": refusal is None,
            }
            with calls.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        return refusal

    iam_evaluator.enforce = enforce_and_tell
