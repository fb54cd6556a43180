"""Asynchronous endpoints: their settings, what they exclude, and how they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from constructs_lib.facts import asynchronous
from constructs_lib.facts.paths import CONFIG, ENDPOINT, METHOD
from constructs_lib.rules.containers import DIRECT, execution_mode
from constructs_lib.rules.invocations import calls
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import PRODUCTION, containers, is_asynchronous, is_multi_model, variants
from constructs_lib.templates.template import Node, Template


def asynchronous_configs(template: Template) -> Iterator[Node]:
    """The endpoint configurations that are known to be asynchronous."""
    return (config for config in template.of(CONFIG) if config.at("AsyncInferenceConfig").known)


@rule(asynchronous.NO_SERVERLESS)
def on_instances(template: Template) -> Iterator[Problem]:
    """An asynchronous endpoint has no serverless variant."""
    for variant in variants(template):
        if variant.is_serverless and variant.config.at("AsyncInferenceConfig").known:
            yield Problem(
                variant.node.at("ServerlessConfig"),
                "an asynchronous endpoint must be on instances, this variant is serverless",
                "give InstanceType and InitialInstanceCount, or remove AsyncInferenceConfig",
            )


@rule(asynchronous.ONE_VARIANT)
def one_variant(template: Template) -> Iterator[Problem]:
    """An asynchronous endpoint has one production variant."""
    for config in asynchronous_configs(template):
        given = config.at(PRODUCTION)
        if len(given.items) > asynchronous.ONE_VARIANT.maximum:
            yield Problem(
                given,
                f"an asynchronous endpoint must have {asynchronous.ONE_VARIANT.maximum} production variant, "
                f"got {len(given.items)}",
                "give each model an endpoint of its own",
            )


@rule(asynchronous.NO_INF1)
def no_inf1(template: Template) -> Iterator[Problem]:
    """An asynchronous endpoint is not on Inf1 instances."""
    for variant in variants(template):
        if not variant.config.at("AsyncInferenceConfig").known:
            continue
        for place in variant.instance_types:
            if (place.text or "").startswith(asynchronous.INF1_FAMILY):
                yield Problem(
                    place,
                    f"asynchronous inference is not supported on Inf1 instances, got {place.text}",
                    "take another instance type, such as one of Inf2, or remove AsyncInferenceConfig",
                )


@rule(asynchronous.NO_TARGET)
def nothing_to_name(template: Template) -> Iterator[Problem]:
    """The model of an asynchronous endpoint is one of which requests need not name a part."""
    for variant in variants(template):
        model = variant.model
        if model is None or not variant.config.at("AsyncInferenceConfig").known:
            continue
        multi_model = [container.at("Mode") for container in containers(model) if is_multi_model(container)]
        direct = [model.at("InferenceExecutionConfig", "Mode")] if execution_mode(model) == DIRECT else []
        for place in (*multi_model, *direct):
            yield Problem(
                place,
                "an asynchronous request cannot name the model or the container that it is for, "
                f"got a model of Mode {place.text}",
                "give each of them an endpoint of its own, or remove AsyncInferenceConfig",
            )


@rule(asynchronous.NOT_IN_REGION)
def region_has_asynchronous(template: Template) -> Iterator[Problem]:
    """AWS has not refused asynchronous inference in the Region."""
    if template.region in asynchronous.REGIONS_REFUSED:
        for config in asynchronous_configs(template):
            yield Problem(
                config.at("AsyncInferenceConfig"),
                f"asynchronous inference was not available in {template.region}",
                "check that the Region has it by now, or deploy to another Region",
            )


# The path of a call in the URI of an integration with SageMaker: what stands before and after the endpoint's name.
_BEFORE = re.compile(r":runtime\.sagemaker:path/+endpoints/$")
_AFTER = re.compile(r"/invocations(-response-stream)?$")
_CALL = re.compile(r"(.*:runtime\.sagemaker:path/+endpoints/)([^/]+)(/.*)")


@rule(asynchronous.ASYNCHRONOUS_ONLY)
def called_asynchronously(template: Template) -> Iterator[Problem]:
    """No API and no state machine calls an asynchronous endpoint in a synchronous way."""
    for method in template.of(METHOD):
        uri = method.at("Integration", "Uri")
        endpoint = _called(template, uri)
        if endpoint is not None and is_asynchronous(template, endpoint):
            yield Problem(
                uri,
                f"{endpoint.resource.logical_id} is asynchronous and takes no synchronous calls",
                "call path/endpoints/NAME/async-invocations, or remove AsyncInferenceConfig",
            )


@rule(asynchronous.ASYNCHRONOUS_ONLY)
def states_call_asynchronously(template: Template) -> Iterator[Problem]:
    """No state calls an asynchronous endpoint in a synchronous way."""
    for call in calls(template):
        endpoint = call.endpoint
        if endpoint is not None and call.is_synchronous and is_asynchronous(template, endpoint):
            yield Problem(
                call.task.state.node.at("Resource"),
                f"{endpoint.resource.logical_id} is asynchronous and takes no {call.task.action}",
                "call invokeEndpointAsync, or remove AsyncInferenceConfig",
            )


def _called(template: Template, uri: Node) -> Node | None:
    """The endpoint of this template that a URI calls synchronously."""
    parts = uri.parts
    if uri.text is not None:
        call = _CALL.fullmatch(uri.text)
        parts = call.groups() if call else ()
    for before, name, after in zip(parts, parts[1:], parts[2:], strict=False):
        if isinstance(before, str) and isinstance(after, str) and _BEFORE.search(before) and _AFTER.match(after):
            return template.follow(Node(uri.resource, uri.path, name), ENDPOINT)
    return None
