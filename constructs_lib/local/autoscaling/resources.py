"""What a scalable target scales: instances or provisioned concurrency of a variant, or copies of a component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from constructs_lib.facts import scaling
from constructs_lib.local.autoscaling.keys import Key, component_of, refused, variant_of
from constructs_lib.local.endpoints.concurrency import changed_concurrency

if TYPE_CHECKING:
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import VariantRecord


class ScaledResource(Protocol):
    """A resource that has a capacity; `unit` is how AWS's activities call it."""

    unit: str

    def require(self) -> None:
        """Raise AWS's ValidationException when there is no such resource."""

    def capacity(self) -> int | None:
        """What scaling may change now, or None: gone, still changing, or not of this dimension."""

    def change(self, capacity: int) -> None:
        """Go to a capacity; raises AwsError when the resource cannot change now."""


def resource_of(sagemaker: LocalSageMaker, key: Key) -> ScaledResource:
    """The resource behind a scalable target; AWS's error for a resource id or a dimension that is not SageMaker's."""
    component = component_of(key)
    if component is not None:
        return _Copies(sagemaker, key, component)
    endpoint, variant = variant_of(key)
    if key[1] == scaling.PROVISIONED_CONCURRENCY_DIMENSION:
        return _Concurrency(sagemaker, key, endpoint, variant)
    return _Instances(sagemaker, key, endpoint, variant)


@dataclass
class _OfVariant:
    sagemaker: LocalSageMaker
    key: Key
    endpoint: str
    variant: str

    def require(self) -> None:
        endpoint = self.sagemaker.store.endpoints.get(self.endpoint)
        if endpoint is None or (endpoint.variants and self.variant not in endpoint.variants):
            raise refused(f"SageMaker variant doesn't exist: {self.key[0]}")

    def in_service(self) -> VariantRecord | None:
        endpoint = self.sagemaker.store.endpoints.get(self.endpoint)
        if endpoint is None or endpoint.status != "InService":
            return None
        return endpoint.variants.get(self.variant)


@dataclass
class _Instances(_OfVariant):
    unit: str = "desired instance count"

    def capacity(self) -> int | None:
        with self.sagemaker.store.lock:
            variant = self.in_service()
            return (
                None if variant is None or variant.serverless or variant.is_scaling else variant.current_instance_count
            )

    def change(self, capacity: int) -> None:
        self.sagemaker.set_instance_count(self.endpoint, self.variant, capacity)


@dataclass
class _Concurrency(_OfVariant):
    unit: str = "desired provisioned concurrency"

    def require(self) -> None:
        super().require()
        with self.sagemaker.store.lock:
            variants = self.sagemaker.store.endpoints[self.endpoint].variants
            # While the endpoint is made there are no variants yet.
            variant = variants.get(self.variant)
            if variant is not None and not (variant.serverless or {}).get("ProvisionedConcurrency"):
                raise refused(
                    f"{self.key[0]} has no ProvisionedConcurrency in its configuration, so there is nothing to scale "
                    f"(source: {scaling.SCALED_KIND.source})"
                )

    def capacity(self) -> int | None:
        with self.sagemaker.store.lock:
            variant = self.in_service()
            provisioned = ((variant.serverless if variant else None) or {}).get("ProvisionedConcurrency")
            return None if provisioned is None else int(provisioned)

    def change(self, capacity: int) -> None:
        with self.sagemaker.store.lock:
            variant = self.in_service()
            if variant is not None:
                variant.serverless = changed_concurrency(variant, {"ProvisionedConcurrency": capacity})


@dataclass
class _Copies:
    sagemaker: LocalSageMaker
    key: Key
    component: str
    unit: str = "desired copy count"

    def require(self) -> None:
        if self.component not in self.sagemaker.store.inference_components:
            raise refused(f"SageMaker inference component doesn't exist: {self.key[0]}")

    def capacity(self) -> int | None:
        with self.sagemaker.store.lock:
            record = self.sagemaker.store.inference_components.get(self.component)
            if record is None or record.base or record.status != "InService":
                return None
            return record.copies.current_instance_count

    def change(self, capacity: int) -> None:
        self.sagemaker.components.set_copies(self.component, capacity)
