"""Serverless variants: what they exclude, where they are offered, and how much an account may have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from constructs_lib.facts import serverless
from constructs_lib.facts.limit import Limit, Severity
from constructs_lib.facts.paths import CONFIG, ENDPOINT, MONITORING_JOB_DEFINITIONS, MONITORING_SCHEDULE
from constructs_lib.rules.deployment import ROUTING
from constructs_lib.rules.rows import ordered
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import (
    Variant,
    config_of,
    containers,
    is_multi_model,
    production_variants,
    variants,
    variants_of,
)
from constructs_lib.templates.template import Node, Template

# As in the tags of AWS's own images, 2.1.0-gpu-py310-cu118-ubuntu20.04-sagemaker.
_FOR_GPUS = re.compile(r"(^|-)gpu(-|$)")


@rule(serverless.PROVISIONED_CONCURRENCY)
def provisioned_concurrency_within_maximum(template: Template) -> Iterator[Problem]:
    """Provisioned concurrency is from 1 to 200 and at most the maximum concurrency."""
    for variant in variants(template):
        settings = variant.node.at("ServerlessConfig")
        yield from ordered(settings.at("ProvisionedConcurrency"), settings.at("MaxConcurrency"))


@rule(serverless.MEMORY_SIZE_IN_MB)
def memory_given(template: Template) -> Iterator[Problem]:
    """MemorySizeInMB is given, from 1 GB to 6 GB in steps of 1 GB."""
    return _required(template, serverless.MEMORY_SIZE_IN_MB)


@rule(serverless.MAX_CONCURRENCY)
def concurrency_given(template: Template) -> Iterator[Problem]:
    """MaxConcurrency is given, from 1 to 200."""
    return _required(template, serverless.MAX_CONCURRENCY)


def _required(template: Template, limit: Limit) -> Iterator[Problem]:
    for variant in variants(template):
        settings = variant.node.at("ServerlessConfig")
        if settings.known and settings.at(limit.what).missing:
            yield Problem(settings, f"{limit.what} is required", f"give {limit.what}, {limit}")


@rule(serverless.NO_VPC)
def no_vpc(template: Template) -> Iterator[Problem]:
    """The model of a serverless variant has no VpcConfig."""
    return _excluded(template, serverless.NO_VPC, lambda model: bool(model.at("VpcConfig").entries))


@rule(serverless.NO_NETWORK_ISOLATION)
def no_network_isolation(template: Template) -> Iterator[Problem]:
    """The model of a serverless variant has no EnableNetworkIsolation."""
    return _excluded(
        template, serverless.NO_NETWORK_ISOLATION, lambda model: model.at("EnableNetworkIsolation").flag is True
    )


@rule(serverless.NO_PIPELINE)
def one_container(template: Template) -> Iterator[Problem]:
    """The model of a serverless variant has one container."""
    return _excluded(template, serverless.NO_PIPELINE, lambda model: len(containers(model)) > 1)


@rule(serverless.NO_MULTI_MODEL)
def one_model(template: Template) -> Iterator[Problem]:
    """The model of a serverless variant is not a multi-model one."""
    return _excluded(template, serverless.NO_MULTI_MODEL, _in_a_container(is_multi_model))


@rule(serverless.NO_MODEL_DATA_SOURCE)
def no_model_data_source(template: Template) -> Iterator[Problem]:
    """The model of a serverless variant has no ModelDataSource."""
    return _excluded(template, serverless.NO_MODEL_DATA_SOURCE, _in_a_container(_has_model_data_source))


@rule(serverless.NO_PRIVATE_REGISTRY)
def no_private_registry(template: Template) -> Iterator[Problem]:
    """The image of a serverless variant comes from Amazon ECR, not from a private registry."""
    return _excluded(template, serverless.NO_PRIVATE_REGISTRY, _in_a_container(_is_in_a_private_registry))


@rule(serverless.NO_GPU)
def no_image_for_gpus(template: Template) -> Iterator[Problem]:
    """The image of a serverless variant is not one for GPUs, as far as its tag says so."""
    for variant in variants(template):
        for container in containers(variant.model) if variant.is_serverless and variant.model is not None else ():
            image = container.at("Image")
            last = image.parts[-1] if image.parts else None
            tag = last.rpartition(":")[2] if isinstance(last, str) else ""
            if _FOR_GPUS.search(tag):
                yield Problem(
                    image,
                    f"a serverless variant has no GPU, and the image {tag} is made for one",
                    f"{serverless.NO_GPU.fix}, or serve it from instances (InstanceType)",
                    Severity.WARNING,
                )


@rule(serverless.NO_INSTANCE_COUNT)
def steps_are_shares(template: Template) -> Iterator[Problem]:
    """The steps of a deployment of a serverless endpoint are percentages."""
    for endpoint in template.of(ENDPOINT):
        for size in (endpoint.at(*ROUTING, name) for name in ("CanarySize", "LinearStepSize")):
            kind = size.at("Type")
            if kind.text == "INSTANCE_COUNT" and _serverless(template, config_of(template, endpoint)):
                yield Problem(
                    kind,
                    f"{size.path[-1]} must be a percentage for a serverless endpoint, got a number of instances",
                    "give Type CAPACITY_PERCENT",
                )


def _has_model_data_source(container: Node) -> bool:
    return bool(container.at("ModelDataSource").entries)


def _is_in_a_private_registry(container: Node) -> bool:
    return container.at("ImageConfig", "RepositoryAccessMode").text == "Vpc"


def _in_a_container(found: Callable[[Node], bool]) -> Callable[[Node], bool]:
    return lambda model: any(found(container) for container in containers(model))


def _excluded(template: Template, limit: Limit, found: Callable[[Node], bool]) -> Iterator[Problem]:
    """A problem for each serverless variant whose model has what the limit excludes."""
    for variant in variants(template):
        if variant.is_serverless and variant.model is not None and found(variant.model):
            yield Problem(
                variant.node.at("ServerlessConfig"),
                f"{limit.what} is not supported, {variant.model.resource.logical_id} has it",
                f"{limit.fix}, or serve it from instances (InstanceType)",
            )


@rule(serverless.ONE_VARIANT)
def one_variant(template: Template) -> Iterator[Problem]:
    """An endpoint configuration has one serverless production variant."""
    for config in template.of(CONFIG):
        found = [variant for variant in production_variants(template, config) if variant.is_serverless]
        for variant in found[serverless.ONE_VARIANT.maximum :]:
            yield Problem(
                variant.node.at("ServerlessConfig"),
                f"a serverless endpoint must have {serverless.ONE_VARIANT.maximum} production variant, "
                f"got {len(found)}",
                "give each model an endpoint of its own, or serve the variants from instances (InstanceType)",
            )


@rule(serverless.NO_DATA_CAPTURE)
def no_data_capture(template: Template) -> Iterator[Problem]:
    """An endpoint configuration with a serverless variant captures no data."""
    for config in template.of(CONFIG):
        capture = config.at("DataCaptureConfig")
        enabled = capture.at("EnableCapture")
        if capture.entries and (enabled.missing or enabled.flag) and _serverless(template, config):
            yield Problem(
                capture,
                "DataCaptureConfig is not supported with a serverless variant",
                "leave it out and log requests in the container or the caller, or serve from instances (InstanceType)",
            )


@rule(serverless.NO_MODEL_MONITOR)
def no_model_monitor(template: Template) -> Iterator[Problem]:
    """No monitoring job watches a serverless endpoint."""
    for named in _monitored(template):
        endpoint = template.follow(named, ENDPOINT)
        config = config_of(template, endpoint)
        if endpoint is not None and config is not None and _serverless(template, config):
            yield Problem(
                named,
                f"Model Monitor is not supported on a serverless endpoint, {endpoint.resource.logical_id} is one",
                "leave the monitoring out, or serve from instances (InstanceType)",
            )


def _monitored(template: Template) -> Iterator[Node]:
    """Every place that names the endpoint which a monitoring job reads."""
    for schedule in template.of(MONITORING_SCHEDULE):
        for given in schedule.at("MonitoringScheduleConfig", "MonitoringJobDefinition", "MonitoringInputs").items:
            yield given.at("EndpointInput", "EndpointName")
    for job in template.of(*MONITORING_JOB_DEFINITIONS):
        kind = job.resource.type.rpartition("::")[2].removesuffix("Definition")
        yield job.at(f"{kind}Input", "EndpointInput", "EndpointName")


def _serverless(template: Template, config: Node | None) -> list[Variant]:
    return [variant for variant in variants_of(template, config) if variant.is_serverless]
