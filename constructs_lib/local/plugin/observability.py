"""Plugs into ministack's CloudFormation what watches over others: composite alarms, and saved queries of logs."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

if TYPE_CHECKING:
    from constructs_lib.local.store import Payload

COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
QUERY = "AWS::Logs::QueryDefinition"
Created = tuple[str, dict[str, str]]
_SUFFIX_LENGTH = 12


def install() -> None:
    """Let stacks have both; call it once, before serving."""
    provisioners._RESOURCE_HANDLERS[COMPOSITE] = {
        "create": _create_composite,
        "update": _update_composite,
        "delete": _delete_composite,
    }
    provisioners._RESOURCE_HANDLERS[QUERY] = {
        "create": lambda _logical_id, _props, _stack_name: _query(str(uuid.uuid4())),
        "update": lambda physical_id, _old, _new, _stack_name: _query(physical_id),
        "delete": lambda _physical_id, _props: None,
    }


def _create_composite(logical_id: str, props: Payload, stack_name: str) -> Created:
    """Ref is the name; ministack's own CloudWatch judges the rule."""
    generated = f"{stack_name}-{logical_id}-{uuid.uuid4().hex[:_SUFFIX_LENGTH]}"
    return _put(str(props.get("AlarmName") or generated), props)


def _update_composite(physical_id: str, _old: Payload, new: Payload, _stack_name: str) -> Created:
    return _put(physical_id, new)


def _delete_composite(physical_id: str, _props: Payload) -> None:
    _call(cloudwatch._delete_alarms({}, {"AlarmNames": [physical_id]}, False, True))


def _put(name: str, props: Payload) -> Created:
    _call(cloudwatch._put_composite_alarm({}, {**props, "AlarmName": name}, False, True))
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _call(answer: tuple[int, dict[str, str], bytes]) -> None:
    status, _, body = answer
    if status >= 400:
        raise ValueError(json.loads(body).get("message", body.decode()))


def _query(physical_id: str) -> Created:
    """Nothing runs queries locally: it has an id, and that is all."""
    return physical_id, {"QueryDefinitionId": physical_id}
