"""Application Auto Scaling for the provisioned concurrency of a serverless endpoint."""

from __future__ import annotations

from constructs_lib.endpoints.endpoint import Endpoint
from constructs_lib.endpoints.metrics import variant_dimensions
from constructs_lib.endpoints.scalable_target import scalable_target
from constructs_lib.endpoints.target_tracking import Policy, Scaled, make_policy
from constructs_lib.facts import scaling as facts
from constructs_lib.options.provisioned import ProvisionedConcurrencyScaling

_POLICY_NAME = "ProvisionedConcurrencyUtilization"


def scale_provisioned_concurrency(endpoint: Endpoint, options: ProvisionedConcurrencyScaling) -> None:
    """Register the endpoint's provisioned concurrency, with its schedules, and track its use."""
    dimension = facts.PROVISIONED_CONCURRENCY_DIMENSION
    form = facts.RESOURCE_IDS[dimension]
    scaled = Scaled(
        scope=endpoint,
        dimension=dimension,
        # The endpoint's attribute makes the target wait for the endpoint, and go before it.
        resource_id=form.format(endpoint=endpoint.endpoint_name, variant=endpoint.variant_name),
        metric_dimensions=variant_dimensions(endpoint.endpoint_name, endpoint.variant_name),
    )
    target = scalable_target(scaled, options, options.schedules)
    if options.utilization is None:
        return
    metric = Policy.PredefinedMetricSpecificationProperty(
        predefined_metric_type=facts.PROVISIONED_CONCURRENCY_UTILIZATION
    )
    configuration = Policy.TargetTrackingScalingPolicyConfigurationProperty(
        target_value=options.utilization,
        scale_in_cooldown=options.scale_in_cooldown_in_seconds,
        scale_out_cooldown=options.scale_out_cooldown_in_seconds,
        predefined_metric_specification=metric,
    )
    make_policy(endpoint, target, _POLICY_NAME, configuration)
