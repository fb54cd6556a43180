"""Inference components, and the managed instance scaling of the variants that hold them."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import ARTIFACT, ROLE_ARN, config, endpoint, model, realtime
from constructs_lib.rules.examples.example import (
    ABSENT,
    Document,
    Example,
    boundary,
    changed,
    get,
    resource,
    template,
)

_SPECIFICATION = "Component.Specification"
_VARIANT = "Config.ProductionVariants.0"
_IMAGE_IN_PARIS = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/classifier:1"


def component_variant(name: str = "AllTraffic", **properties: object) -> Document:
    """A variant on one to two GPU instances that waits for components."""
    return {
        "VariantName": name,
        "InstanceType": "ml.g5.12xlarge",
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 2},
        **properties,
    }


def component(**properties: object) -> Document:
    """A component of two copies of ``Model`` on ``Endpoint``, one GPU each."""
    given = {
        "EndpointName": get("Endpoint", "EndpointName"),
        "VariantName": "AllTraffic",
        "Specification": {
            "ModelName": get("Model", "ModelName"),
            "ComputeResourceRequirements": {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 8192},
        },
        "RuntimeConfig": {"CopyCount": 2},
        **properties,
    }
    return resource("AWS::SageMaker::InferenceComponent", **given)


def components() -> Document:
    """Model, Config, Endpoint, Component: an endpoint of inference components with one of them."""
    return template(
        Model=model(),
        Config=config(component_variant(), ExecutionRoleArn=ROLE_ARN),
        Endpoint=endpoint(),
        Component=component(),
    )


def adapters() -> Document:
    """The same with Adapter: a component that adapts Component."""
    document = changed(components(), {"Component.InferenceComponentName": "base"})
    specification = {
        "BaseInferenceComponentName": "base",
        "Container": {"ArtifactUrl": ARTIFACT},
    }
    document["Resources"]["Adapter"] = component(Specification=specification, RuntimeConfig={"CopyCount": 1})
    document["Resources"]["Adapter"]["DependsOn"] = "Component"
    return document


def on_cpu() -> Document:
    """Model, Config, Endpoint, Component: the same on CPU instances, in Paris where there are few others."""
    requirements = {"MinMemoryRequiredInMb": 8192}
    return changed(
        components(),
        {
            "Model.PrimaryContainer.Image": _IMAGE_IN_PARIS,
            f"{_VARIANT}.InstanceType": "ml.m5.2xlarge",
            f"{_SPECIFICATION}.ComputeResourceRequirements": requirements,
        },
    )


def without_component() -> Document:
    """Model, Config, Endpoint: an endpoint on CPU instances in Paris that waits for components."""
    document = on_cpu()
    del document["Resources"]["Component"]
    return document


def pooled() -> Document:
    """The same on a pool of two instance types, with a specification for each."""
    pools = [{"InstanceType": "ml.g5.2xlarge", "Priority": 1}, {"InstanceType": "ml.g6.2xlarge", "Priority": 2}]
    return changed(
        components(),
        {
            f"{_VARIANT}.InstanceType": ABSENT,
            f"{_VARIANT}.InstancePools": pools,
            _SPECIFICATION: ABSENT,
            "Component.Specifications": [specification(pool["InstanceType"]) for pool in pools],
        },
    )


def specification(type_: object) -> Document:
    """What one copy asks for on an instance type."""
    requirements = {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 8192}
    return {
        "InstanceType": type_,
        "ModelName": get("Model", "ModelName"),
        "ComputeResourceRequirements": requirements,
    }


def _without_order() -> Document:
    document = adapters()
    del document["Resources"]["Adapter"]["DependsOn"]
    return document


EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "IC-NAME": boundary(components(), "Component.InferenceComponentName", passes="c" * 63, fails="c" * 64),
    "IC-VARIANT-NOMODEL": boundary(components(), "Config.ExecutionRoleArn", passes=ROLE_ARN, fails=ABSENT),
    "IC-VARIANT-NAME": boundary(components(), "Component.VariantName", passes="AllTraffic", fails="Alltraffic"),
    "IC-ON-MODEL-ENDPOINT": Example(
        passes=components(),
        fails=template(**{**realtime()["Resources"], "Component": components()["Resources"]["Component"]}),
        also=frozenset({"IC-ACC"}),
    ),
    "IC-COMPAT": boundary(components(), "Model.ExecutionRoleArn", passes=ROLE_ARN, fails=f"{ROLE_ARN}2"),
    "VAR-NETISO-IC": boundary(realtime(), "Config.EnableNetworkIsolation", passes=False, fails=True),
    "IC-REGIONS": Example(passes=without_component(), fails=on_cpu(), region="eu-west-3"),
    "IC-COPY": boundary(components(), "Component.RuntimeConfig.CopyCount", passes=1, fails=-1),
    "COMPONENT-COPY-ZERO": boundary(components(), "Component.RuntimeConfig.CopyCount", passes=1, fails=0),
    "BASE-COMPONENT-DELETED-BEFORE-ADAPTERS": Example(passes=adapters(), fails=_without_order()),
}
