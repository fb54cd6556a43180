"""Holds every answer of the local services against the output shapes that AWS publishes in botocore."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.model import OperationModel, Shape


def problems_of(shape: Shape, value: Any, path: str = "answer") -> Iterator[str]:
    """What is wrong with a raw JSON value: unknown members, missing required ones, wrong types, unknown words."""
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            yield f"{path} is {value!r}, not a structure"
            return
        yield from (f"{path}.{name} is unknown to {shape.name}" for name in value.keys() - shape.members.keys())
        yield from (f"{path}.{name} is missing" for name in set(shape.required_members) - value.keys())
        for name in value.keys() & shape.members.keys():
            yield from problems_of(shape.members[name], value[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for index, member in enumerate(value):
            yield from problems_of(shape.member, member, f"{path}[{index}]")
    elif shape.type_name == "map":
        for key, member in value.items():
            yield from problems_of(shape.value, member, f"{path}[{key!r}]")
    else:
        yield from _problems_of_scalar(shape, value, path)


def _problems_of_scalar(shape: Shape, value: Any, path: str) -> Iterator[str]:
    types = {
        "string": str,
        "integer": int,
        "long": int,
        "float": (int, float),
        "double": (int, float),
        "boolean": bool,
        "timestamp": (int, float),
    }
    expected = types.get(shape.type_name)
    if expected is not None and not isinstance(value, expected):  # type: ignore[arg-type]
        yield f"{path} is {value!r}, not a {shape.type_name}"
    elif getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{path} is {value!r}, not one of {shape.enum}"


def raw_answer(operation: OperationModel, response: dict[str, Any]) -> dict[str, Any]:
    """The members of a response that are not the payload itself, from its body and from its headers."""
    shape = operation.output_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    answer = {} if payload or not response["body"] else json.loads(response["body"])
    for name, member in (shape.members if shape is not None else {}).items():
        header = member.serialization.get("name", "")
        if member.serialization.get("location") == "header" and header in response["headers"]:
            answer[name] = response["headers"][header]
    if payload:
        # An event stream is a structure of which nothing has come yet.
        is_stream = shape.members[payload].serialization.get("eventstream")
        answer[payload] = {} if is_stream else response["body"]
    return dict(answer)


def check_answers(client: Any) -> Any:
    """The client, with every successful answer held against its shape from now on."""

    def check(operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
        if response_dict["status_code"] < 300 and operation_model.output_shape is not None:
            answer = raw_answer(operation_model, response_dict)
            problems = list(problems_of(operation_model.output_shape, answer))
            assert not problems, f"{operation_model.name}: {problems}"

    client.meta.events.register("before-parse", check)
    return client
