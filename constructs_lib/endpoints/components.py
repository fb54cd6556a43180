"""Inference components: a model, what one copy of it needs, and how many copies run on an endpoint."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from aws_cdk import CfnResource, Names, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from constructs_lib.checks import Checks, check_kinds
from constructs_lib.endpoints.component_endpoint import ComponentEndpoint
from constructs_lib.endpoints.component_metrics import ComponentMetrics
from constructs_lib.endpoints.endpoint_monitoring import RealtimeMonitoring
from constructs_lib.endpoints.graphs import of_copies
from constructs_lib.endpoints.model import BaseModel
from constructs_lib.endpoints.monitoring import Monitored
from constructs_lib.endpoints.scaling import check_policy_names, scale_copies
from constructs_lib.endpoints.target_tracking import Scaled
from constructs_lib.facts import component_specifications as specifications
from constructs_lib.facts import components as facts
from constructs_lib.facts import instances, scaling
from constructs_lib.options import CopyScaling
from constructs_lib.tokens import is_token

_Cfn = sagemaker.CfnInferenceComponent
_DIGEST_LENGTH = 8
_MONITORING = RealtimeMonitoring()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeResourceRequirements:
    """What is reserved on an instance for each copy. An instance needs some of what it has for itself.

    :param min_memory_required_in_mb: 128 MB or more; much less than the memory of the instance, of which SageMaker
        reserves a large part: 1024 is enough for many models, as a copy may use more where there is more.
    :param max_memory_required_in_mb: what a copy may use at most; no bound by default.
    :param number_of_cpu_cores_required: 0.25 or more.
    :param number_of_accelerator_devices_required: GPUs or Neuron devices, 1 or more; none by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    min_memory_required_in_mb: int
    max_memory_required_in_mb: int | None = None
    number_of_cpu_cores_required: float | None = None
    number_of_accelerator_devices_required: int | None = None

    def __post_init__(self) -> None:
        checks = Checks("ComputeResourceRequirements")
        checks.limit("min_memory_required_in_mb", self.min_memory_required_in_mb, specifications.MEMORY)
        checks.limit("max_memory_required_in_mb", self.max_memory_required_in_mb, specifications.MEMORY)
        checks.at_most(
            ("min_memory_required_in_mb", self.min_memory_required_in_mb),
            ("max_memory_required_in_mb", self.max_memory_required_in_mb),
            specifications.MEMORY,
            "lower it or raise max_memory_required_in_mb",
        )
        checks.limit("number_of_cpu_cores_required", self.number_of_cpu_cores_required, specifications.CPU_CORES)
        accelerators = self.number_of_accelerator_devices_required
        remedy = "leave it out where none is needed"
        checks.limit("number_of_accelerator_devices_required", accelerators, specifications.ACCELERATORS, remedy)
        checks.done()

    def check_fit(self, checks: Checks, instance_type: str) -> None:
        """Note what one instance does not have; nothing of a type that is not known."""
        hardware = None if is_token(instance_type) else instances.hardware(instance_type)
        if hardware is None:
            return
        # Neuron devices have several cores each, and AWS does not say which of the two it counts.
        is_counted = not instances.is_neuron(instance_type)
        accelerators = 0 if hardware.accelerators is None else hardware.accelerators.count
        for name, wanted, most in (
            ("min_memory_required_in_mb", self.min_memory_required_in_mb, hardware.memory_mib),
            ("number_of_cpu_cores_required", self.number_of_cpu_cores_required, hardware.vcpus),
            (
                "number_of_accelerator_devices_required",
                self.number_of_accelerator_devices_required if is_counted else None,
                accelerators,
            ),
        ):
            remedy = f"lower it, or take a larger instance type than {instance_type}"
            checks.at_most((f"compute.{name}", wanted), (instance_type, most), specifications.TOO_LARGE, remedy)

    def render(self) -> sagemaker.CfnInferenceComponent.InferenceComponentComputeResourceRequirementsProperty:
        """As CloudFormation writes it."""
        return _Cfn.InferenceComponentComputeResourceRequirementsProperty(
            min_memory_required_in_mb=self.min_memory_required_in_mb,
            max_memory_required_in_mb=self.max_memory_required_in_mb,
            number_of_cpu_cores_required=self.number_of_cpu_cores_required,
            number_of_accelerator_devices_required=self.number_of_accelerator_devices_required,
        )


