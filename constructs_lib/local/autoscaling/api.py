"""The Application Auto Scaling API for SageMaker variants and inference components."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from constructs_lib.facts import scaling
from constructs_lib.local.api.checks import check_request
from constructs_lib.local.autoscaling.engine import ScalingEngine, TargetTracking
from constructs_lib.local.autoscaling.keys import Key, component_of, refused, variant_of
from constructs_lib.local.autoscaling.loop import ScalingLoop
from constructs_lib.local.autoscaling.records import PolicyRecord, TargetRecord, policy_of
from constructs_lib.local.autoscaling.resources import resource_of
from constructs_lib.local.autoscaling.scheduled_actions import ScheduledActions
from constructs_lib.local.autoscaling.tracked_metrics import is_published
from constructs_lib.local.cloudformation import autoscaling
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import Payload

_logger = logging.getLogger("constructs_lib.local")

API = "application-autoscaling"
PAGE = 50


class AutoScaling:
    """Scalable targets and their policies; `loop` carries them out. Only registered targets are touched."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self.lock = threading.RLock()
        self.targets: dict[Key, TargetRecord] = {}
        self.policies: dict[tuple[Key, str], PolicyRecord] = {}
        self.schedules = ScheduledActions(sagemaker.clock, self.targets)
        self.loop = ScalingLoop(sagemaker, self)
        self._sagemaker = sagemaker
        self._operations: dict[str, Callable[[Payload], Payload]] = {
            "RegisterScalableTarget": self._register,
            "DescribeScalableTargets": self._describe_targets,
            "DeregisterScalableTarget": self._deregister,
            "PutScalingPolicy": self._put_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingActivities": self._describe_activities,
            "PutScheduledAction": self._put_scheduled_action,
            "DescribeScheduledActions": self._describe_scheduled_actions,
            "DeleteScheduledAction": self._delete_scheduled_action,
            "ListTagsForResource": self._list_tags,
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    def handle(self, operation: str, payload: Payload) -> Payload:
        """The answer to a request; raises AwsError with the API's codes and words."""
        if operation not in self._operations:
            known = ", ".join(sorted(self._operations))
            raise AwsError(
                "UnknownOperationException", f"the local Application Auto Scaling has no {operation}; it has {known}"
            )
        check_request(API, operation, payload)
        if payload.get("ServiceNamespace", scaling.SERVICE_NAMESPACE) != scaling.SERVICE_NAMESPACE:
            raise refused("Unsupported service namespace, resource type or scalable dimension")
        with self.lock:
            return self._operations[operation](payload)

    def cloudformation_handlers(self) -> dict[str, dict[str, Any]]:
        """Handlers by resource type, in the form that the local CloudFormation takes."""
        return autoscaling.handlers(self.handle)

    def count_invocation(self, endpoint: str, variant: str) -> None:
        """Tell scaling of one invocation of a variant; InvocationsPerInstance is made of these, and from the first on
        the endpoints are measured."""
        self.loop.start()
        self.loop.signals.count_invocation(endpoint, variant)

    def close(self) -> None:
        """Stop scaling."""
        self.loop.stop()

    def _register(self, request: Payload) -> Payload:
        key = _key(request)
        target = self.targets.get(key)
        minimum = request.get("MinCapacity", target.engine.minimum if target else None)
        maximum = request.get("MaxCapacity", target.engine.maximum if target else None)
        if minimum is None or maximum is None:
            raise refused("Both minimum and maximum capacity must be specified to register a scalable target")
        if minimum < 0 or maximum < 0:
            raise refused("Minimum and maximum capacity must be at least 0")
        if maximum < minimum:
            raise refused("Maximum capacity cannot be less than minimum capacity")
        if target is None:
            resource_of(self._sagemaker, key).require()
            target = self.targets[key] = TargetRecord(*key, ScalingEngine(minimum, maximum))
        target.engine.minimum, target.engine.maximum = minimum, maximum
        target.role = request.get("RoleARN", target.role)
        target.suspend(request.get("SuspendedState", {}))
        target.tags |= request.get("Tags", {})
        self.loop.start()
        return {"ScalableTargetARN": target.arn}

    def _target(self, request: Payload, verb: str) -> TargetRecord:
        key = _key(request)
        if key not in self.targets:
            raise _not_found(f"No scalable target {verb}", key)
        return self.targets[key]

    def _deregister(self, request: Payload) -> Payload:
        target = self._target(request, "found")
        del self.targets[target.key]
        self.schedules.delete_of(target.key)
        for found in [each for each in self.policies if each[0] == target.key]:
            del self.policies[found]
        return {}

    def _describe_targets(self, request: Payload) -> Payload:
        ids = request.get("ResourceIds") or [target.resource_id for target in self.targets.values()]
        dimension = request.get("ScalableDimension")
        found = [t for t in self.targets.values() if t.resource_id in ids and dimension in (None, t.dimension)]
        return _page("ScalableTargets", (target.describe() for target in found), request)

    def _put_policy(self, request: Payload) -> Payload:
        target = self._target(request, "registered")
        identity = (target.key, request["PolicyName"])
        existing = self.policies.get(identity)
        kind = request.get("PolicyType", existing.definition["PolicyType"] if existing else "StepScaling")
        if existing and existing.definition["PolicyType"] != kind:
            raise refused(f"The policy type of {request['PolicyName']} cannot be changed")
        record = PolicyRecord(request["PolicyName"], target.key, {**request, "PolicyType": kind})
        if existing:
            record.id, record.created = existing.id, existing.created
        policy = policy_of(record)
        if isinstance(policy, TargetTracking) and not is_published(record.tracking):
            _logger.warning("scaling policy %s stays silent: nobody publishes its metric here", record.name)
        self.policies[identity] = record
        target.engine.policies[record.name] = policy
        return {"PolicyARN": record.arn, "Alarms": record.alarms()}

    def _describe_policies(self, request: Payload) -> Payload:
        names, resource = request.get("PolicyNames"), request.get("ResourceId")
        dimension = request.get("ScalableDimension")
        found = [
            record.describe()
            for record in self.policies.values()
            if (not names or record.name in names or record.arn in names)
            and resource in (None, record.key[0])
            and dimension in (None, record.key[1])
        ]
        return _page("ScalingPolicies", found, request)

    def _delete_policy(self, request: Payload) -> Payload:
        key, name = _key(request), request["PolicyName"]
        if (key, name) not in self.policies:
            raise _not_found("No scaling policy found", key, f", policy name: {name}")
        del self.policies[key, name]
        self.targets[key].engine.policies.pop(name, None)
        return {}

    def _describe_activities(self, request: Payload) -> Payload:
        resource, dimension = request.get("ResourceId"), request.get("ScalableDimension")
        found = [
            activity
            for activity in self.loop.activities
            if resource in (None, activity["ResourceId"]) and dimension in (None, activity["ScalableDimension"])
        ]
        return _page("ScalingActivities", found, request)

    def _put_scheduled_action(self, request: Payload) -> Payload:
        return self.schedules.put(self._target(request, "registered").key, request)

    def _describe_scheduled_actions(self, request: Payload) -> Payload:
        names, resource = request.get("ScheduledActionNames"), request.get("ResourceId")
        dimension = request.get("ScalableDimension")
        found = [
            record.describe()
            for record in self.schedules.of()
            if (not names or record.name in names or record.arn in names)
            and resource in (None, record.key[0])
            and dimension in (None, record.key[1])
        ]
        return _page("ScheduledActions", found, request)

    def _delete_scheduled_action(self, request: Payload) -> Payload:
        key, name = _key(request), request["ScheduledActionName"]
        if not self.schedules.delete(key, name):
            raise _not_found("No scheduled action found", key, f", scheduled action name: {name}")
        return {}

    def _tags(self, request: Payload) -> dict[str, str]:
        for target in self.targets.values():
            if target.arn == request["ResourceARN"]:
                return target.tags
        raise AwsError("ResourceNotFoundException", f"The specified resource doesn't exist: {request['ResourceARN']}")

    def _list_tags(self, request: Payload) -> Payload:
        return {"Tags": dict(self._tags(request))}

    def _tag(self, request: Payload) -> Payload:
        self._tags(request).update(request["Tags"])
        return {}

    def _untag(self, request: Payload) -> Payload:
        tags = self._tags(request)
        for name in request["TagKeys"]:
            tags.pop(name, None)
        return {}


def _key(request: Payload) -> Key:
    key = (request["ResourceId"], request["ScalableDimension"])
    if component_of(key) is None:
        variant_of(key)
    return key


def _not_found(what: str, key: Key, rest: str = "") -> AwsError:
    return AwsError(
        "ObjectNotFoundException",
        f"{what} for service namespace: {scaling.SERVICE_NAMESPACE}, resource ID: {key[0]}, "
        f"scalable dimension: {key[1]}{rest}",
    )


def _page(key: str, rows: Iterable[Payload], request: Payload) -> Payload:
    token, size = str(request.get("NextToken", "0")), int(request.get("MaxResults", PAGE))
    if not token.isdecimal():
        raise AwsError("InvalidNextTokenException", f"The next token is not valid: {token}")
    every, start = list(rows), int(token)
    answer: dict[str, Any] = {key: every[start : start + size]}
    if start + size < len(every):
        answer["NextToken"] = str(start + size)
    return answer
