"""A model for each tenant behind one endpoint: the container loads a tenant's archive when it is first asked for.

    cdk deploy --app "python3 -m examples.multi_model"

Put ``TENANT.tar.gz`` below ``tenants/`` in the bucket, and invoke with ``TargetModel="TENANT.tar.gz"``. The image
needs the label ``com.amazonaws.sagemaker.capabilities.multi-models=true``.
"""

from __future__ import annotations

from aws_cdk import App, CfnOutput, Stack, Validations
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption
from constructs import Construct

from constructs_lib import ContainerImage, InferenceLimits, MultiModel, RealtimeEndpoint


class Tenants(Stack):
    """One endpoint, any number of models."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        repository = Repository.from_repository_name(self, "Repository", "multi-model")
        archives = Bucket(
            self,
            "Archives",
            encryption=BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=BlockPublicAccess.BLOCK_ALL,
        )
        image = ContainerImage.from_ecr(repository, tag="1")
        model = MultiModel(self, "Model", image=image, bucket=archives, prefix="tenants/")
        # AWS advises two instances at least: each loads the models that it is asked for.
        endpoint = RealtimeEndpoint(
            self, "Endpoint", model=model, instance_type="ml.m5.large", initial_instance_count=2
        )
        endpoint.add_outputs()
        CfnOutput(self, "ArchivesName", value=archives.bucket_name)


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Tenants(app, "MultiModel")
app.synth()
