"""What the local SageMaker knows: plain records by name, in memory, behind one lock."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from constructs_lib.local.endpoints.targets import Targets

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
    def shadows(self) -> list[Payload]:
        """The ShadowProductionVariants; AWS allows one."""
        return list(self.definition.get("ShadowProductionVariants") or [])

    @property
    def data_capture(self) -> Payload | None:
        """The DataCaptureConfig, or None when there is none."""
        config: Payload | None = self.definition.get("DataCaptureConfig")
        return config

    @property
    def asynchronous(self) -> Payload | None:
        """The AsyncInferenceConfig, or None when the endpoint answers synchronously."""
        config: Payload | None = self.definition.get("AsyncInferenceConfig")
        return config


@dataclass
class VariantRecord:
    """A live variant of an endpoint; `serverless` is its ServerlessConfig, None on instances;
    `definition` is the ProductionVariant of the configuration. `images` are those of all its containers, `targets` what
    a request has to name of them. A shadow gets copies of requests only, and nobody sees its answers. `config_name` is
    the endpoint configuration it was made from. What stands for an inference component names it in `component`."""

    name: str
    model_name: str
    image: str
    weight: float
    current_instance_count: int
    desired_instance_count: int
    definition: Payload
    serverless: Payload | None = None
    in_flight: int = 0
    images: tuple[str, ...] = ()
    targets: Targets = field(default_factory=Targets)
    is_shadow: bool = False
    config_name: str = ""
    component: str | None = None

    @property
    def is_scaling(self) -> bool:
        """Whether its instances are not yet as many as wanted."""
        return self.current_instance_count != self.desired_instance_count


@dataclass
class RolloutRecord:
    """An update on its way: the fleet of `config_name`, to which `share` (0 to 1) of the requests go by now.

    `deployment` is the DeploymentConfig, `stage` the VariantStatus that describes what is being done.
    """

    config_name: str
    deployment: Payload
    variants: dict[str, VariantRecord] = field(default_factory=dict)
    share: float = 0.0
    stage: Payload = field(default_factory=dict)
    started: float = field(default_factory=time.time)


@dataclass
class EndpointRecord:
    """A live endpoint; `status` is its EndpointStatus: Creating, InService, Updating, RollingBack, Deleting or Failed.

    `asynchronous` is the AsyncInferenceConfig that it serves by, which outlives the configuration it came from, and
    `data_capture` likewise its DataCaptureConfig. `variants` are the production variants and the shadow.
    `rollout` is the update that is under way, `deployment` the last DeploymentConfig that was given.
    """

    name: str
    arn: str
    config_name: str
    status: str
    variants: dict[str, VariantRecord] = field(default_factory=dict)
    failure_reason: str | None = None
    asynchronous: Payload | None = None
    data_capture: Payload | None = None
    rollout: RolloutRecord | None = None
    deployment: Payload | None = None
    created: float = field(default_factory=time.time)
    modified: float = field(default_factory=time.time)

    @property
    def hosts_components(self) -> bool:
        """Whether its variants name no model: what it serves are inference components."""
        return bool(self.variants) and not any(variant.model_name for variant in self.variants.values())


@dataclass
class ComponentRecord:
    """An inference component; `status` is its InferenceComponentStatus, `definition` the request that it goes by.

    `copies` is what invocations go to, its instances the component's copies. It is another object after each change of
    the specification, so that invocations which are under way keep theirs.
    """

    name: str
    arn: str
    endpoint_name: str
    definition: Payload
    copies: VariantRecord
    status: str = "Creating"
    failure_reason: str | None = None
    deployment: Payload | None = None
    created: float = field(default_factory=time.time)
    modified: float = field(default_factory=time.time)

    @property
    def specification(self) -> Payload:
        """The Specification, or the first of the Specifications: instances of other types do not differ locally."""
        specifications: list[Payload] = [self.definition.get("Specification") or self.definition["Specifications"][0]]
        return specifications[0]

    @property
    def base(self) -> str | None:
        """The component whose container an adapter shares; None for a component with containers of its own."""
        name: str | None = self.specification.get("BaseInferenceComponentName")
        return name


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
        self.inference_components: dict[str, ComponentRecord] = {}
        self.transform_jobs: dict[str, TransformJobRecord] = {}
        self.tags: dict[str, dict[str, str]] = {}
