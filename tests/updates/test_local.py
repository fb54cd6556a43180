"""What diff predicts is what the local SageMaker then does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from constructs_lib.facts.paths import CONFIG, MODEL
from constructs_lib.local import LocalAws
from constructs_lib.updates.plan import Outcome, plan
from tests.local.conftest import any_name, local_aws
from tests.updates.stacks import ECHO, GREEN, ON_HOST, ROLE, Stacks
from tests.updates.templates import Template, canary, changed, host, on_instances, rolling, served, serverless

__all__ = ["local_aws"]
ASYNC = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://answers/"}}}


def on_echo(*variants: dict[str, Any], **options: Any) -> Template:
    return served(*variants, **({"model": ECHO} | options))


def fixed(kind: str) -> Template:
    """An endpoint whose configuration or model has a name that stays."""
    name = any_name("fixed")
    if kind == CONFIG:
        return on_echo(config={"EndpointConfigName": name})
    return on_echo(model=ECHO | {"ModelName": name})


def green(template: Template) -> Template:
    return changed(template, "Model", PrimaryContainer=GREEN)


_FIXED_CONFIG, _FIXED_MODEL, _NAMED = fixed(CONFIG), fixed(MODEL), on_echo(endpoint={"EndpointName": any_name()})
_ONE, _SCALED = on_echo(), on_echo(scaled=("A",))
_HOST = on_echo(host(), config=ROLE, component=ON_HOST)
# Old template, new template, and what becomes of the endpoint.
CASES: Mapping[str, tuple[Template, Template, Outcome]] = {
    "another model": (_ONE, green(_ONE), Outcome.IN_PLACE),
    "another type": (_ONE, on_echo(on_instances(type_="ml.c5.large")), Outcome.IN_PLACE),
    "another type, scaled": (_SCALED, on_echo(on_instances(type_="ml.c5.large"), scaled=("A",)), Outcome.REFUSED),
    "another type, scaled until now": (_SCALED, on_echo(on_instances(type_="ml.c5.large")), Outcome.REFUSED),
    "a scaled variant goes": (_SCALED, on_echo(on_instances("B")), Outcome.REFUSED),
    "a variant goes": (_ONE, on_echo(on_instances("B")), Outcome.IN_PLACE),
    "renamed under a guard": (
        _ONE,
        on_echo(on_instances("B"), endpoint={"DeploymentConfig": canary()}),
        Outcome.REFUSED,
    ),
    "two variants in batches": (
        on_echo(on_instances("A"), on_instances("B"), endpoint={"DeploymentConfig": rolling()}),
        on_echo(on_instances("A", count=3), on_instances("B"), endpoint={"DeploymentConfig": rolling()}),
        Outcome.REFUSED,
    ),
    "to serverless": (_ONE, on_echo(serverless()), Outcome.REFUSED),
    "from serverless": (on_echo(serverless()), _ONE, Outcome.IN_PLACE),
    "to asynchronous": (_ONE, on_echo(config=ASYNC), Outcome.IN_PLACE),
    "from asynchronous": (on_echo(config=ASYNC), _ONE, Outcome.REFUSED),
    "a fixed configuration": (
        _FIXED_CONFIG,
        changed(_FIXED_CONFIG, "Config", ProductionVariants=[on_instances(count=3)]),
        Outcome.REFUSED,
    ),
    "a fixed model": (_FIXED_MODEL, green(_FIXED_MODEL), Outcome.REFUSED),
    "another name": (_NAMED, changed(_NAMED, "Endpoint", EndpointName=any_name()), Outcome.REPLACED),
    "the component's variant goes": (
        _HOST,
        changed(_HOST, "Config", ProductionVariants=[host("B")]),
        Outcome.REFUSED,
    ),
    "more instances under a component": (
        _HOST,
        changed(_HOST, "Config", ProductionVariants=[host(count=3)]),
        Outcome.IN_PLACE,
    ),
    "tags": (_ONE, changed(_ONE, "Endpoint", Tags=[{"Key": "team", "Value": "fraud"}]), Outcome.IN_PLACE),
}


@dataclass(frozen=True)
class Deployed:
    """A stack's endpoint after its creation and after its update, and how the update ended."""

    before: str
    after: str
    status: str


@pytest.fixture(scope="module")
def deployed(local_aws: LocalAws) -> Iterator[Mapping[str, Deployed]]:
    """All cases side by side."""
    stacks = Stacks(local_aws)
    names = {case: stacks.begin(old) for case, (old, _, _) in CASES.items()}
    created = {case: stacks.settled(name) for case, name in names.items()}
    assert set(created.values()) == {"CREATE_COMPLETE"}, created
    before = {case: stacks.arn(name, "Endpoint") for case, name in names.items()}
    for case, name in names.items():
        stacks.begin_update(name, CASES[case][1])
    status = {case: stacks.settled(name) for case, name in names.items()}
    yield {case: Deployed(before[case], stacks.arn(name, "Endpoint"), status[case]) for case, name in names.items()}
    stacks.close()


@pytest.mark.parametrize("case", CASES)
def test_what_is_predicted_happens(deployed: Mapping[str, Deployed], case: str) -> None:
    old, new, wanted = CASES[case]
    (found,) = plan(old, new).endpoints
    assert found.outcome is wanted
    happened = deployed[case]
    assert (happened.status == "UPDATE_COMPLETE") == (wanted is not Outcome.REFUSED)
    assert (happened.before != happened.after) == (wanted is Outcome.REPLACED)
