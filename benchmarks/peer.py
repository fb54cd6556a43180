"""The fleet of `benchmarks.fleet` again, built with `aws-sagemaker-alpha`."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_sagemaker_alpha as alpha
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_s3 as s3

from benchmarks.fleet import ENDPOINTS_A_STACK


def build(app: cdk.App, count: int) -> None:
    """``count`` scaled real-time endpoints, 7 resources each, in as many stacks as they need."""
    for index in range(count):
        if index % ENDPOINTS_A_STACK == 0:
            stack = cdk.Stack(app, f"Fleet{index // ENDPOINTS_A_STACK}")
            repository = ecr.Repository.from_repository_name(stack, "Repository", "classifier")
            bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "models-123456789012")
            image = alpha.ContainerImage.from_ecr_repository(repository, "1")
        data = alpha.ModelData.from_bucket(bucket, "classifier/model.tar.gz")
        container = alpha.ContainerDefinition(image=image, model_data=data)
        model = alpha.Model(stack, f"Model{index}", containers=[container])
        variant = alpha.InstanceProductionVariantProps(
            model=model, variant_name="AllTraffic", instance_type=alpha.InstanceType.M5_LARGE
        )
        config = alpha.EndpointConfig(stack, f"Config{index}", instance_production_variants=[variant])
        endpoint = alpha.Endpoint(stack, f"Endpoint{index}", endpoint_config=config)
        scaling = endpoint.find_instance_production_variant("AllTraffic").auto_scale_instance_count(max_capacity=4)
        scaling.scale_on_invocations("Scaling", max_requests_per_second=20)
