"""Real-time inference: an endpoint on instances, always on, for answers within milliseconds."""

from __future__ import annotations

from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.endpoint import SynchronousEndpoint, check_endpoint_name, check_instances
from constructs_lib.endpoints.model import Model
from constructs_lib.endpoints.scaling import scale_on_invocations
from constructs_lib.options import Autoscaling


class RealtimeEndpoint(SynchronousEndpoint):
    """One model on instances of one type.

    :param model: the model to serve.
    :param instance_type: such as ``ml.m5.large``.
    :param initial_instance_count: instances at the first deployment; 1 by default. Later updates keep the count that
        autoscaling or a person has set.
    :param autoscaling: how the number of instances follows the traffic; by default it does not.
    :param endpoint_name: a fixed name, at most 63 letters, digits and hyphens; AWS chooses one by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        model: Model,
        instance_type: str,
        initial_instance_count: int = 1,
        autoscaling: Autoscaling | None = None,
        endpoint_name: str | None = None,
    ) -> None:
        checks = Checks(f"RealtimeEndpoint {id}")
        check_instances(checks, instance_type, initial_instance_count)
        check_endpoint_name(checks, endpoint_name)
        checks.done()
        super().__init__(scope, id, model=model)
        self._create(
            variant={"instance_type": instance_type, "initial_instance_count": initial_instance_count},
            endpoint_name=endpoint_name,
            retain_variant_properties=True,
        )
        if autoscaling:
            scale_on_invocations(self, autoscaling)
