"""Inference components: their operations of the `sagemaker` API, and which of them an invocation goes to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from constructs_lib.local.api.component_checks import check_component, check_specification
from constructs_lib.local.api.describe import describe_component, page
from constructs_lib.local.api.tags import Tags
from constructs_lib.local.arns import sagemaker_arn
from constructs_lib.local.endpoints.component_fleet import ComponentFleet
from constructs_lib.local.endpoints.routing import Route
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import ComponentRecord, VariantRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import EndpointConfigRecord, EndpointRecord, Payload

HEADER = "x-amzn-sagemaker-inference-component"
BUSY_COMPONENT = ("Creating", "Updating", "Deleting")
# AWS's words: https://github.com/langchain-ai/langchain/issues/14344 and the guide to scaling to zero.
_REQUIRED = (
    "Inference Component Name header is required for endpoints to which you plan to deploy inference components. "
    "Please include Inference Component Name header or consider using SageMaker models."
)
_NOT_ALLOWED = (
    "Inference Component Name header is not allowed for endpoints to which you dont plan to deploy inference "
    "components. Please remove the Inference Component Name header and try again."
)
_NO_CAPACITY = (
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress (if "
    "configured) or try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API."
)


class Components:
    """The components of all endpoints whose variants name no model."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self._sagemaker = sagemaker
        self._store = sagemaker.store
        self._fleet = ComponentFleet(sagemaker)
        self._tags = Tags(sagemaker.store)

    def operations(self) -> dict[str, Callable[[Payload], Payload]]:
        """The operations by their names."""
        return {
            "CreateInferenceComponent": self._create,
            "DescribeInferenceComponent": self._describe,
            "ListInferenceComponents": self._list,
            "UpdateInferenceComponent": self._update,
            "UpdateInferenceComponentRuntimeConfig": self._update_runtime_config,
            "DeleteInferenceComponent": self._delete,
        }

    def route(self, endpoint: EndpointRecord, headers: Mapping[str, str]) -> Route | None:
        """Where a request goes that has to name a component; None for an endpoint that serves models.

        Raises ValidationError in AWS's words. Call it under the store's lock.
        """
        name = headers.get(HEADER)
        if not endpoint.hosts_components:
            if name is not None:
                raise AwsError("ValidationError", _NOT_ALLOWED)
            return None
        if name is None:
            raise AwsError("ValidationError", _REQUIRED)
        record = self._store.inference_components.get(name)
        if record is None or record.endpoint_name != endpoint.name:
            raise AwsError("ValidationError", f"Inference Component {name} not found for endpoint {endpoint.name}.")
        copies = self._serving(record)
        if not copies.current_instance_count:
            self._sagemaker.autoscaling.loop.signals.count_without_capacity(name)
            raise AwsError("ValidationError", _NO_CAPACITY)
        return Route(copies, None)

    def _serving(self, record: ComponentRecord) -> VariantRecord:
        """An adapter is served by the copies of its base component."""
        return self._sagemaker.component(record.base).copies if record.base else record.copies

    def refuse_if_any(self, endpoint: EndpointRecord) -> None:
        """Raise ValidationException while components are on the endpoint."""
        names = [each.name for each in self._store.inference_components.values() if each.endpoint_name == endpoint.name]
        if names:
            raise AwsError(
                "ValidationException",
                f'Cannot delete endpoint "{endpoint.arn}" while it hosts inference components: delete '
                f"{', '.join(names)} first.",
            )

    def check_update(self, endpoint: EndpointRecord, config: EndpointConfigRecord) -> None:
        """Raise ValidationException for a configuration in which a component would have no place."""
        hosts = {variant["VariantName"] for variant in config.variants if not variant.get("ModelName")}
        components = self._store.inference_components.values()
        for each in components:
            if each.endpoint_name == endpoint.name and each.copies.name not in hosts:
                raise AwsError(
                    "ValidationException",
                    f'Cannot update endpoint "{endpoint.arn}": configuration {config.name} has no variant '
                    f"{each.copies.name} without a model, which inference component {each.name} is placed on.",
                )

    def set_copies(self, name: str, copies: int) -> None:
        """Change the copies of a component in service, as its operation and its scaling do."""
        with self._store.lock:
            record = self._sagemaker.component(name)
            _refuse_busy(record)
            if record.base:
                raise AwsError("ValidationException", f"{name} is an adapter: its copies are those of {record.base}.")
            record.status, record.modified = "Updating", time.time()
        self._fleet.update(record, record.definition, copies)

    def _create(self, request: Payload) -> Payload:
        name, arn = (
            request["InferenceComponentName"],
            sagemaker_arn("inference-component", request["InferenceComponentName"]),
        )
        with self._store.lock:
            if name in self._store.inference_components:
                raise AwsError("ValidationException", f'Cannot create already existing inference component "{arn}".')
            endpoint = self._sagemaker.endpoint(request["EndpointName"])
            check_component(request, endpoint)
            copies = int((request.get("RuntimeConfig") or {}).get("CopyCount", 1))
            record = ComponentRecord(name, arn, endpoint.name, request, _no_copies(request, copies))
            if record.base:
                base = self._sagemaker.component(record.base)
                record.copies.name, record.status = base.copies.name, "InService"
            else:
                self._check_specification(record.specification)
            self._store.inference_components[name] = record
            self._tags.adopt(arn, request)
        if not record.base:
            self._fleet.create(record, copies)
        return {"InferenceComponentArn": arn}

    def _check_specification(self, specification: Payload) -> None:
        image = (specification.get("Container") or {}).get("Image")
        if specification.get("ModelName"):
            self._sagemaker.model(specification["ModelName"])
        if image:
            self._sagemaker.registry.command(image)

    def _describe(self, request: Payload) -> Payload:
        with self._store.lock:
            record = self._sagemaker.component(request["InferenceComponentName"])
            return describe_component(record, self._serving(record))

    def _update(self, request: Payload) -> Payload:
        given: Payload = {key: request[key] for key in ("Specification", "Specifications") if key in request}
        with self._store.lock:
            record = self._sagemaker.component(request["InferenceComponentName"])
            _refuse_busy(record)
            definition = record.definition
            if given:
                check_specification(given)
                kept = {key: value for key, value in definition.items() if not key.startswith("Specification")}
                definition = kept | given
                self._check_specification(given.get("Specification") or given["Specifications"][0])
            default = record.copies.desired_instance_count
            copies = int((request.get("RuntimeConfig") or {}).get("CopyCount", default))
            record.deployment = request.get("DeploymentConfig") or record.deployment
            record.status, record.modified = "Updating", time.time()
        self._fleet.update(record, definition, copies)
        return {"InferenceComponentArn": record.arn}

    def _update_runtime_config(self, request: Payload) -> Payload:
        self.set_copies(request["InferenceComponentName"], int(request["DesiredRuntimeConfig"]["CopyCount"]))
        return {"InferenceComponentArn": self._sagemaker.component(request["InferenceComponentName"]).arn}

    def _delete(self, request: Payload) -> Payload:
        with self._store.lock:
            record = self._sagemaker.component(request["InferenceComponentName"])
            _refuse_busy(record)
            adapters = [each.name for each in self._store.inference_components.values() if each.base == record.name]
            if adapters:
                raise AwsError(
                    "ValidationException",
                    f'Cannot delete inference component "{record.arn}": it is the base of {", ".join(adapters)}.',
                )
            record.status, record.modified = "Deleting", time.time()
            self._store.tags.pop(record.arn, None)
        self._fleet.delete(record)
        return {}

    def _list(self, request: Payload) -> Payload:
        rows = [
            {
                "InferenceComponentName": record.name,
                "InferenceComponentArn": record.arn,
                "EndpointName": record.endpoint_name,
                "EndpointArn": sagemaker_arn("endpoint", record.endpoint_name),
                "VariantName": record.copies.name,
                "InferenceComponentStatus": record.status,
                "CreationTime": record.created,
                "LastModifiedTime": record.modified,
            }
            for record in self._store.inference_components.values()
            if request.get("StatusEquals", record.status) == record.status
            and request.get("EndpointNameEquals", record.endpoint_name) == record.endpoint_name
            and request.get("VariantNameEquals", record.copies.name) == record.copies.name
        ]
        return page("InferenceComponents", "InferenceComponentName", rows, request)


def _no_copies(request: Payload, desired: int) -> VariantRecord:
    """What stands for the copies before there are any."""
    return VariantRecord(
        name=request.get("VariantName", ""),
        model_name="",
        image="",
        weight=1.0,
        current_instance_count=0,
        desired_instance_count=desired,
        definition={},
        component=request["InferenceComponentName"],
    )


def _refuse_busy(record: ComponentRecord) -> None:
    if record.status in BUSY_COMPONENT:
        raise AwsError("ValidationException", f'Cannot update in-progress inference component "{record.arn}".')
