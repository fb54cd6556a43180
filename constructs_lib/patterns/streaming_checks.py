"""What is wrong with a stream across its endpoint, its source and its sink, said before anything is synthesized."""

from __future__ import annotations

from constructs_lib.checks import Checks
from constructs_lib.endpoints.asynchronous import AsyncEndpoint
from constructs_lib.endpoints.component_endpoint import ComponentEndpoint
from constructs_lib.endpoints.composite_models import MultiContainerModel, MultiModel
from constructs_lib.endpoints.identity import EndpointIdentity
from constructs_lib.endpoints.model import BaseModel
from constructs_lib.endpoints.realtime import RealtimeEndpoint
from constructs_lib.facts import asynchronous, components, containers, realtime, serverless, streams
from constructs_lib.facts.limit import Limit
from constructs_lib.patterns.streaming_firehose import FirehoseSink
from constructs_lib.patterns.streaming_queue import QueueSource
from constructs_lib.patterns.streaming_sinks import ResultStream
from constructs_lib.patterns.streaming_sources import StreamSource


def payload_of(endpoint: EndpointIdentity) -> Limit:
    """What a request may hold. An imported endpoint may be serverless."""
    return realtime.PAYLOAD_IN_API_MODEL if isinstance(endpoint, RealtimeEndpoint) else serverless.PAYLOAD


def check_endpoint(checks: Checks, endpoint: EndpointIdentity) -> None:
    """Note every problem of an endpoint that does not answer at once, or has to be told which of its models to ask."""
    checks.require(
        not isinstance(endpoint, AsyncEndpoint),
        "endpoint must answer at once, an AsyncEndpoint does not; let its submission take objects instead of records",
        asynchronous.ASYNCHRONOUS_ONLY,
    )
    one = "endpoint must have one model for all records"
    checks.require(
        not isinstance(endpoint, ComponentEndpoint),
        f"{one}, a ComponentEndpoint is asked for a component by name; give a RealtimeEndpoint",
        components.NAME,
    )
    for kind in (MultiModel, MultiContainerModel):
        checks.require(
            not any(isinstance(model, kind) for model in _models(endpoint)),
            f"{one}, that of a {kind.__name__} is asked for one of them by name; give an endpoint of one model",
            containers.DIRECT_TARGET,
        )


def _models(endpoint: EndpointIdentity) -> list[BaseModel]:
    if isinstance(endpoint, RealtimeEndpoint):
        return [variant.model for variant in endpoint.variants]
    return []


def check_apart(checks: Checks, source: StreamSource | QueueSource, sink: ResultStream | FirehoseSink) -> None:
    """Note a problem where results would come back as records."""
    if isinstance(source, StreamSource) and isinstance(sink, ResultStream) and source.stream is not None:
        circle = "source.stream and sink.stream must differ; results would be scored in their turn, without end"
        checks.require(source.stream is not sink.stream, circle, streams.SHARD_WRITE)
