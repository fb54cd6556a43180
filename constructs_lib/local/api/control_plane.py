"""SageMaker's control plane: models, endpoint configurations, endpoints, tags; transform jobs go to their own part."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from constructs_lib.local.api.checks import check_request
from constructs_lib.local.api.component_checks import check_hosts
from constructs_lib.local.api.config_checks import check_config
from constructs_lib.local.api.describe import describe_config, describe_endpoint, describe_model, page
from constructs_lib.local.api.model_checks import check_containers
from constructs_lib.local.api.tags import Tags
from constructs_lib.local.api.update_checks import check_update, deployment_of, planned, retained_by
from constructs_lib.local.arns import sagemaker_arn
from constructs_lib.local.containers.model_containers import definitions_of
from constructs_lib.local.endpoints.concurrency import changed_configs, check_concurrency
from constructs_lib.local.endpoints.fleet import BUSY
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import EndpointConfigRecord, EndpointRecord, ModelRecord, Payload

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from constructs_lib.local.service import LocalSageMaker


class ControlPlane:
    """Answers the operations of the `sagemaker` API by their names."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self._sagemaker = sagemaker
        self._store = sagemaker.store
        self._tags = Tags(sagemaker.store)
        transform = sagemaker.transform
        self._operations: dict[str, Callable[[Payload], Payload]] = {
            "CreateModel": self._create_model,
            "DescribeModel": lambda request: describe_model(sagemaker.model(request["ModelName"])),
            "ListModels": self._list_models,
            "DeleteModel": self._delete_model,
            "CreateEndpointConfig": self._create_config,
            "DescribeEndpointConfig": lambda request: describe_config(
                sagemaker.endpoint_config(request["EndpointConfigName"])
            ),
            "ListEndpointConfigs": self._list_configs,
            "DeleteEndpointConfig": self._delete_config,
            "CreateEndpoint": self._create_endpoint,
            "DescribeEndpoint": self._describe_endpoint,
            "ListEndpoints": self._list_endpoints,
            "UpdateEndpoint": self._update_endpoint,
            "UpdateEndpointWeightsAndCapacities": self._update_weights_and_capacities,
            "DeleteEndpoint": self._delete_endpoint,
            "CreateTransformJob": self._create_transform_job,
            "DescribeTransformJob": transform.describe,
            "ListTransformJobs": transform.list,
            "StopTransformJob": transform.stop,
            "AddTags": self._tags.add,
            "ListTags": self._tags.list,
            "DeleteTags": self._tags.delete,
            **sagemaker.components.operations(),
        }

    def handle(self, operation: str, request: Payload) -> Payload:
        """The answer to a request; raises AwsError in AWS's words."""
        if operation not in self._operations:
            known = ", ".join(sorted(self._operations))
            raise AwsError(
                "UnknownOperationException", f"the local SageMaker has no operation {operation}; it has {known}"
            )
        check_request("sagemaker", operation, request)
        return self._operations[operation](request)

    def _create_model(self, request: Payload) -> Payload:
        name, arn = request["ModelName"], sagemaker_arn("model", request["ModelName"])
        check_containers(request)
        definitions = definitions_of(request)
        for definition in definitions:
            self._sagemaker.registry.command(definition["Image"])
        container = definitions[0]
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        record = ModelRecord(
            name=name,
            arn=arn,
            image=container["Image"],
            artifact=container.get("ModelDataUrl") or source.get("S3Uri"),
            environment=dict(container.get("Environment") or {}),
            definition=request,
        )
        with self._store.lock:
            _refuse_existing(self._store.models, name, "model", arn)
            self._store.models[name] = record
            self._tags.adopt(arn, request)
        return {"ModelArn": arn}

    def _delete_model(self, request: Payload) -> Payload:
        with self._store.lock:
            record = self._sagemaker.model(request["ModelName"])
            del self._store.models[record.name]
            self._store.tags.pop(record.arn, None)
        return {}

    def _create_config(self, request: Payload) -> Payload:
        name = request["EndpointConfigName"]
        arn = sagemaker_arn("endpoint-config", name)
        with self._store.lock:
            _refuse_existing(self._store.endpoint_configs, name, "endpoint configuration", arn)
            record = EndpointConfigRecord(name, arn, request)
            names = [variant["VariantName"] for variant in [*record.variants, *record.shadows]]
            if len(set(names)) < len(names):
                raise AwsError("ValidationException", f"Production variant names must be unique, got {names}.")
            for variant in [*record.variants, *record.shadows]:
                self._check_variant(variant, bool(request.get("AsyncInferenceConfig")))
            check_config(record, self._sagemaker.model)
            check_hosts(record)
            self._store.endpoint_configs[name] = record
            self._tags.adopt(arn, request)
        return {"EndpointConfigArn": arn}

    def _check_variant(self, variant: Payload, is_asynchronous: bool) -> None:
        name = variant["VariantName"]
        if variant.get("ModelName"):
            self._sagemaker.model(variant["ModelName"])
        serverless = variant.get("ServerlessConfig")
        if serverless is None:
            instance_type = variant.get("InstanceType") or variant.get("InstancePools")
            if not instance_type or not variant.get("InitialInstanceCount"):
                raise AwsError(
                    "ValidationException",
                    f"Either ServerlessConfig, or InstanceType and InitialInstanceCount is required for variant "
                    f"'{name}'.",
                )
            return
        if variant.get("InstanceType") or variant.get("InitialInstanceCount"):
            raise AwsError("ValidationException", f"Variant '{name}' has both a ServerlessConfig and instances.")
        if is_asynchronous:
            raise AwsError("ValidationException", "AsyncInferenceConfig is not supported for serverless variants.")
        check_concurrency(name, serverless)

    def _delete_config(self, request: Payload) -> Payload:
        with self._store.lock:
            record = self._sagemaker.endpoint_config(request["EndpointConfigName"])
            del self._store.endpoint_configs[record.name]
            self._store.tags.pop(record.arn, None)
        return {}

    def _create_endpoint(self, request: Payload) -> Payload:
        name, arn = request["EndpointName"], sagemaker_arn("endpoint", request["EndpointName"])
        with self._store.lock:
            _refuse_existing(self._store.endpoints, name, "endpoint", arn)
            config = self._sagemaker.endpoint_config(request["EndpointConfigName"])
            # It has no effect on the creation, and is what RetainDeploymentConfig of an update finds.
            record = EndpointRecord(name, arn, config.name, "Creating", deployment=request.get("DeploymentConfig"))
            self._store.endpoints[name] = record
            self._tags.adopt(arn, request)
        self._sagemaker.fleet.create(record)
        return {"EndpointArn": arn}

    def _describe_endpoint(self, request: Payload) -> Payload:
        with self._store.lock:
            record = self._sagemaker.endpoint(request["EndpointName"])
            return describe_endpoint(record, self._store.endpoint_configs.get(record.config_name))

    def _update_endpoint(self, request: Payload) -> Payload:
        with self._store.lock:
            record = self._sagemaker.endpoint(request["EndpointName"])
            config = self._sagemaker.endpoint_config(request["EndpointConfigName"])
            _refuse_busy(record)
            deployment = deployment_of(record, request)
            check_update(record, config, deployment, self._sagemaker.autoscaling.targets)
            self._sagemaker.components.check_update(record, config)
            record.deployment = deployment or record.deployment
            record.status, record.modified = "Updating", time.time()
        self._sagemaker.fleet.update(record, planned(config, deployment), retained_by(request))
        return {"EndpointArn": record.arn}

    def _update_weights_and_capacities(self, request: Payload) -> Payload:
        with self._store.lock:
            record = self._sagemaker.endpoint(request["EndpointName"])
            _refuse_busy(record)
            wanted = request["DesiredWeightsAndCapacities"]
            for change in wanted:
                if change["VariantName"] not in record.variants:
                    raise AwsError("ValidationException", f'Could not find variant "{change["VariantName"]}".')
            concurrency = changed_configs(record.variants, wanted)
            counts = {c["VariantName"]: c["DesiredInstanceCount"] for c in wanted if "DesiredInstanceCount" in c}
            # First, because it may be refused, and then nothing must have changed.
            self._sagemaker.fleet.set_instance_counts(record.name, counts)
            for change in wanted:
                variant = record.variants[change["VariantName"]]
                variant.weight = float(change.get("DesiredWeight", variant.weight))
                variant.serverless = concurrency.get(variant.name, variant.serverless)
        return {"EndpointArn": record.arn}

    def _delete_endpoint(self, request: Payload) -> Payload:
        with self._store.lock:
            record = self._sagemaker.endpoint(request["EndpointName"])
            _refuse_busy(record)
            self._sagemaker.components.refuse_if_any(record)
            record.status, record.modified = "Deleting", time.time()
            self._store.tags.pop(record.arn, None)
        self._sagemaker.fleet.delete(record)
        return {}

    def _create_transform_job(self, request: Payload) -> Payload:
        answer: Payload = self._sagemaker.transform.create(request)
        with self._store.lock:
            self._tags.adopt(answer["TransformJobArn"], request)
        return answer

    def _list_models(self, request: Payload) -> Payload:
        rows = [
            {"ModelName": r.name, "ModelArn": r.arn, "CreationTime": r.created} for r in self._store.models.values()
        ]
        return page("Models", "ModelName", rows, request)

    def _list_configs(self, request: Payload) -> Payload:
        rows = [
            {"EndpointConfigName": r.name, "EndpointConfigArn": r.arn, "CreationTime": r.created}
            for r in self._store.endpoint_configs.values()
        ]
        return page("EndpointConfigs", "EndpointConfigName", rows, request)

    def _list_endpoints(self, request: Payload) -> Payload:
        rows = [
            {
                "EndpointName": r.name,
                "EndpointArn": r.arn,
                "CreationTime": r.created,
                "LastModifiedTime": r.modified,
                "EndpointStatus": r.status,
            }
            for r in self._store.endpoints.values()
            if request.get("StatusEquals", r.status) == r.status
        ]
        return page("Endpoints", "EndpointName", rows, request)


def _refuse_existing(records: Container[str], name: str, what: str, arn: str) -> None:
    if name in records:
        raise AwsError("ValidationException", f'Cannot create already existing {what} "{arn}".')


def _refuse_busy(record: EndpointRecord) -> None:
    if record.status in BUSY:
        raise AwsError("ValidationException", f'Cannot update in-progress endpoint "{record.arn}".')
