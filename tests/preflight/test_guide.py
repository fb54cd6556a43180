"""The guide's policy is what the preflight needs: each permission that it asks for, none that writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import boto3

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "preflight.md").read_text("utf-8")
CODE = "\n".join(path.read_text("utf-8") for path in (ROOT / "constructs_lib" / "preflight").glob("*.py"))


def allowed() -> set[str]:
    (policy,) = re.findall(r"```json\n(\{\n  \"Version\".*?)```", GUIDE, re.DOTALL)
    statements = json.loads(policy)["Statement"]
    return {action for statement in statements for action in statement["Action"]}


def test_the_policy_allows_what_the_code_asks_for_and_nothing_else() -> None:
    asked = set(re.findall(r'"([a-z0-9-]+:(?:Get|List|Describe|Simulate|Batch)[A-Za-z]+)"', CODE))
    assert allowed() == asked


def test_it_allows_nothing_that_writes() -> None:
    reading = re.compile(r"[a-z0-9-]+:(Get|List|Describe|Simulate|BatchGet)[A-Z]\w*")
    assert all(reading.fullmatch(action) for action in allowed())


def test_the_permissions_are_operations_of_the_services_where_their_names_are_the_same() -> None:
    clients = {"servicequotas": "service-quotas"}
    session = boto3.session.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    for action in allowed() - {"s3:ListBucket"}:
        service, _, operation = action.partition(":")
        model = session.client(clients.get(service, service)).meta.service_model
        assert operation in model.operation_names, action
