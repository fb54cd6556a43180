"""A stack as CloudFormation has it: its template, its parameters, and what its resources are called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from constructs_lib.client.connections import Connections
from constructs_lib.client.errors import StackNotFound
from constructs_lib.client.retries import code_of
from constructs_lib.templates.files import Unreadable, check_extent

_HIDDEN = "****"


def connections(region: str | None) -> Connections:
    """Clients with the user's own credentials; in the Region of the environment where none is given."""
    if region is None:
        return Connections()
    import boto3

    return Connections(boto3.session.Session(region_name=region))


class DeployedStack:
    """A stack by its name or its ARN; everything is read when it is first asked for, and nothing is changed.

    Raises ``StackNotFound``, ``Unreadable`` for a template that is none, and botocore's errors.
    """

    def __init__(self, cloudformation: Any, name: str) -> None:
        self._cloudformation = cloudformation
        self.name = name

    @cached_property
    def _described(self) -> Mapping[str, Any]:
        from botocore.exceptions import ClientError

        try:
            (stack,) = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if code_of(error) == "ValidationError" and "does not exist" in str(error):
                region = self._cloudformation.meta.region_name
                raise StackNotFound(f"there is no stack {self.name} in {region}; name another, or a Region") from error
            raise
        found: Mapping[str, Any] = stack
        return found

    @property
    def status(self) -> str:
        """StackStatus."""
        return str(self._described["StackStatus"])

    @property
    def reason(self) -> str:
        """StackStatusReason; empty if there is none."""
        return str(self._described.get("StackStatusReason", ""))

    @property
    def parameters(self) -> Mapping[str, str]:
        """The values of the parameters, those of the Parameter Store as looked up; hidden ones are left out."""
        given = self._described.get("Parameters", [])
        values = {each["ParameterKey"]: each.get("ResolvedValue", each.get("ParameterValue")) for each in given}
        return {name: value for name, value in values.items() if value not in (None, _HIDDEN)}

    @property
    def region(self) -> str:
        """The Region in which it is."""
        return str(self._described["StackId"].split(":")[3])

    @property
    def pseudo_parameters(self) -> Mapping[str, str]:
        """What ``Ref`` gives of AWS::AccountId and the like."""
        stack_id = str(self._described["StackId"])
        _, partition, _, region, account = stack_id.split(":")[:5]
        return {
            "AWS::AccountId": account,
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::StackId": stack_id,
            "AWS::StackName": str(self._described["StackName"]),
            "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
        }

    @cached_property
    def physical_ids(self) -> Mapping[str, str]:
        """What ``Ref`` gives of each resource, by logical id."""
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = (each for page in pages for each in page["StackResourceSummaries"])
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found if _is_there(each)}

    @cached_property
    def template(self) -> Mapping[str, Any]:
        """The template that was deployed last; after a rollback that of before."""
        body = self._cloudformation.get_template(StackName=self.name)["TemplateBody"]
        document = _parsed(body, self.name) if isinstance(body, str) else body
        if not isinstance(document, Mapping):
            raise Unreadable(f"the template of stack {self.name} is no mapping")
        return document

    def nested(self, logical_id: str) -> DeployedStack | None:
        """A nested stack by its logical id; ``None`` if there is none yet."""
        stack_id = self.physical_ids.get(logical_id)
        return None if stack_id is None else DeployedStack(self._cloudformation, stack_id)


def as_returned(value: Any) -> Any:
    """A template as GetTemplate gives it back: with a question mark for each character that is not ASCII.

    Source: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1220
    """
    if isinstance(value, Mapping):
        return {as_returned(key): as_returned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_returned(item) for item in value]
    return value.encode("ascii", "replace").decode() if isinstance(value, str) else value


def _is_there(resource: Mapping[str, Any]) -> bool:
    return bool(resource.get("PhysicalResourceId")) and resource.get("ResourceStatus") != "DELETE_COMPLETE"


def _parsed(body: str, name: str) -> Any:
    try:
        if body.lstrip().startswith("{"):
            return json.loads(body)
        from constructs_lib.templates.yaml import load  # JSON is read without PyYAML

        document = load(body)
        check_extent(document)
        return document
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the template of stack {name} cannot be read: {error}") from error
