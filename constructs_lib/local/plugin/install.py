"""Teaches ministack SageMaker and Application Auto Scaling, and what else it lacks."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from ministack import app
from ministack.core import responses, router
from ministack.services import eventbridge, stepfunctions
from ministack.services.cloudformation import provisioners, stacks

from constructs_lib.local.api import service_quotas
from constructs_lib.local.api.control_plane import ControlPlane
from constructs_lib.local.api.runtime import Runtime
from constructs_lib.local.arns import ACCOUNT, REGION
from constructs_lib.local.cloudformation.components import COMPONENT
from constructs_lib.local.cloudformation.sagemaker import CONFIG, ENDPOINT, MODEL, SageMakerResources
from constructs_lib.local.errors import AwsError
from constructs_lib.local.plugin import (
    alarms,
    embedded_metrics,
    function_errors,
    functions,
    observability,
    permissions,
    states,
    stream_mappings,
)
from constructs_lib.local.service import LocalSageMaker
from constructs_lib.local.transform.instances import LIMIT_INSTANCES, Instances
from constructs_lib.local.workflows import scopes
from constructs_lib.local.workflows.transform_tasks import CREATE_TRANSFORM_JOB, TaskFailed, TransformTasks

if TYPE_CHECKING:
    from constructs_lib.local.api.event_stream import EventStream
    from constructs_lib.local.store import Payload

Response = tuple[int, dict[str, str], bytes | responses.StreamingResponse]
Handler = Callable[[str, str, Mapping[str, str], bytes, Any], Awaitable[Response]]
SAGEMAKER, AUTO_SCALING, QUOTAS = "sagemaker", "application-autoscaling", "servicequotas"
TARGETS = {SAGEMAKER: "SageMaker.", AUTO_SCALING: "AnyScaleFrontendService.", QUOTAS: "ServiceQuotasV20190624."}
JSON = "application/x-amz-json-1.1"
# What CloudFormation's schemas call create-only; a change of any of them makes a new resource.
REPLACING = {
    MODEL: (
        "Containers",
        "EnableNetworkIsolation",
        "ExecutionRoleArn",
        "InferenceExecutionConfig",
        "ModelName",
        "PrimaryContainer",
        "VpcConfig",
    ),
    CONFIG: (
        "AsyncInferenceConfig",
        "DataCaptureConfig",
        "EnableNetworkIsolation",
        "EndpointConfigName",
        "ExecutionRoleArn",
        "ExplainerConfig",
        "KmsKeyId",
        "MetricsConfig",
        "ProductionVariants",
        "ShadowProductionVariants",
        "VpcConfig",
    ),
    ENDPOINT: ("EndpointName",),
    COMPONENT: (),
}
NAMES = {
    MODEL: "ModelName",
    CONFIG: "EndpointConfigName",
    ENDPOINT: "EndpointName",
    COMPONENT: "InferenceComponentName",
}
# By which exceptions AWS's SDK tells of errors of the API: codes without a shape of their own have the general one.
SDK_EXCEPTIONS = {
    "ResourceInUse": "ResourceInUseException",
    "ResourceLimitExceeded": "ResourceLimitExceededException",
    "ResourceNotFound": "ResourceNotFoundException",
    "ThrottlingException": "SageMakerException",
    "ValidationException": "SageMakerException",
}
_logger = logging.getLogger("constructs_lib.local")


def install(containers: dict[str, list[str]], endpoint_url: str, time_scale: float) -> LocalSageMaker:
    """Teach ministack's router, CloudFormation and Step Functions the services; call it once, before serving."""
    sagemaker = LocalSageMaker(containers, endpoint_url, time_scale, emit=put_event)
    control, runtime = ControlPlane(sagemaker), Runtime(sagemaker)
    _serve(SAGEMAKER, sagemaker_handler(control, runtime, sagemaker.instances))
    _serve(AUTO_SCALING, _json_handler(AUTO_SCALING, sagemaker.autoscaling.handle))
    _serve(QUOTAS, _json_handler(QUOTAS, service_quotas.handle))
    resources = SageMakerResources(sagemaker, control, _physical_name)
    _teach_cloudformation({**resources.handlers(), **sagemaker.autoscaling.cloudformation_handlers()})
    _teach_step_functions(TransformTasks(sagemaker, control))
    permissions.install()
    alarms.install()
    observability.install()
    functions.install()
    embedded_metrics.install()
    function_errors.install()
    states.install(sagemaker.clock, sagemaker.s3)
    stream_mappings.install(sagemaker.clock, sagemaker.s3)
    return sagemaker


