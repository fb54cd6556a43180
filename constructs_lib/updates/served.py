"""Whether the live configuration, models and images are those of a template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from constructs_lib.facts import updates
from constructs_lib.rules.rule import Problem
from constructs_lib.templates.relations import Variant
from constructs_lib.templates.template import Node
from constructs_lib.templates.values import is_literal
from constructs_lib.updates.endpoint import Side
from constructs_lib.updates.live import Answer, Live, name_in
from constructs_lib.updates.refusals import Found
from constructs_lib.updates.values import same, shown

_DEPLOY_AGAIN = "look at FailureReason, the rollback alarms and the stack's events, then deploy again"
_NOT_COMPARED = ("Tags", "EndpointConfigName")
_DIGEST = "@sha256:"


def configuration(side: Side, described: Answer, ids: Mapping[str, str], live: Live) -> Found:
    """The endpoint runs on the stack's configuration, and that is the intended one."""
    config = side.config
    if config is None:
        return
    running, wanted = described["EndpointConfigName"], ids.get(config.resource.logical_id, "")
    if wanted and name_in(wanted) != running.lower():
        reason = f": {described['FailureReason']}" if described.get("FailureReason") else ""
        yield (
            updates.LIVE_CONFIG,
            Problem(
                side.endpoint.at("EndpointConfigName"),
                f"endpoint {described['EndpointName']} is {described['EndpointStatus']} on configuration {running}, "
                f"not on {name_in(wanted)}: it was rolled back, or somebody updated it{reason}",
                _DEPLOY_AGAIN,
            ),
        )
    answer = live.config(running)
    if answer is None:
        message = f"configuration {running}, on which endpoint {described['EndpointName']} runs, was deleted"
        yield updates.LIVE_CONFIG, Problem(side.endpoint.at("EndpointConfigName"), message, _DEPLOY_AGAIN)
        return
    for place, found in unlike(config, answer):
        if place.path[1] not in _NOT_COMPARED:
            yield (
                updates.LIVE_CONFIG,
                Problem(
                    place, f"{_named(place)} is {shown(found, place.path)} in configuration {running}", _DEPLOY_AGAIN
                ),
            )


def models(side: Side, described: Answer, live: Live) -> Found:
    """Each variant serves the image and the artifact that are intended."""
    config = live.config(described["EndpointConfigName"]) or {}
    keys = ("ProductionVariants", "ShadowProductionVariants")
    served = {row["VariantName"]: row.get("ModelName") for key in keys for row in config.get(key, [])}
    images = {row["VariantName"]: row.get("DeployedImages", []) for key in keys for row in described.get(key, [])}
    for variant in side.variants:
        name = served.get(variant.name or "")
        if variant.model is None or name is None:
            continue
        answer = live.model(name)
        if answer is None:
            yield _deleted(variant, name)
            continue
        for member in ("PrimaryContainer", "Containers"):
            for place, found in unlike(variant.model.at(member), answer.get(member) or {}):
                message = f"{_named(place)} is {shown(found, place.path)} in model {name} of variant {variant.name}"
                yield updates.LIVE_MODEL, Problem(place, message, _DEPLOY_AGAIN)
        yield from images_of(variant, images.get(variant.name or "", []))


def _deleted(variant: Variant, name: str) -> tuple[Any, Problem]:
    return (
        updates.LIVE_MODEL,
        Problem(
            variant.node.at("ModelName"),
            f"model {name}, which variant {variant.name} serves, was deleted: new instances cannot start",
            "deploy again, so that the variant gets a model that exists",
        ),
    )


def images_of(variant: Variant, deployed: Sequence[Answer]) -> Found:
    """The images that run; with a digest in the template, the very one."""
    assert variant.model is not None
    for container in (variant.model.at("PrimaryContainer"), *variant.model.at("Containers").items):
        image = container.at("Image").text
        if image is None or not deployed:
            continue
        running = {row.get("SpecifiedImage"): str(row.get("ResolvedImage", "")) for row in deployed}
        if image not in running:
            message = f"variant {variant.name} runs {', '.join(map(str, running))} in place of {image}"
        elif _DIGEST in image and image.rpartition(_DIGEST)[2] not in running[image]:
            message = f"variant {variant.name} runs {running[image]} in place of {image}"
        else:
            continue
        yield updates.LIVE_MODEL, Problem(container.at("Image"), message, _DEPLOY_AGAIN)


def unlike(intended: Node, found: Any) -> Iterator[tuple[Node, Any]]:
    """The places written in the template that are otherwise in an answer of AWS's; what it adds counts for nothing."""
    if isinstance(intended.value, dict):
        members = found if isinstance(found, dict) else {}
        for name, place in intended.entries:
            yield from unlike(place, members.get(name))
    elif isinstance(intended.value, list):
        items = found if isinstance(found, list) else []
        for index, place in enumerate(intended.items):
            yield from unlike(place, items[index] if index < len(items) else None)
    elif is_literal(intended.value) and not same(intended.value, _plain(found)):
        yield intended, "(none)" if found is None else found


def _plain(found: Any) -> Any:
    """A number as a template writes it: the API gives 1.0 for 1."""
    return int(found) if isinstance(found, float) and found.is_integer() else found


def _named(place: Node) -> str:
    return f"{'.'.join(map(str, place.path[1:]))}, intended as {shown(place.value, place.path)},"
