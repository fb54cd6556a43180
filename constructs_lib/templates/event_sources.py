"""What functions read: event source mappings, with their queue or stream."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.facts.paths import (
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    GLOBAL_TABLE,
    QUEUE,
    STREAM,
    STREAM_CONSUMER,
    TABLE,
)
from constructs_lib.templates.template import HOLE, Node, Template

SQS = "sqs"
KINESIS = "kinesis"
DYNAMODB = "dynamodb"
STREAMS = (KINESIS, DYNAMODB)
_SERVICES = {
    QUEUE: SQS,
    STREAM: KINESIS,
    STREAM_CONSUMER: KINESIS,
    TABLE: DYNAMODB,
    GLOBAL_TABLE: DYNAMODB,
}


@dataclass(frozen=True, slots=True)
class EventSourceMapping:
    """What a function reads: ``service`` as in the source's ARN, ``source`` and ``function`` if of this template."""

    node: Node
    service: str | None
    source: Node | None
    function: Node | None


def mappings(template: Template) -> list[EventSourceMapping]:
    """Every event source mapping."""
    return template.once(_mappings)


def _mappings(template: Template) -> list[EventSourceMapping]:
    found = []
    for node in template.of(EVENT_SOURCE_MAPPING):
        arn = node.at("EventSourceArn")
        source = template.follow(arn, *_SERVICES)
        service = _SERVICES[source.resource.type] if source is not None else _service_of(arn)
        found.append(EventSourceMapping(node, service, source, template.follow(node.at("FunctionName"), FUNCTION)))
    return found


def _service_of(arn: Node) -> str | None:
    start, *sections = arn.outline.split(":")
    known = start == "arn" and len(sections) > 1 and HOLE not in sections[1]
    return sections[1] if known else None