def _serve(service: str, handler: Handler) -> None:
    """Route by target header and by the service in the credential scope."""
    router.SERVICE_PATTERNS[service] = {"target_prefixes": [TARGETS[service]], "credential_scope": service}
    app.SERVICE_HANDLERS[service] = handler


def sagemaker_handler(control: ControlPlane, runtime: Runtime, instances: Instances) -> Handler:
    """Both APIs sign as `sagemaker`; only the control plane names its operation in a header."""

    def operate(operation: str, request: Payload) -> Payload:
        return instances.limit(request) if operation == LIMIT_INSTANCES else control.handle(operation, request)

    control_handler = _json_handler(SAGEMAKER, operate)

    async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Response:
        if headers.get("x-amz-target"):
            return await control_handler(method, path, headers, body, query)
        try:
            status, answered, answer = await asyncio.to_thread(runtime.handle, method, path, headers, body)
        except AwsError as error:
            return _refusal(error, "Message", "application/json")
        return status, answered, answer if isinstance(answer, bytes) else _streamed(answer)

    return handle


def _streamed(messages: EventStream) -> responses.StreamingResponse:
    """An answer that goes out message by message; a caller who leaves ends it."""

    async def run(send: Callable[[dict[str, Any]], Awaitable[None]], _receive: Any) -> None:
        try:
            while (message := await asyncio.to_thread(next, messages, None)) is not None:
                await send({"type": "http.response.body", "body": message, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            messages.close()

    return responses.StreamingResponse(run)


def _json_handler(service: str, operations: Callable[[str, Payload], Payload]) -> Handler:
    async def handle(_method: str, _path: str, headers: Mapping[str, str], body: bytes, _query: Any) -> Response:
        operation = headers.get("x-amz-target", "").removeprefix(TARGETS[service])
        try:
            request = json.loads(body or b"{}")
            answer = await asyncio.to_thread(operations, operation, request)
        except AwsError as error:
            return _refusal(error, "message", JSON)
        except ValueError as error:
            _logger.exception("%s %s", service, operation)
            return _refusal(AwsError("SerializationException", str(error)), "message", JSON)
        return 200, {"Content-Type": JSON}, json.dumps(answer).encode()

    return handle


def _refusal(error: AwsError, message_key: str, content_type: str) -> Response:
    body = {"__type": error.code, message_key: error.message, **error.extra}
    return error.status, {"Content-Type": content_type, "x-amzn-errortype": error.code}, json.dumps(body).encode()


def put_event(detail_type: str, detail: Payload, resources: list[str]) -> None:
    """Put an event of SageMaker's own on the default bus."""
    entry = {"Source": "aws.sagemaker", "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": resources}
    with responses.request_scope(ACCOUNT, REGION):
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def _physical_name(stack: str, logical_id: str, length: int) -> str:
    name: str = provisioners._physical_name(stack, logical_id, max_len=length)
    return name


def _teach_cloudformation(handlers: dict[str, dict[str, Any]]) -> None:
    provisioners._RESOURCE_HANDLERS.update(handlers)
    provisioners._REPLACING_PROPERTIES.update(REPLACING)
    for resource_type, name_property in NAMES.items():
        provisioners._CUSTOM_NAME_REPLACEMENT[resource_type] = {"name": name_property}
        provisioners._STACK_TAG_PROPERTY[resource_type] = ("Tags", "list")
    ministacks_own = stacks._runs_on_worker_thread

    def runs_on_worker_thread(resource_type: str) -> bool:
        # These handlers wait for containers and call the server itself, which its event loop must stay free for.
        return resource_type in handlers or ministacks_own(resource_type)

    stacks._runs_on_worker_thread = runs_on_worker_thread


def _teach_step_functions(tasks: TransformTasks) -> None:
    def create_transform_job(resource: str, arguments: Payload) -> Payload:
        try:
            return tasks.run(resource, arguments, scopes.current())
        except TaskFailed as failure:
            raise stepfunctions._ExecutionError(failure.error, failure.cause) from failure

    stepfunctions._SERVICE_DISPATCH[CREATE_TRANSFORM_JOB] = create_transform_job
    stepfunctions._AWS_SDK_SERVICE_MAP[SAGEMAKER] = {"target_prefix": "SageMaker", "protocol": "json"}
    stepfunctions._AWS_SDK_ERROR_PREFIX[SAGEMAKER] = "SageMaker"
    stepfunctions._AWS_SDK_ERROR_CODE_OVERRIDES[SAGEMAKER] = SDK_EXCEPTIONS