class InferenceComponent(ComponentMetrics, Monitored):
    """A model on a ``ComponentEndpoint``, in as many copies as the load wants. Callers name it in each request.

    A new model, compute or number of copies updates it in place. SageMaker cannot move a component, so one that goes to
    another endpoint is made anew, beside the old one, before that is deleted: there has to be room for both.

    :param endpoint: where it runs.
    :param model: what runs; with the ``execution_role``, network and network isolation of the endpoint.
    :param compute: what one copy needs.
    :param copies: copies at the first deployment, 1 or more even where they scale to zero.
    :param autoscaling: how the number of copies follows the load; it is fixed by default.
    :param monitoring: which alarms are made on this component alone, and what they do; ``None`` for none. By default
        they are on errors. Those of the endpoint are on all components together.
    :param inference_component_name: a fixed name, at most 63 letters, digits and inner hyphens; made of the construct's
        path by default. A component with a fixed name cannot go to another endpoint without a new name.
    :param model_data_download_timeout_in_seconds: 60 to 3600; raise it for models over 40 GB.
    :param container_startup_health_check_timeout_in_seconds: 60 to 3600; how long the model may warm up.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        endpoint: ComponentEndpoint,
        model: BaseModel,
        compute: ComputeResourceRequirements,
        copies: int = 1,
        autoscaling: CopyScaling | None = None,
        monitoring: RealtimeMonitoring | None = _MONITORING,
        inference_component_name: str | None = None,
        model_data_download_timeout_in_seconds: int | None = None,
        container_startup_health_check_timeout_in_seconds: int | None = None,
    ) -> None:
        check_kinds(f"InferenceComponent {id}", monitoring=(monitoring, RealtimeMonitoring))
        checks = Checks(f"InferenceComponent {id}")
        _check_model(checks, endpoint, model)
        compute.check_fit(checks, endpoint.instance_type)
        remedy = "create it with 1 and let autoscaling take it to 0"
        checks.limit("copies", copies, facts.COPY_COUNT_AT_CREATION, remedy)
        checks.limit("inference_component_name", inference_component_name, facts.NAME, facts.NAME.fix)
        download, health = model_data_download_timeout_in_seconds, container_startup_health_check_timeout_in_seconds
        checks.limit("model_data_download_timeout_in_seconds", download, specifications.STARTUP_TIMEOUTS)
        checks.limit("container_startup_health_check_timeout_in_seconds", health, specifications.STARTUP_TIMEOUTS)
        if autoscaling is not None:
            check_policy_names(checks, "autoscaling", autoscaling.tracking, scaling.COPY_COUNT_DIMENSION)
        checks.done()
        super().__init__(scope, id)
        self.endpoint = endpoint
        self.model = model
        digest = _digest(endpoint)
        given = inference_component_name
        self.inference_component_name = _name(self, digest) if given is None else given
        resource = _Cfn(
            self,
            "Resource",
            endpoint_name=endpoint.endpoint_name,
            variant_name=endpoint.variant_name,
            inference_component_name=self.inference_component_name,
            specification=_Cfn.InferenceComponentSpecificationProperty(
                model_name=model.model_name,
                compute_resource_requirements=compute.render(),
                startup_parameters=_startup(download, health),
            ),
            runtime_config=_Cfn.InferenceComponentRuntimeConfigProperty(copy_count=copies),
        )
        # CloudFormation takes a change of the endpoint for an update, which SageMaker does not have: another logical
        # id makes it a replacement.
        resource.override_logical_id(f"{Stack.of(self).get_logical_id(resource)}{digest}")
        self.inference_component_arn = resource.attr_inference_component_arn
        endpoint.add_component(self)
        if autoscaling is not None:
            scale_copies(self._scaled(resource), autoscaling)
        self._watch(monitoring, monitoring.of_component(self) if monitoring else ())

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard of CloudWatch."""
        return of_copies(self)

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` call ``InvokeEndpoint`` for this component; a request is checked for the endpoint too."""
        return _grant(grantee, [self.endpoint.endpoint_arn, self.inference_component_arn])

    def grant_component(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee``, who may call the endpoint already, call this component of it."""
        return _grant(grantee, [self.inference_component_arn])

    def _scaled(self, resource: CfnResource) -> Scaled:
        return Scaled(
            scope=self,
            dimension=scaling.COPY_COUNT_DIMENSION,
            resource_id=scaling.COMPONENT_RESOURCE_ID.format(component=self.inference_component_name),
            metric_dimensions=self.metric_dimensions,
            # The id holds the name as a text, so nothing else makes the target wait for the component.
            resource=resource,
        )


def _check_model(checks: Checks, endpoint: ComponentEndpoint, model: BaseModel) -> None:
    """Note where the model differs from the endpoint: SageMaker places only what is equal in all three."""
    role = "model must have the execution role of the endpoint; give the model execution_role=endpoint.execution_role"
    checks.require(model.execution_role.role_arn == endpoint.execution_role.role_arn, role, facts.COMPATIBLE_MODEL)
    network = "model and endpoint must be in one network; give the model vpc_config=endpoint.vpc_config"
    checks.require(model.is_in_vpc == (endpoint.vpc_config is not None), network, facts.COMPATIBLE_MODEL)
    isolation = f"model must have the network_isolation of the endpoint, {endpoint.network_isolation}; give it the same"
    checks.require(model.network_isolation == endpoint.network_isolation, isolation, facts.COMPATIBLE_MODEL)


def _grant(grantee: iam.IGrantable, arns: list[str]) -> iam.Grant:
    return iam.Grant.add_to_principal(grantee=grantee, actions=["sagemaker:InvokeEndpoint"], resource_arns=arns)


def _startup(
    download: int | None, health: int | None
) -> sagemaker.CfnInferenceComponent.InferenceComponentStartupParametersProperty | None:
    if download is None and health is None:
        return None
    return _Cfn.InferenceComponentStartupParametersProperty(
        model_data_download_timeout_in_seconds=download,
        container_startup_health_check_timeout_in_seconds=health,
    )


def _digest(endpoint: ComponentEndpoint) -> str:
    """Changes with what SageMaker cannot change in a component: its endpoint and its variant."""
    identity = "|".join([*endpoint.identity, endpoint.variant_name])
    return hashlib.sha256(identity.encode()).hexdigest()[:_DIGEST_LENGTH].upper()


def _name(component: Construct, digest: str) -> str:
    """A name that changes whenever the logical id does: CloudFormation has no attribute for the one that AWS makes."""
    name = Names.unique_resource_name(component, max_length=facts.NAME_LENGTH - _DIGEST_LENGTH - 1, separator="-")
    return f"{name}-{digest.lower()}"
