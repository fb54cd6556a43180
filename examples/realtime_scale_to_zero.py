"""Two models on shared instances, each in as many copies as its load wants: none while nobody asks.

    cdk deploy --app "python3 -m examples.realtime_scale_to_zero"

A request names its model with ``InferenceComponentName``. The first one after a pause fails and wakes a copy.
"""

from __future__ import annotations

from aws_cdk import App, CfnOutput, Stack, Validations
from aws_cdk.aws_ecr import Repository
from constructs import Construct

from constructs_lib import (
    ComponentEndpoint,
    ComputeResourceRequirements,
    ContainerImage,
    CopyScaling,
    InferenceComponent,
    InferenceLimits,
    ManagedInstanceScaling,
    Model,
    ModelArtifact,
)


class ScaleToZero(Stack):
    """One endpoint, two components, no instance at night."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        repository = Repository.from_repository_name(self, "Repository", "classifier")
        endpoint = ComponentEndpoint(
            self,
            "Endpoint",
            instance_type="ml.m5.xlarge",
            managed_instance_scaling=ManagedInstanceScaling(min_instance_count=0, max_instance_count=2),
        )
        image = ContainerImage.from_ecr(repository, tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        compute = ComputeResourceRequirements(number_of_cpu_cores_required=1, min_memory_required_in_mb=1024)
        scaling = CopyScaling(min_capacity=0, max_capacity=4, invocations_per_copy=300)
        for name in ("Species", "Breed"):
            role = endpoint.execution_role
            model = Model(self, f"{name}Model", image=image, artifact=artifact, execution_role=role)
            component = InferenceComponent(
                self, name, endpoint=endpoint, model=model, compute=compute, autoscaling=scaling
            )
            CfnOutput(self, f"{name}Name", value=component.inference_component_name)
        endpoint.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
ScaleToZero(app, "ScaleToZero")
app.synth()
