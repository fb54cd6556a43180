"""CloudFormation's InferenceComponent, over the control plane: a stack waits until the component is in service.

Ref gives the ARN, as the type's schema says. Name, endpoint and variant cannot be changed: the schema names no property
that replaces the component, and the API's update takes none of them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from constructs_lib.local.api.checks import coerced, service_model
from constructs_lib.local.cloudformation.failure import StackFailed
from constructs_lib.local.endpoints.components import BUSY_COMPONENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.local.api.control_plane import ControlPlane
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import Payload

COMPONENT = "AWS::SageMaker::InferenceComponent"
NAME_LENGTH = 63
POLL = 0.05
_FIXED = ("InferenceComponentName", "EndpointName", "VariantName")
_UPDATED = ("Specification", "Specifications", "RuntimeConfig", "DeploymentConfig")

Created = tuple[str, dict[str, Any]]


class ComponentResources:
    """The inference components of stacks; `name_of` makes up names, and `retag` takes over changed tags."""

    def __init__(
        self,
        sagemaker: LocalSageMaker,
        control: ControlPlane,
        name_of: Callable[[str, str, int], str],
        retag: Callable[[str, Payload, Payload], None],
    ) -> None:
        self._sagemaker = sagemaker
        self._control = control
        self._name_of = name_of
        self._retag = retag

    def handlers(self) -> dict[str, dict[str, Any]]:
        """The handlers by resource type, as the engine takes them."""
        return {COMPONENT: {"create": self._create, "update": self._update, "delete": self._delete}}

    def _create(self, logical_id: str, properties: Payload, stack: str) -> Created:
        name = properties.get("InferenceComponentName") or self._name_of(stack, logical_id, NAME_LENGTH)
        # A component is created without a deployment: its configuration is for the updates that follow.
        wanted = {key: value for key, value in properties.items() if key != "DeploymentConfig"}
        arn = self._request("CreateInferenceComponent", {**wanted, "InferenceComponentName": name})[
            "InferenceComponentArn"
        ]
        answer = self._settled(name)
        if answer["InferenceComponentStatus"] != "InService":
            reason = answer.get("FailureReason", "no reason given")
            self._delete(arn, properties)
            raise StackFailed(
                f'Resource handler returned message: "Inference component {name} failed to create: {reason}"'
            )
        return arn, self._attributes(answer)

    def _update(self, arn: str, old: Payload, new: Payload, _stack: str) -> Created:
        name = self._name(arn)
        if name is None:
            raise StackFailed(f"Inference component {arn} is gone")
        changed = [key for key in _FIXED if old.get(key) != new.get(key)]
        if changed:
            raise StackFailed(f"{', '.join(changed)} of inference component {name} cannot be changed")
        # What scaling made of the copies stays, unless the template changed them.
        wanted = {key: new[key] for key in _UPDATED if key in new and new[key] != old.get(key)}
        if set(wanted) - {"DeploymentConfig"}:
            if "DeploymentConfig" in new:
                wanted["DeploymentConfig"] = new["DeploymentConfig"]
            self._request("UpdateInferenceComponent", {**wanted, "InferenceComponentName": name})
            reason = self._settled(name).get("FailureReason")
            if reason:
                raise StackFailed(f'Resource handler returned message: "Inference component {name}: {reason}"')
        self._retag(arn, old, new)
        return arn, self._attributes(self._settled(name))

    def _delete(self, arn: str, _properties: Payload) -> None:
        name = self._name(arn)
        if name is None:
            return
        self._settled(name)
        self._control.handle("DeleteInferenceComponent", {"InferenceComponentName": name})
        while name in self._sagemaker.store.inference_components:
            time.sleep(POLL)

    def _request(self, operation: str, properties: Payload) -> Payload:
        shape = service_model("sagemaker").operation_model(operation).input_shape
        return self._control.handle(operation, coerced(shape, properties))

    def _name(self, arn: str) -> str | None:
        """The name behind an ARN, which AWS writes in lower case; None when the component is gone."""
        components = dict(self._sagemaker.store.inference_components)
        return next((name for name, record in components.items() if record.arn == arn), None)

    @staticmethod
    def _attributes(answer: Payload) -> dict[str, Any]:
        arn = answer["InferenceComponentArn"]
        return {
            "Id": arn,
            **{
                key: answer[key]
                for key in (
                    "InferenceComponentArn",
                    "InferenceComponentName",
                    "InferenceComponentStatus",
                    "EndpointArn",
                )
            },
        }

    def _settled(self, name: str) -> Payload:
        """DescribeInferenceComponent's answer once nothing is in progress."""
        while True:
            answer = self._control.handle("DescribeInferenceComponent", {"InferenceComponentName": name})
            if answer["InferenceComponentStatus"] not in BUSY_COMPONENT:
                return answer
            time.sleep(POLL)
