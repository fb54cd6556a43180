"""The quotas of instances and of serverless endpoints as Service Quotas knows them: by name and code.

Each belongs to a row that says what a new account has; what an account has by now, only Service Quotas can say.
"""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.facts import instance_quotas, instances, serverless_quotas
from constructs_lib.facts.instances import Use
from constructs_lib.facts.limit import Limit

SERVICE_CODE = "sagemaker"


@dataclass(frozen=True, slots=True)
class ServiceQuota:
    """A quota by its name in Service Quotas; ``code`` is ``None`` where it was not seen."""

    limit: Limit
    name: str
    code: str | None


INSTANCES_OF_ALL_ENDPOINTS = ServiceQuota(
    instance_quotas.INSTANCES_OF_ALL_ENDPOINTS, "Number of instances across active endpoints", "L-7A3DF611"
)
INSTANCES_OF_AN_ENDPOINT = ServiceQuota(
    instance_quotas.INSTANCES_OF_AN_ENDPOINT, "Maximum number of instances per endpoint", "L-ED8DEE9B"
)
INSTANCES_OF_ALL_TRANSFORM_JOBS = ServiceQuota(
    instance_quotas.INSTANCES_OF_ALL_TRANSFORM_JOBS, "Number of instances across all transform jobs", "L-60D2A6F0"
)
SERVERLESS_CONCURRENCY = ServiceQuota(
    serverless_quotas.ACCOUNT_CONCURRENCY,
    "Maximum total concurrency that can be allocated across all serverless endpoints",
    "L-96300102",
)
SERVERLESS_ENDPOINTS = ServiceQuota(
    serverless_quotas.ACCOUNT_ENDPOINTS, "Maximum number of serverless endpoints", "L-99AD19BF"
)


def of_type(instance_type: str, use: Use = "endpoint") -> ServiceQuota:
    """The quota on the instances of a type, for endpoints or for transform jobs."""
    endpoint = use == "endpoint"
    limit = instance_quotas.INSTANCES_OF_A_TYPE if endpoint else instance_quotas.TRANSFORM_INSTANCES_OF_A_TYPE
    name = f"{instance_type} for {'endpoint' if endpoint else 'transform job'} usage"
    return ServiceQuota(limit, name, instances.quota(instance_type, use).code)


def request_command(code: str | None, desired: float, region: str | None) -> str:
    """The command that asks AWS for a higher quota; with blanks for what is not known."""
    where = f" --region {region}" if region else ""
    return (
        f"aws service-quotas request-service-quota-increase --service-code {SERVICE_CODE} "
        f"--quota-code {code or 'CODE'} --desired-value {desired:g}{where}"
    )
