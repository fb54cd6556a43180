"""CloudFormation's ScalableTarget and ScalingPolicy, as calls of the Application Auto Scaling API."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from constructs_lib.local.api.checks import coerced, service_model
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_lib.local.store import Payload

SCALABLE_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
SCALING_POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
_IDENTITY = ("ResourceId", "ScalableDimension", "ServiceNamespace")

Handle = Callable[[str, dict[str, Any]], dict[str, Any]]
Created = tuple[str, dict[str, str]]


def handlers(handle: Handle) -> dict[str, dict[str, Any]]:
    """Handlers by resource type; `handle` is the API."""
    target, policy = _ScalableTarget(handle), _ScalingPolicy(handle)
    return {
        kind: {"create": each.create, "update": each.update, "delete": each.delete}
        for kind, each in ((SCALABLE_TARGET, target), (SCALING_POLICY, policy))
    }


class _ScalableTarget:
    """Ref is `resource id|dimension|namespace`, and so is the attribute Id."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def create(self, _logical_id: str, props: Payload, _stack_name: str) -> Created:
        physical_id, attributes = self._register(props)
        try:
            self._schedule(props)
        except AwsError:
            # The engine knows no id of a creation that failed, so nobody else would take the target away.
            self.delete(physical_id, props)
            raise
        return physical_id, attributes

    def _register(self, props: Payload) -> Created:
        self._handle("RegisterScalableTarget", _request("RegisterScalableTarget", props))
        physical_id = "|".join(props[member] for member in _IDENTITY)
        return physical_id, {"Id": physical_id}

    def _schedule(self, props: Payload) -> None:
        identity = {member: props[member] for member in _IDENTITY}
        for action in props.get("ScheduledActions") or []:
            self._handle("PutScheduledAction", _request("PutScheduledAction", {**action, **identity}))

    def update(self, physical_id: str, old: Payload, new: Payload, stack_name: str) -> Created:
        if "|".join(new[member] for member in _IDENTITY) != physical_id:
            created = self.create("", new, stack_name)
            self.delete(physical_id, {})
            return created
        created = self._register(new)
        self._schedule(new)
        for name in sorted(_action_names(old) - _action_names(new)):
            with _gone_is_fine():
                self._handle("DeleteScheduledAction", {"ScheduledActionName": name, **_identity(physical_id)})
        return created

    def delete(self, physical_id: str, _props: Payload) -> None:
        with _gone_is_fine():
            self._handle("DeregisterScalableTarget", _identity(physical_id))


def _action_names(props: Payload) -> set[str]:
    return {action["ScheduledActionName"] for action in props.get("ScheduledActions") or []}


class _ScalingPolicy:
    """Ref and the attribute Arn are the policy's ARN; PolicyName is the other attribute."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def create(self, _logical_id: str, props: Payload, _stack_name: str) -> Created:
        members = {**props, **_policy_identity(props)}
        members.pop("ScalingTargetId", None)
        answer = self._handle("PutScalingPolicy", _request("PutScalingPolicy", members))
        return answer["PolicyARN"], {"Arn": answer["PolicyARN"], "PolicyName": props["PolicyName"]}

    def update(self, physical_id: str, old: Payload, new: Payload, stack_name: str) -> Created:
        created = self.create("", new, stack_name)
        if created[0] != physical_id:
            self.delete(physical_id, old)
        return created

    def delete(self, physical_id: str, props: Payload) -> None:
        # A creation that failed leaves no ARN, and nothing to delete.
        if not physical_id.startswith("arn:"):
            return
        with _gone_is_fine():
            name = physical_id.rpartition(":policyName/")[2]
            self._handle("DeleteScalingPolicy", {"PolicyName": name, **_policy_identity(props)})


def _policy_identity(props: Payload) -> Payload:
    if props.get("ScalingTargetId"):
        return _identity(props["ScalingTargetId"])
    missing = [member for member in _IDENTITY if not props.get(member)]
    if missing:
        raise AwsError("ValidationException", f"give ScalingTargetId or all of {', '.join(_IDENTITY)}")
    return {member: props[member] for member in _IDENTITY}


def _identity(physical_id: str) -> Payload:
    return dict(zip(_IDENTITY, physical_id.split("|"), strict=True))


def _request(operation: str, props: Payload) -> Payload:
    """The properties as the API's request: templates write numbers and booleans as text too."""
    shape = service_model("application-autoscaling").operation_model(operation).input_shape
    members = {name: value for name, value in props.items() if shape is not None and name in shape.members}
    request: Payload = coerced(shape, members) if shape is not None else members
    return request


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    """Deleting what is gone already succeeds: deregistering a target takes its policies along."""
    try:
        yield
    except AwsError as error:
        if error.code != "ObjectNotFoundException":
            raise
