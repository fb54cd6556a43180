"""What the account has already: the resources of a stack, and the endpoints that run beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.client.retries import code_of
from constructs_lib.preflight.account import Account


@dataclass(frozen=True, slots=True)
class Running:
    """An endpoint of the account: its instances by type, and the concurrency of its serverless variants."""

    name: str
    instances: Mapping[str, int]
    concurrency: int
    is_serverless: bool


def stack_resources(account: Account, stack_name: str) -> Mapping[str, str]:
    """The physical ids of a stack's resources by logical id; none for a stack that is not there."""
    pages = account.service("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack_name)
    try:
        with account.permitted("cloudformation:ListStackResources"):
            return {
                row["LogicalResourceId"]: row["PhysicalResourceId"]
                for page in pages
                for row in page["StackResourceSummaries"]
                if row.get("PhysicalResourceId") and row["ResourceStatus"] != "DELETE_COMPLETE"
            }
    except ClientError as error:
        if code_of(error) == "ValidationError" and "does not exist" in str(error):
            return {}
        raise


def endpoints_of(account: Account, resources: Mapping[str, str]) -> frozenset[str]:
    """The names of the endpoints among a stack's resources, and those of the stacks that are nested in it."""
    found: set[str] = set()
    for physical_id in resources.values():
        if ":endpoint/" in physical_id:
            # SageMaker lists a name as it was given, and has it in lower case in the ARN, which is the physical id.
            found.add(physical_id.rpartition("/")[2].lower())
        elif ":stack/" in physical_id:
            found |= endpoints_of(account, stack_resources(account, physical_id))
    return frozenset(found)


def endpoints(account: Account) -> list[Running]:
    """Every endpoint of the account in the Region; ask by ``account.once``."""
    pages = account.service("sagemaker").get_paginator("list_endpoints").paginate()
    with account.permitted("sagemaker:ListEndpoints"):
        names = [row["EndpointName"] for page in pages for row in page["Endpoints"]]
    return [running for name in names if (running := _running(account, name))]


def describe(account: Account, name: str) -> Mapping[str, Any] | None:
    """What SageMaker says of an endpoint; ``None`` if there is none of that name."""
    try:
        with account.permitted("sagemaker:DescribeEndpoint"):
            answer: Mapping[str, Any] = account.service("sagemaker").describe_endpoint(EndpointName=name)
            return answer
    except ClientError as error:
        if code_of(error) == "ValidationException" and "Could not find" in str(error):
            return None
        raise


def _running(account: Account, name: str) -> Running | None:
    endpoint = describe(account, name)
    if endpoint is None:  # deleted since it was listed
        return None
    variants = [*endpoint.get("ProductionVariants", ()), *endpoint.get("ShadowProductionVariants", ())]
    serverless = [variant["CurrentServerlessConfig"] for variant in variants if "CurrentServerlessConfig" in variant]
    on_instances = [variant for variant in variants if variant.get("CurrentInstanceCount")]
    types = _types(account, endpoint["EndpointConfigName"]) if on_instances else {}
    instances: Counter[str] = Counter()
    for variant in on_instances:
        pools = variant.get("InstancePools") or [{"InstanceType": types.get(variant["VariantName"])}]
        for pool in pools:
            instances[pool["InstanceType"] or ""] += pool.get("CurrentInstanceCount", variant["CurrentInstanceCount"])
    return Running(name, instances, sum(each["MaxConcurrency"] for each in serverless), bool(serverless))


def _types(account: Account, config_name: str) -> Mapping[str, str | None]:
    with account.permitted("sagemaker:DescribeEndpointConfig"):
        config = account.service("sagemaker").describe_endpoint_config(EndpointConfigName=config_name)
    variants = [*config["ProductionVariants"], *config.get("ShadowProductionVariants", ())]
    return {variant["VariantName"]: variant.get("InstanceType") for variant in variants}
