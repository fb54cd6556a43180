"""Production variants."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import config, endpoint, instance_variant, model, realtime, serverless
from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed, template

_VARIANT = "Config.ProductionVariants.0"
_ROUTING = f"{_VARIANT}.RoutingConfig"
_PREFIX = {"PrefixLength": 1024, "ConcurrencyThreshold": 10}


def _several(count: int) -> Document:
    """Model, Config: a configuration of several variants on instances."""
    variants = [instance_variant(f"Variant{number}") for number in range(count)]
    for variant in variants:
        del variant["InitialInstanceCount"]  # so that many of them are within the quota
    return template(Model=model(), Config=config(*variants), Endpoint=endpoint())


def _pools(count: int = 2) -> Document:
    """Model, Config, Endpoint: a variant that takes the first of some instance types that is to be had."""
    types = ("ml.m5.large", "ml.m5.xlarge", "ml.c5.large", "ml.c5.xlarge", "ml.c5.2xlarge", "ml.m4.xlarge")
    pools = [{"InstanceType": name, "Priority": min(place, 5)} for place, name in enumerate(types[:count], start=1)]
    variant = instance_variant(InstancePools=pools)
    del variant["InstanceType"]
    return template(Model=model(), Config=config(variant), Endpoint=endpoint())


def _prefix_routing() -> Document:
    return changed(realtime(), {_ROUTING: {"RoutingStrategy": "PREFIX_AWARE", "PrefixAwareRoutingConfig": _PREFIX}})


def _mixed() -> Document:
    document = _several(2)
    settings = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    place = "Config.ProductionVariants.1"
    return changed(document, {f"{place}.InstanceType": ABSENT, f"{place}.ServerlessConfig": settings})


EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "VAR-NAME": (
        boundary(realtime(), f"{_VARIANT}.VariantName", passes="a" * 63, fails="a" * 64),
        boundary(_several(2), "Config.ProductionVariants.1.VariantName", passes="Other", fails="Variant0"),
    ),
    "CFG-NAME": boundary(
        realtime(), "Config.EndpointConfigName", passes=ABSENT, fails="a" * 64, also=["CFN-CFG-REPLACE"]
    ),
    "EP-NAME": boundary(realtime(), "Endpoint.EndpointName", passes="a" * 63, fails="a" * 64),
    "VAR-MODEL-NAME": boundary(
        _pools(), f"{_VARIANT}.InstancePools.0.ModelNameOverride", passes="classifier", fails="ENTER MODEL NAME"
    ),
    "VAR-COUNT": Example(_several(10), _several(11)),
    "VAR-WEIGHT": (
        boundary(realtime(), f"{_VARIANT}.InitialVariantWeight", passes=0.5, fails=-0.5),
        boundary(realtime(), f"{_VARIANT}.InitialVariantWeight", passes=ABSENT, fails=0),
    ),
    "VAR-INITCOUNT": boundary(realtime(), f"{_VARIANT}.InitialInstanceCount", passes=1, fails=0),
    "VAR-XOR-SLS": (
        boundary(serverless(), f"{_VARIANT}.InstanceType", passes=ABSENT, fails="ml.m5.large"),
        boundary(_several(1), f"{_VARIANT}.InstanceType", passes="ml.m5.large", fails=ABSENT),
    ),
    "VAR-NOMIX-SLS": Example(_several(2), _mixed()),
    "VAR-VOLUME": boundary(realtime(), f"{_VARIANT}.VolumeSizeInGB", passes=512, fails=513),
    "VAR-DL-TMO": boundary(realtime(), f"{_VARIANT}.ModelDataDownloadTimeoutInSeconds", passes=3600, fails=3601),
    "VAR-HC-TMO": boundary(realtime(), f"{_VARIANT}.ContainerStartupHealthCheckTimeoutInSeconds", passes=60, fails=59),
    "VAR-POOL-COUNT": Example(_pools(5), _pools(6)),
    "VAR-POOL-TYPE": boundary(_pools(), f"{_VARIANT}.InstanceType", passes=ABSENT, fails="ml.m5.large"),
    "VAR-POOL-PRIO": boundary(_pools(), f"{_VARIANT}.InstancePools.1.Priority", passes=5, fails=6),
    "VAR-POOL-TMO": boundary(_pools(), f"{_VARIANT}.VariantInstanceProvisionTimeoutInSeconds", passes=300, fails=299),
    "VAR-EI": boundary(realtime(), f"{_VARIANT}.AcceleratorType", passes=ABSENT, fails="ml.eia2.medium"),
    "VAR-ROUTING": boundary(realtime(), f"{_ROUTING}.RoutingStrategy", passes="RANDOM", fails="KV_AWARE"),
    "VAR-PREFIX": (
        boundary(_prefix_routing(), f"{_ROUTING}.PrefixAwareRoutingConfig.PrefixLength", passes=1024, fails=ABSENT),
        boundary(_prefix_routing(), f"{_ROUTING}.RoutingStrategy", passes="PREFIX_AWARE", fails="RANDOM"),
    ),
    "VAR-PREFIX-LENGTH": boundary(
        _prefix_routing(), f"{_ROUTING}.PrefixAwareRoutingConfig.PrefixLength", passes=65_536, fails=65_537
    ),
    "VAR-PREFIX-THRESHOLD": boundary(
        _prefix_routing(), f"{_ROUTING}.PrefixAwareRoutingConfig.ConcurrencyThreshold", passes=1024, fails=1025
    ),
    "XREGION": boundary(
        realtime(),
        "Config.CrossRegionTrafficConfig",
        passes=ABSENT,
        fails={"MaxInvocationsPerSecondPerInstance": 100, "MaxCrossRegionPercentPerEndpoint": 50},
    ),
    "VAR-SSM-NETISO": boundary(
        changed(realtime(), {f"{_VARIANT}.EnableSSMAccess": True}),
        "Model.EnableNetworkIsolation",
        passes=False,
        fails=True,
    ),
}
