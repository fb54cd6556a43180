"""Which models serverless inference takes, and what serves the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.endpoints.model import BaseModel
from constructs_lib.facts import serverless
from constructs_lib.facts.limit import Limit

_ON_INSTANCES = "RealtimeEndpoint or AsyncEndpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exclusion:
    """What a model must not be, how to change it, and who serves it as it is."""

    limit: Limit
    found: Callable[[BaseModel], bool]
    problem: str
    remedy: str
    instead: str = _ON_INSTANCES


_EXCLUSIONS = (
    _Exclusion(
        limit=serverless.NO_VPC,
        found=lambda model: model.is_in_vpc,
        problem="not be in a VPC",
        remedy="leave its vpc_config out",
    ),
    _Exclusion(
        limit=serverless.NO_NETWORK_ISOLATION,
        found=lambda model: model.network_isolation,
        problem="not have network_isolation",
        remedy="leave it out",
    ),
    _Exclusion(
        limit=serverless.NO_MULTI_MODEL,
        found=lambda model: model.is_multi_model,
        problem="not be a MultiModel",
        remedy="give each of its models an endpoint of its own",
        instead="RealtimeEndpoint",
    ),
    _Exclusion(
        limit=serverless.NO_PIPELINE,
        found=lambda model: len(model.containers) > 1,
        problem="have one container",
        remedy="put what they do into one",
        instead="RealtimeEndpoint",
    ),
    _Exclusion(
        limit=serverless.NO_MODEL_DATA_SOURCE,
        found=lambda model: any(each.artifact and not each.artifact.is_packed for each in model.containers),
        problem="have a packed artifact, not the objects below a prefix",
        remedy="pack them into a model.tar.gz and give ModelArtifact.from_bucket",
    ),
    _Exclusion(
        limit=serverless.NO_PRIVATE_REGISTRY,
        found=lambda model: any(each.image.registry for each in model.containers),
        problem="have its image in Amazon ECR, not in a private registry",
        remedy="push it to Amazon ECR and give ContainerImage.from_ecr",
    ),
)


def check_model(checks: Checks, model: BaseModel) -> None:
    """Note everything of the model that serverless inference excludes. What a registered package holds is not known."""
    for each in _EXCLUSIONS:
        problem = f"model must {each.problem}; {each.remedy}, or serve it with {each.instead}"
        checks.require(not each.found(model), problem, each.limit)
