"""What a request has to name besides the endpoint: one container of several, one model of many, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from constructs_lib.facts import containers
from constructs_lib.local.errors import AwsError

TARGET_CONTAINER = "x-amzn-sagemaker-target-container-hostname"
TARGET_MODEL = "x-amzn-sagemaker-target-model"


@dataclass(frozen=True, kw_only=True)
class Targets:
    """`hostnames` are the containers of direct invocation, none elsewhere; `of_models` those that serve many models."""

    hostnames: tuple[str, ...] = ()
    of_models: frozenset[str] = frozenset()

    def check(self, endpoint: str, headers: Mapping[str, str]) -> None:
        """Raise ValidationError when a request (header names in lower case) names too little or too much."""
        container = headers.get(TARGET_CONTAINER)
        self._check_container(endpoint, container)
        wants_model = container in self.of_models if self.hostnames else bool(self.of_models)
        model = headers.get(TARGET_MODEL)
        if model is not None and not wants_model:
            raise AwsError(
                "ValidationError",
                f"Endpoint {endpoint} is not a multi-model endpoint and does not support target model header.",
            )
        if model is None and wants_model:
            raise AwsError(
                "ValidationError", f"Endpoint {endpoint} is a multi-model endpoint and requires a target model header."
            )

    def _check_container(self, endpoint: str, container: str | None) -> None:
        source = f"(source: {containers.DIRECT_TARGET.source})"
        known = ", ".join(self.hostnames)
        if container is not None and not self.hostnames:
            raise AwsError(
                "ValidationError",
                f"Endpoint {endpoint} is not configured for direct invocation and does not support target container "
                f"hostname header {source}.",
            )
        if container is None and self.hostnames:
            raise AwsError(
                "ValidationError",
                f"Endpoint {endpoint} is configured for direct invocation and requires a target container hostname "
                f"header, one of {known} {source}.",
            )
        if container is not None and container not in self.hostnames:
            raise AwsError(
                "ValidationError",
                f"Container {container} not found for endpoint {endpoint}; its containers are {known} {source}.",
            )
