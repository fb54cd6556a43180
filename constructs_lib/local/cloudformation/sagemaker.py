"""CloudFormation's handlers of the SageMaker types, over the control plane.

Ref gives the ARN and Fn::GetAtt the name, as the types' schemas say. Models and endpoint configurations are immutable;
the engine replaces them. An endpoint is updated in place, and a stack waits until it is in service.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from constructs_lib.local.api.checks import coerced, service_model
from constructs_lib.local.cloudformation.components import ComponentResources
from constructs_lib.local.cloudformation.failure import StackFailed
from constructs_lib.local.endpoints.fleet import BUSY

if TYPE_CHECKING:
    from constructs_lib.local.api.control_plane import ControlPlane
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import Payload

Created = tuple[str, dict[str, Any]]
NameOf = Callable[[str, str, int], str]
MODEL, CONFIG, ENDPOINT = "AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"
NAME_LENGTH = 63
POLL = 0.05
_NOT_IN_THE_API = ("ExcludeRetainedVariantProperties", "RetainAllVariantProperties", "RetainDeploymentConfig")


class SageMakerResources:
    """Creates, updates and deletes the SageMaker resources of stacks.

    `name_of(stack, logical_id, length)` makes up a physical name, a new one for each replacement.
    """

    def __init__(self, sagemaker: LocalSageMaker, control: ControlPlane, name_of: NameOf) -> None:
        self._sagemaker = sagemaker
        self._control = control
        self._name_of = name_of

    def handlers(self) -> dict[str, dict[str, Any]]:
        """The handlers by resource type, as the engine takes them."""
        return {
            MODEL: self._immutable("Model", "ModelName"),
            CONFIG: self._immutable("EndpointConfig", "EndpointConfigName"),
            ENDPOINT: {
                "create": self._create_endpoint,
                "update": self._update_endpoint,
                "delete": self._delete_endpoint,
            },
            **ComponentResources(self._sagemaker, self._control, self._name_of, self._retag).handlers(),
        }

    def _request(self, operation: str, properties: Payload) -> Payload:
        shape = service_model("sagemaker").operation_model(operation).input_shape
        request: Payload = coerced(shape, properties)
        return request

    def _immutable(self, kind: str, name_key: str) -> dict[str, Any]:
        """Create and delete for a type of which every property but the tags needs a replacement."""

        def create(logical_id: str, properties: Payload, stack: str) -> Created:
            name = properties.get(name_key) or self._name_of(stack, logical_id, NAME_LENGTH)
            request = self._request(f"Create{kind}", {**properties, name_key: name})
            arn = self._control.handle(f"Create{kind}", request)[f"{kind}Arn"]
            return arn, {name_key: name, f"{kind}Arn": arn, "Id": arn}

        def update(arn: str, old: Payload, new: Payload, _stack: str) -> Created:
            self._retag(arn, old, new)
            return arn, {name_key: self._name(kind, arn), f"{kind}Arn": arn, "Id": arn}

        def delete(arn: str, _properties: Payload) -> None:
            name = self._name(kind, arn)
            if name is not None:
                self._control.handle(f"Delete{kind}", {name_key: name})

        return {"create": create, "update": update, "delete": delete}

    def _name(self, kind: str, arn: str) -> str | None:
        """The name behind an ARN, which AWS writes in lower case; None when the resource is gone."""
        store = self._sagemaker.store
        tables: dict[str, dict[str, Any]] = {
            "Model": dict(store.models),
            "EndpointConfig": dict(store.endpoint_configs),
            "Endpoint": dict(store.endpoints),
        }
        return next((name for name, record in tables[kind].items() if record.arn == arn), None)

    def _retag(self, arn: str, old: Payload, new: Payload) -> None:
        kept = {tag["Key"] for tag in new.get("Tags") or []}
        gone = [tag["Key"] for tag in old.get("Tags") or [] if tag["Key"] not in kept]
        if gone:
            self._control.handle("DeleteTags", {"ResourceArn": arn, "TagKeys": gone})
        if new.get("Tags"):
            self._control.handle("AddTags", {"ResourceArn": arn, "Tags": new["Tags"]})

    def _create_endpoint(self, logical_id: str, properties: Payload, stack: str) -> Created:
        name = properties.get("EndpointName") or self._name_of(stack, logical_id, NAME_LENGTH)
        wanted = {key: value for key, value in properties.items() if key not in _NOT_IN_THE_API}
        wanted["EndpointName"] = name
        arn = self._control.handle("CreateEndpoint", self._request("CreateEndpoint", wanted))["EndpointArn"]
        answer = self._settled(name)
        if answer["EndpointStatus"] != "InService":
            reason = answer.get("FailureReason", "no reason given")
            self._delete_endpoint(arn, properties)
            raise StackFailed(f'Resource handler returned message: "Endpoint {name} failed to create: {reason}"')
        return arn, {"EndpointName": name, "EndpointArn": arn, "Id": arn}

    def _update_endpoint(self, arn: str, old: Payload, new: Payload, _stack: str) -> Created:
        name = self._name("Endpoint", arn)
        if name is None:
            raise StackFailed(f"Endpoint {arn} is gone")
        self._settled(name)
        # A Ref to the configuration is its ARN, which the API refuses: stacks have to take the name, as on AWS.
        config = new["EndpointConfigName"]
        if self._sagemaker.endpoint(name).config_name != config:
            wanted = {"EndpointName": name, "EndpointConfigName": config}
            wanted |= {key: new[key] for key in (*_NOT_IN_THE_API, "DeploymentConfig") if key in new}
            self._control.handle("UpdateEndpoint", self._request("UpdateEndpoint", wanted))
            answer = self._settled(name)
            if answer["EndpointConfigName"] != config:
                raise StackFailed(
                    f'Resource handler returned message: "Endpoint {name} rolled back: {answer.get("FailureReason")}"'
                )
        self._retag(arn, old, new)
        return arn, {"EndpointName": name, "EndpointArn": arn, "Id": arn}

    def _delete_endpoint(self, arn: str, _properties: Payload) -> None:
        name = self._name("Endpoint", arn)
        if name is None:
            return
        self._settled(name)
        self._control.handle("DeleteEndpoint", {"EndpointName": name})
        while name in self._sagemaker.store.endpoints:
            time.sleep(POLL)

    def _settled(self, name: str) -> Payload:
        """DescribeEndpoint's answer once nothing is in progress."""
        while True:
            answer = self._control.handle("DescribeEndpoint", {"EndpointName": name})
            if answer["EndpointStatus"] not in BUSY:
                return answer
            time.sleep(POLL)
