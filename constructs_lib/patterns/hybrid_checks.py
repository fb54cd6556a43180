"""Whether an endpoint and a batch answer alike: one model, and one that both can run."""

from __future__ import annotations

from constructs_lib.checks import Checks
from constructs_lib.endpoints.model import BaseModel
from constructs_lib.endpoints.realtime import RealtimeEndpoint
from constructs_lib.endpoints.serverless import ServerlessEndpoint
from constructs_lib.facts import models, serverless, workflows
from constructs_lib.options.hybrid import Fallback
from constructs_lib.patterns.batch_hooks import BatchHooks
from constructs_lib.patterns.hybrid_functions import Endpoint

_WHY = "stored and fresh answers must be of the same model"


def check_endpoint(checks: Checks, endpoint: object) -> None:
    """Note a problem unless all that the endpoint answers is of one model of this app."""
    if not isinstance(endpoint, (RealtimeEndpoint, ServerlessEndpoint)):
        problem = (
            "endpoint must be a RealtimeEndpoint or a ServerlessEndpoint of this app, "
            f"got {type(endpoint).__name__}; {_WHY}, and of another endpoint nobody knows here which model it serves"
        )
        checks.require(False, problem, models.IMMUTABLE)
        return
    served = _models_of(endpoint)
    names = ", ".join(sorted(model.node.path for model in served))
    problem = (
        f"endpoint must serve one model, got {len(served)} ({names}); {_WHY}: give all variants the same model, and "
        "try another one out with shadow or rollout"
    )
    checks.require(len(served) == 1, problem, models.IMMUTABLE)
    many = [model.node.path for model in served if model.is_multi_model]
    problem = (
        f"endpoint must not serve a MultiModel, got {', '.join(many)}; give each of its models a hybrid of its own"
    )
    checks.require(not many, problem, models.IMMUTABLE)


def check_bound(checks: Checks, fallback: Fallback, endpoint: object) -> None:
    """Note a problem where an endpoint without instances throttles before the fallback is bounded."""
    if isinstance(endpoint, ServerlessEndpoint):
        checks.at_most(
            ("fallback.max_concurrency", fallback.max_concurrency),
            ("the endpoint's max_concurrency", endpoint.max_concurrency),
            serverless.MAX_CONCURRENCY,
            "the endpoint throttles what is beyond it: lower the one or raise the other",
        )


def check_hooks(checks: Checks, hooks: BatchHooks) -> None:
    """Note a problem where the step after the load is one that has to be made together with the batch."""
    problem = (
        f"batch.hooks.after must be a function or states, got {type(hooks.after).__name__}; it runs behind the load, "
        "give it to hooks.before or make a function of it"
    )
    checks.require(not hasattr(hooks.after, "bind"), problem, workflows.STATE_NAME)


def model_of(endpoint: Endpoint) -> BaseModel:
    """The model of an endpoint that was checked."""
    (model,) = _models_of(endpoint)
    return model


def _models_of(endpoint: Endpoint) -> list[BaseModel]:
    if isinstance(endpoint, RealtimeEndpoint):
        return list(dict.fromkeys(variant.model for variant in endpoint.variants))
    return [endpoint.model]
