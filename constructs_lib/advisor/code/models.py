"""The model in the code, by its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from constructs_lib.advisor.code.plan import Plan, Snippet
from constructs_lib.advisor.strategies import Form
from constructs_lib.facts import containers


def model(plan: Plan) -> Snippet:
    """The lines that make ``model``, in the VPC where one is asked for."""
    vpc, imports = _vpc(plan)
    builders: Mapping[Form, Callable[[Plan, str], Snippet]] = {
        Form.MULTI_MODEL: _multi_model,
        Form.MULTI_CONTAINER: _several_containers,
        Form.PIPELINE: _several_containers,
        Form.COMPONENTS: _no_model,
    }
    argument = ", vpc_config=network" if vpc else ""
    snippet = builders.get(plan.form, _single)(plan, argument)
    names = snippet.names | ({"VpcConfig"} if vpc else frozenset())
    return Snippet((*vpc, *snippet.lines), names, (*imports, *snippet.imports))


def _vpc(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not plan.workload.vpc:
        return (), ()
    lines = (
        "vpc = Vpc.from_vpc_attributes(  # yours",
        "    stack,",
        '    "Vpc",',
        '    vpc_id="vpc-0123456789abcdef0",',
        '    availability_zones=["a", "b"],',
        '    private_subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],',
        ")",
        "network = VpcConfig(vpc=vpc)",
    )
    return lines, ("from aws_cdk.aws_ec2 import Vpc",)


def _one_model(name: str, vpc: str) -> list[str]:
    return [
        f'artifact = ModelArtifact.from_s3_uri("s3://my-models/{name}.tar.gz")',
        f'{name} = Model(stack, "{name.capitalize()}", image=image, artifact=artifact{vpc})',
    ]


def _single(plan: Plan, vpc: str) -> Snippet:
    names = {"Model", "ModelArtifact"}
    lines = _one_model("model", vpc)
    if plan.form in (Form.AB, Form.SHADOW):
        lines += _one_model("candidate", vpc)
    return Snippet(tuple(lines), frozenset(names))


def _multi_model(_plan: Plan, vpc: str) -> Snippet:
    lines = (
        'archives = Bucket.from_bucket_name(stack, "Archives", "my-models")  # yours; one .tar.gz a model',
        f'model = MultiModel(stack, "Model", image=image, bucket=archives, prefix="models/"{vpc})',
    )
    return Snippet(lines, frozenset({"MultiModel"}), ("from aws_cdk.aws_s3 import Bucket",))


def _several_containers(plan: Plan, vpc: str) -> Snippet:
    if plan.form is Form.PIPELINE:
        kind, names, hostname = "PipelineModel", ["features", "prediction"], ""
    else:
        count = min(max(plan.workload.models, 2), containers.DIRECT_CONTAINERS.maximum)
        kind, names, hostname = (
            "MultiContainerModel",
            [f"model-{number}" for number in range(1, count + 1)],
            ", hostname=name",
        )
    lines = (
        "containers = [",
        f'    Container(image=image, artifact=ModelArtifact.from_s3_uri(f"s3://my-models/{{name}}.tar.gz"){hostname})',
        f"    for name in {names!r}".replace("'", '"'),
        "]",
        f'model = {kind}(stack, "Model", containers=containers{vpc})',
    )
    return Snippet(lines, frozenset({"Container", "ModelArtifact", kind}))


def _no_model(_plan: Plan, _vpc: str) -> Snippet:
    return Snippet((), frozenset())  # components come with the endpoint, whose role they share
