"""Serverless inference: no instances to choose or to pay for while nobody asks; the first request waits for a start."""

from __future__ import annotations

from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.endpoint import SynchronousEndpoint, check_endpoint_name
from constructs_lib.endpoints.model import Model
from constructs_lib.endpoints.variant import CfnConfig
from constructs_lib.facts import serverless
from constructs_lib.outputs import InferenceOption


class ServerlessEndpoint(SynchronousEndpoint):
    """One model, run on demand. Requests and answers hold at most 4 MB.

    :param model: the model to serve; the image is at most 10 GB, without GPU and VPC.
    :param memory_size_in_mb: memory in MB, one of 1024, 2048, 3072, 4096, 5120, 6144; CPU grows with it. 2048 by
        default.
    :param max_concurrency: requests at once, 1 to 200; more are throttled. 5 by default.
    :param provisioned_concurrency: requests at once that never wait for a start, at most ``max_concurrency``; paid for
        all the time. None by default.
    :param endpoint_name: a fixed name, at most 63 letters, digits and hyphens; AWS chooses one by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    inference_option = InferenceOption.SERVERLESS

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        model: Model,
        memory_size_in_mb: int = 2048,
        max_concurrency: int = 5,
        provisioned_concurrency: int | None = None,
        endpoint_name: str | None = None,
    ) -> None:
        checks = Checks(f"ServerlessEndpoint {id}")
        checks.limit("memory_size_in_mb", memory_size_in_mb, serverless.MEMORY_SIZE_IN_MB)
        checks.limit("max_concurrency", max_concurrency, serverless.MAX_CONCURRENCY)
        checks.limit("provisioned_concurrency", provisioned_concurrency, serverless.PROVISIONED_CONCURRENCY)
        checks.at_most(
            ("provisioned_concurrency", provisioned_concurrency),
            ("max_concurrency", max_concurrency),
            serverless.PROVISIONED_CONCURRENCY,
            "lower it or raise max_concurrency",
        )
        check_endpoint_name(checks, endpoint_name)
        checks.done()
        super().__init__(scope, id, model=model)
        variant = CfnConfig.ProductionVariantProperty(
            model_name=model.model_name,
            variant_name=self.variant_name,
            initial_variant_weight=1,
            serverless_config=CfnConfig.ServerlessConfigProperty(
                memory_size_in_mb=memory_size_in_mb,
                max_concurrency=max_concurrency,
                provisioned_concurrency=provisioned_concurrency,
            ),
        )
        self._create(
            variants=[variant],
            endpoint_name=endpoint_name,
            # A serverless variant has no instance counts or weights to keep.
            retain_variant_properties=False,
        )
