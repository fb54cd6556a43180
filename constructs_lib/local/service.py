"""The local SageMaker: it owns the records and the containers, and everything else hangs on it."""

from collections.abc import Callable
from typing import Any, TypeVar

from constructs_lib.local.arns import sagemaker_arn
from constructs_lib.local.asynchronous.queues import AsyncQueues
from constructs_lib.local.autoscaling.api import AutoScaling
from constructs_lib.local.clock import Clock
from constructs_lib.local.containers.pool import ContainerPool, ContainerRegistry
from constructs_lib.local.containers.served import Served
from constructs_lib.local.endpoints.components import Components
from constructs_lib.local.endpoints.fleet import Fleet
from constructs_lib.local.errors import AwsError
from constructs_lib.local.s3io import S3
from constructs_lib.local.store import ComponentRecord, EndpointConfigRecord, EndpointRecord, ModelRecord, Store
from constructs_lib.local.transform.instances import Instances
from constructs_lib.local.transform.jobs import TransformJobs

Emit = Callable[[str, dict[str, Any], list[str]], None]


class LocalSageMaker:
    """One per server.

    `s3` is also the way to the other services (`s3.client("sns")`); `clock` is scaled by `time_scale` (1.0 is real
    time). `emit(detail_type, detail, resources)` puts an `aws.sagemaker` event on the default bus of the local
    EventBridge.
    """

    def __init__(
        self, containers: dict[str, list[str]], endpoint_url: str, time_scale: float = 1.0, *, emit: Emit
    ) -> None:
        self.store = Store()
        self.clock = Clock(time_scale)
        self.s3 = S3(endpoint_url)
        self.registry = ContainerRegistry(containers)
        self.containers = ContainerPool(self.registry, self.s3)
        self.emit = emit
        self.asynchronous = AsyncQueues(self)
        self.autoscaling = AutoScaling(self)
        self.instances = Instances()
        self.transform = TransformJobs(self)
        self.fleet = Fleet(self)
        self.components = Components(self)

    def model(self, name: str) -> ModelRecord:
        """The model's record; AWS's error when there is none."""
        return _find(self.store.models, name, "model")

    def endpoint_config(self, name: str) -> EndpointConfigRecord:
        """The configuration's record; AWS's error when there is none."""
        return _find(self.store.endpoint_configs, name, "endpoint-config")

    def endpoint(self, name: str) -> EndpointRecord:
        """The endpoint's record; AWS's error when there is none."""
        return _find(self.store.endpoints, name, "endpoint")

    def component(self, name: str) -> ComponentRecord:
        """The inference component's record; AWS's error when there is none."""
        return _find(self.store.inference_components, name, "inference-component")

    def container(self, model_name: str) -> Served:
        """What serves the model; raises AwsError when nothing keeps it running."""
        return self.containers.running(model_name)

    def set_instance_count(self, endpoint_name: str, variant_name: str, count: int) -> None:
        """Change a variant's instances, as scaling does: at once the desired count, soon after the current one."""
        self.fleet.set_instance_counts(endpoint_name, {variant_name: count})

    def close(self) -> None:
        """Stop every thread and every process."""
        self.autoscaling.close()
        self.asynchronous.close()
        self.transform.close()
        self.containers.close()


_Record = TypeVar("_Record")


def _find(records: dict[str, _Record], name: str, kind: str) -> _Record:
    record = records.get(name)
    if record is None:
        what = kind.replace("endpoint-config", "endpoint configuration").replace("-component", " component")
        raise AwsError("ValidationException", f'Could not find {what} "{sagemaker_arn(kind, name)}".')
    return record
