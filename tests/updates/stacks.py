"""Stacks of small templates in the local AWS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from constructs_lib.local import LocalAws
from tests.local.conftest import IMAGE, any_name
from tests.updates.templates import Template, get

ECHO = {"PrimaryContainer": {"Image": IMAGE, "Environment": {"COLOUR": "blue"}}}
GREEN = {"Image": IMAGE, "Environment": {"COLOUR": "green"}}
ROLE = {"ExecutionRoleArn": "arn:aws:iam::000000000000:role/any"}
ON_HOST = {
    "VariantName": "A",
    "Specification": {
        "ModelName": get("Model", "ModelName"),
        "ComputeResourceRequirements": {"NumberOfCpuCoresRequired": 1, "MinMemoryRequiredInMb": 256},
    },
    "RuntimeConfig": {"CopyCount": 1},
}
_LONGEST = 60


class Stacks:
    """Creates, updates and deletes stacks."""

    def __init__(self, aws: LocalAws) -> None:
        self._cloudformation: Any = aws.client("cloudformation")
        self._sagemaker: Any = aws.client("sagemaker")
        self._names: list[str] = []

    def begin(self, template: Template) -> str:
        """Begin to create a stack; its name."""
        name = any_name("Update")
        self._cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
        self._names.append(name)
        return name

    def begin_update(self, name: str, template: Template) -> None:
        """Begin to update a stack."""
        self._cloudformation.update_stack(StackName=name, TemplateBody=json.dumps(template))

    def create(self, template: Template) -> str:
        """Create a stack; its name."""
        name = self.begin(template)
        assert self.settled(name) == "CREATE_COMPLETE"
        return name

    def update(self, name: str, template: Template) -> str:
        """Update a stack; how that ended."""
        self.begin_update(name, template)
        return self.settled(name)

    def settled(self, name: str) -> str:
        """The status once nothing is in progress."""

        def status() -> str:
            (found,) = self._cloudformation.describe_stacks(StackName=name)["Stacks"]
            return str(found["StackStatus"])

        self.wait(lambda: not status().endswith("IN_PROGRESS"))
        return status()

    def arn(self, name: str, logical_id: str) -> str:
        """What CloudFormation calls a resource."""
        found = self._cloudformation.describe_stack_resource(StackName=name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def name_of(self, name: str, logical_id: str) -> str:
        """What SageMaker calls an endpoint, a configuration or a component."""
        kind = {"Endpoint": "Endpoint", "Config": "EndpointConfig", "Component": "InferenceComponent"}[logical_id]
        listed = {"Endpoint": "list_endpoints", "EndpointConfig": "list_endpoint_configs"}
        call = getattr(self._sagemaker, listed.get(kind, "list_inference_components"))
        rows = next(value for key, value in call(MaxResults=100).items() if key == f"{kind}s")
        arn = self.arn(name, logical_id)
        return str(next(row[f"{kind}Name"] for row in rows if row[f"{kind}Arn"] == arn))

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + _LONGEST
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def close(self) -> None:
        """Begin to delete every stack."""
        for name in self._names:
            self._cloudformation.delete_stack(StackName=name)
