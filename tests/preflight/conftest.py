"""An account that answers as AWS's API models say: botocore checks each request, and here each answer too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.validate import validate_parameters

from constructs_lib.preflight import judge
from constructs_lib.preflight.account import Account
from constructs_lib.preflight.check import Check
from constructs_lib.preflight.target import Target, target_of
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.files import TemplateFile

ACCOUNT = "123456789012"
REGION = "eu-west-1"
CALLER = f"arn:aws:iam::{ACCOUNT}:user/deployer"
TODAY = date(2026, 11, 21)
# One for all tests: it reads each API model once.
SESSION = boto3.session.Session(aws_access_key_id="any", aws_secret_access_key="any", region_name=REGION)

Answer = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]


def refusal(code: str = "AccessDeniedException", message: str = "no", status: int = 400) -> dict[str, Any]:
    """An error as AWS answers it."""
    return {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}


@cache
def _client(name: str) -> Any:
    """One client of a service for all tests, since making one takes a while."""
    made = SESSION.client(name, config=Config(retries={"total_max_attempts": 1}))
    made.meta.events.register_first("before-parameter-build", lambda **given: Aws.current.note(**given))
    made.meta.events.register("before-call", lambda **given: Aws.current.answer(**given))
    return made


class Aws:
    """Stands for boto3's session. ``on`` says what an operation answers; one that nobody expected fails the test."""

    current: Aws

    def __init__(self) -> None:
        self.quotas: dict[str, float] = {}
        self.blobs: dict[str, Any] = {}
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self._answers: dict[str, list[tuple[Mapping[str, Any], Answer]]] = {}
        self.on("GetCallerIdentity", {"Arn": CALLER, "Account": ACCOUNT, "UserId": "any"})
        self.on("GetServiceQuota", self._quota)

    def on(self, operation: str, answer: Answer, **given: Any) -> None:
        """What an operation answers where it is given these parameters; what is said last counts first."""
        self._answers.setdefault(operation, []).insert(0, (given, answer))

    def client(self, name: str, **_: Any) -> Any:
        """A client that asks the account which was made last."""
        Aws.current = self
        return _client(name)

    def asked(self, operation: str) -> list[Mapping[str, Any]]:
        """The parameters of each call of an operation."""
        return [params for name, params in self.calls if name == operation]

    def fetch(self, url: str) -> bytes:
        return json.dumps(self.blobs[url]).encode()

    def note(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        self.calls.append((model.name, dict(params)))

    def answer(self, model: Any, **_: Any) -> tuple[AWSResponse, Mapping[str, Any]]:
        params = self.calls[-1][1]
        for given, answer in self._answers.get(model.name, ()):
            if given.items() <= params.items():
                found = answer(params) if callable(answer) else deepcopy(answer)
                break
        else:
            raise AssertionError(f"nobody expected {model.name} with {params}")
        status = found.get("ResponseMetadata", {}).get("HTTPStatusCode", 200)
        if "Error" not in found:
            validate_parameters(found, model.output_shape)
        return AWSResponse("https://any", status, {}, None), {"ResponseMetadata": {}, **found}

    def _quota(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        name = next((name for name in self.quotas if CODES.get(name) == params["QuotaCode"]), None)
        return {"Quota": row(name, self.quotas[name])} if name else refusal("NoSuchResourceException")


TYPE = "ml.m5.large for endpoint usage"
ALL = "Number of instances across active endpoints"
EACH = "Maximum number of instances per endpoint"
CONCURRENCY = "Maximum total concurrency that can be allocated across all serverless endpoints"
SERVERLESS = "Maximum number of serverless endpoints"
CODES = {
    TYPE: "L-614B09FD",
    ALL: "L-7A3DF611",
    EACH: "L-ED8DEE9B",
    CONCURRENCY: "L-96300102",
    SERVERLESS: "L-99AD19BF",
    "Number of instances across all transform jobs": "L-60D2A6F0",
}


def row(name: str, value: float, code: str | None = None) -> dict[str, Any]:
    """A quota as Service Quotas describes it."""
    return {"QuotaName": name, "QuotaCode": code or CODES[name], "Value": value, "Adjustable": True}


@pytest.fixture
def aws() -> Aws:
    """An account with room for everything, in which nothing runs."""
    made = Aws()
    made.quotas = {TYPE: 1000, ALL: 1000, EACH: 1000, CONCURRENCY: 1000, SERVERLESS: 1000}
    made.on("ListEndpoints", {"Endpoints": []})
    made.on("ListStackResources", {"StackResourceSummaries": []})
    return made


@pytest.fixture
def account(aws: Aws) -> Account:
    return Account(aws, today=TODAY, fetch=aws.fetch)


class Preflight:
    """Judges a document in the account, by one check or by all."""

    def __init__(self, account: Account, folder: Path) -> None:
        self._account = account
        self.path = folder / "Stack.template.json"

    def target(self, document: Mapping[str, Any], given: Mapping[str, str] | None = None, **known: Any) -> Target:
        file = TemplateFile(self.path, document)
        return target_of(file, self._account, given or {}, **{"stack_name": "Stack", **known})

    def __call__(self, check: Check[Any], document: Mapping[str, Any], **known: Any) -> list[Finding]:
        return list(check.findings(self.target(document, **known)))

    def all(self, document: Mapping[str, Any], **known: Any) -> list[Finding]:
        return judge(self.target(document, **known))


@pytest.fixture
def preflight(account: Account, tmp_path: Path) -> Preflight:
    return Preflight(account, tmp_path)
