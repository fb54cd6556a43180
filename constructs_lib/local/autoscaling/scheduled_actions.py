"""Scheduled actions of scalable targets: their operations, and their effect when they are due."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_lib.facts import scaling
from constructs_lib.facts import scaling_schedules as facts
from constructs_lib.local.arns import ACCOUNT, REGION
from constructs_lib.local.autoscaling.keys import Key, refused
from constructs_lib.local.autoscaling.records import TargetRecord
from constructs_lib.local.autoscaling.schedule_expressions import Schedule, parse, seconds
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.local.clock import Clock
    from constructs_lib.local.store import Payload

_TIMES = ("StartTime", "EndTime")


@dataclass
class ActionRecord:
    """A scheduled action as it was put; `due` is when it acts next, None when it never does again."""

    name: str
    key: Key
    definition: Payload
    schedule: Schedule
    due: float | None
    created: float = field(default_factory=time.time)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def arn(self) -> str:
        """The action's ARN."""
        resource = f"resource/{scaling.SERVICE_NAMESPACE}/{self.key[0]}"
        kind = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scheduledAction"
        return f"{kind}:{self.id}:{resource}:scheduledActionName/{self.name}"

    def describe(self) -> Payload:
        """One entry of DescribeScheduledActions."""
        kept = ("Schedule", "Timezone", *_TIMES, "ScalableTargetAction")
        return {
            "ScheduledActionName": self.name,
            "ScheduledActionARN": self.arn,
            "ServiceNamespace": scaling.SERVICE_NAMESPACE,
            "ResourceId": self.key[0],
            "ScalableDimension": self.key[1],
            "CreationTime": self.created,
            **{member: self.definition[member] for member in kept if member in self.definition},
        }


class ScheduledActions:
    """The actions by target and name, on the scaled clock. Call everything under the lock of the registry."""

    def __init__(self, clock: Clock, targets: Mapping[Key, TargetRecord]) -> None:
        self._clock = clock
        self._targets = targets
        self._actions: dict[tuple[Key, str], ActionRecord] = {}

    def put(self, key: Key, request: Payload) -> Payload:
        """PutScheduledAction: a new action, or the given members of one that there is."""
        name = request["ScheduledActionName"]
        existing = self._actions.get((key, name))
        if not facts.ACTION_NAME.allows(name):
            raise refused(f"ScheduledActionName must be {facts.ACTION_NAME}, got '{name}': {facts.ACTION_NAME.fix}")
        limit = facts.SCHEDULED_ACTIONS
        if existing is None and not limit.allows([*self.of(key), name]):
            raise AwsError("LimitExceededException", f"{limit.what} must be {limit} (source: {limit.source})")
        definition = (existing.definition if existing else {}) | request
        definition |= {member: seconds(definition[member]) for member in _TIMES if definition.get(member) is not None}
        if not definition.get("Schedule"):
            raise refused("Schedule must be specified")
        now = self._clock.now()
        try:
            schedule = parse(
                definition["Schedule"],
                definition.get("Timezone", "UTC"),
                created=now,
                start=definition.get("StartTime"),
            )
        except ValueError as error:
            raise refused(f"Invalid schedule expression. Details: {error}") from error
        record = ActionRecord(name, key, definition, schedule, self._next(schedule, definition, now))
        if existing:
            record.id, record.created = existing.id, existing.created
        self._actions[key, name] = record
        return {}

    def _next(self, schedule: Schedule, definition: Payload, now: float) -> float | None:
        start, end = definition.get("StartTime"), definition.get("EndTime")
        # A moment before the start, because an action may be due at the very start.
        due = schedule.next_after(now if start is None else max(now, start - 1))
        return None if due is None or (end is not None and due > end) else due

    def of(self, key: Key | None = None) -> list[ActionRecord]:
        """The actions of a target, or all."""
        return [record for record in self._actions.values() if key in (None, record.key)]

    def delete(self, key: Key, name: str) -> bool:
        """Forget an action; false when there is none of that name."""
        return self._actions.pop((key, name), None) is not None

    def delete_of(self, key: Key) -> None:
        """Forget every action of a target."""
        for record in self.of(key):
            del self._actions[record.key, record.name]

    def run_due(self, now: float) -> list[Payload]:
        """Set the bounds of the targets whose actions are due; one activity for each.

        An action that was due more than once since the last call acts once.
        """
        activities = []
        for record in self.of():
            if record.due is None or record.due > now:
                continue
            record.due = self._next(record.schedule, record.definition, now)
            target = self._targets.get(record.key)
            if target is not None and not target.suspended.get("ScheduledScalingSuspended"):
                activities.append(self._act(record, target))
        return activities

    def _act(self, record: ActionRecord, target: TargetRecord) -> Payload:
        action, engine = record.definition.get("ScalableTargetAction") or {}, target.engine
        minimum = int(action.get("MinCapacity", engine.minimum))
        maximum = int(action.get("MaxCapacity", engine.maximum))
        words = {"MinCapacity": f"min capacity to {minimum}", "MaxCapacity": f"max capacity to {maximum}"}
        change = " and ".join(text for member, text in words.items() if member in action) or "nothing"
        activity = {
            "ResourceId": record.key[0],
            "ScalableDimension": record.key[1],
            "Description": f"Setting {change}",
            "Cause": f"scheduled action name {record.name} was triggered",
        }
        if minimum > maximum:
            reason = "Maximum capacity cannot be less than minimum capacity"
            return activity | {"StatusCode": "Failed", "StatusMessage": f"Failed to set {change}. Reason: {reason}"}
        engine.minimum, engine.maximum = minimum, maximum
        return activity | {"StatusCode": "Successful", "StatusMessage": f"Successfully set {change}"}
