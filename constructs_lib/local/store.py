"""What the local SageMaker knows: plain records by name, in memory, behind one lock."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

Payload = dict[str, Any]


@dataclass
class ModelRecord:
    """A model: `definition` is the CreateModel request as it came."""

    name: str
    arn: str
    image: str
    artifact: str | None
    environment: dict[str, str]
    definition: Payload
    created: float = field(default_factory=time.time)


@dataclass
class EndpointConfigRecord:
    """An endpoint configuration: `definition` is the CreateEndpointConfig request as it came."""

    name: str
    arn: str
    definition: Payload
    created: float = field(default_factory=time.time)

    @property
    def variants(self) -> list[Payload]:
        """The ProductionVariants, in the order of the request."""
        return list(self.definition["ProductionVariants"])

    @property
    def asynchronous(self) -> Payload | None:
        """The AsyncInferenceConfig, or None when the endpoint answers synchronously."""
        config: Payload | None = self.definition.get("AsyncInferenceConfig")
        return config


@dataclass
class VariantRecord:
    """A live variant of an endpoint; `serverless` is its ServerlessConfig, None on instances;
    `definition` is the ProductionVariant of the configuration."""

    name: str
    model_name: str
    image: str
    weight: float
    current_instance_count: int
    desired_instance_count: int
    definition: Payload
    serverless: Payload | None = None
    in_flight: int = 0

    @property
    def is_scaling(self) -> bool:
        """Whether its instances are not yet as many as wanted."""
        return self.current_instance_count != self.desired_instance_count


@dataclass
class EndpointRecord:
    """A live endpoint; `status` is AWS's EndpointStatus: Creating, InService, Updating, Deleting or Failed.

    `asynchronous` is the AsyncInferenceConfig that it serves by, which outlives the configuration that it came from.
    """

    name: str
    arn: str
    config_name: str
    status: str
    variants: dict[str, VariantRecord] = field(default_factory=dict)
    failure_reason: str | None = None
    asynchronous: Payload | None = None
    created: float = field(default_factory=time.time)
    modified: float = field(default_factory=time.time)


@dataclass
class TransformJobRecord:
    """A transform job; `status` is AWS's TransformJobStatus: InProgress, Completed, Failed, Stopping or Stopped."""

    name: str
    arn: str
    definition: Payload
    status: str = "InProgress"
    failure_reason: str | None = None
    created: float = field(default_factory=time.time)
    started: float | None = None
    ended: float | None = None


class Store:
    """The records by name. Hold `lock` while reading more than one thing or while changing any."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.models: dict[str, ModelRecord] = {}
        self.endpoint_configs: dict[str, EndpointConfigRecord] = {}
        self.endpoints: dict[str, EndpointRecord] = {}
        self.transform_jobs: dict[str, TransformJobRecord] = {}
        self.tags: dict[str, dict[str, str]] = {}
