"""The app as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from constructs_lib.advisor.code.endpoints import asynchronous, realtime, serverless
from constructs_lib.advisor.code.jobs import batch, hybrid
from constructs_lib.advisor.code.models import model
from constructs_lib.advisor.code.plan import Plan, Snippet
from constructs_lib.advisor.code.streams import streaming
from constructs_lib.advisor.strategies import Strategy

_LONGEST_LINE = 118
_SERVED: Mapping[Strategy, Callable[[Plan], Snippet]] = {
    Strategy.REALTIME: realtime,
    Strategy.SERVERLESS: serverless,
    Strategy.ASYNC: asynchronous,
    Strategy.BATCH: batch,
    Strategy.HYBRID: hybrid,
    Strategy.STREAMING: streaming,
}


def code(plan: Plan) -> str:
    """The app that serves the workload as planned."""
    return _app(plan, model(plan), _SERVED[plan.strategy](plan))


def _app(plan: Plan, behind: Snippet, served: Snippet) -> str:
    names = sorted({"ContainerImage", "InferenceLimits"} | behind.names | served.names)
    imports = {
        "from aws_cdk import App, Stack, Validations",
        "from aws_cdk.aws_ecr import Repository",
        *behind.imports,
        *served.imports,
    }
    ours = f"from constructs_lib import {', '.join(names)}"
    if len(ours) > _LONGEST_LINE:
        ours = "from constructs_lib import (\n" + "".join(f"    {name},\n" for name in names) + ")"
    region = plan.workload.region
    env = f', env=Environment(region="{region}")' if region else ""
    if region:
        imports = (imports - {"from aws_cdk import App, Stack, Validations"}) | {
            "from aws_cdk import App, Environment, Stack, Validations"
        }
    standard = sorted(line for line in imports if line.startswith("from datetime "))
    lines = [
        f'"""{plan.strategy.words.capitalize()}, as python -m constructs_lib recommend suggests it."""',
        "",
        *standard,
        *([""] if standard else []),
        *sorted(imports.difference(standard)),
        "",
        ours,
        "",
        "app = App()",
        "Validations.of(app).add_plugins(InferenceLimits())",
        f'stack = Stack(app, "Inference"{env})',
        'repository = Repository.from_repository_name(stack, "Repository", "my-model")  # yours',
        'image = ContainerImage.from_ecr(repository, tag="1")',
        *behind.lines,
        *served.lines,
        "app.synth()",
    ]
    return "\n".join(lines) + "\n"
