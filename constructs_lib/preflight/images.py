"""Container images: that they are there, in a form that SageMaker takes, for the processors that run them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constructs_lib.facts import account as facts
from constructs_lib.facts import instances, serverless
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import COMPONENT, MODEL
from constructs_lib.preflight import manifests
from constructs_lib.preflight.check import Check
from constructs_lib.preflight.findings import found, unanswered, unjudged
from constructs_lib.preflight.manifests import Name
from constructs_lib.preflight.serving import instance_types, serving
from constructs_lib.preflight.target import Target
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.relations import containers
from constructs_lib.templates.template import Node

_TITLE = "images are there, and fit"
_GIB = 1024**3
_LOOK = "look at the image yourself"
# A manifest is what the maker of an image pushed, which need not be one.
_MALFORMED = (AttributeError, KeyError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Used:
    """An image, and the instance types that run it; ``is_serverless``: a serverless variant does."""

    node: Node
    uri: str
    types: tuple[str, ...] = ()
    is_serverless: bool = False


def _images(target: Target) -> Iterator[Used | Finding]:
    for node, model in _places(target):
        if node.missing:
            continue
        if node.text is None:
            why, fix = target.why_unknown(node)
            yield unjudged(node, f"the image is not known: {why}", fix)
        elif model is None:
            yield Used(node, node.text)
        else:
            types = tuple(instance_types(target.template, model))
            serverless_too = any(variant.is_serverless for variant in serving(target.template, model))
            yield Used(node, node.text, types, serverless_too)


def _places(target: Target) -> Iterator[tuple[Node, Node | None]]:
    """Every image, with the model whose container it is; an inference component may have one of its own."""
    for model in target.template.of(MODEL):
        for container in containers(model):
            yield container.at("Image"), model
    for component in target.template.of(COMPONENT):
        yield component.at("Specification", "Container", "Image"), None


def _judge(target: Target, used: Used) -> Iterator[Finding]:
    name = Name.of(used.uri)
    if name is None or name.region != target.account.region:
        where = "outside of ECR" if name is None else f"in {name.region}"
        yield unjudged(used.node, f"{used.uri} is {where}", _LOOK)
    elif (name.repository, name.tag) in target.assets.images:
        yield from _built_here(used, target.assets.images[name.repository, name.tag])
    else:
        yield from _in_ecr(target, used, name)


def _built_here(used: Used, platform: str | None) -> Iterator[Finding]:
    """An image that the deployment builds and pushes: all that is known is the platform it is built for."""
    architecture = manifests.architecture_of(platform)
    if architecture is not None:
        yield from _architecture(used, frozenset({architecture}))
    unknown = "how large it is" if architecture else "how large it is and for which processors"
    yield unjudged(used.node, f"this deployment builds the image, so {unknown}", "look again once it is pushed")


def _in_ecr(target: Target, used: Used, name: Name) -> Iterator[Finding]:
    try:
        image = manifests.read(target.account, name)
    except (OSError, ValueError, *_MALFORMED) as error:
        yield unanswered(used.node, error, "what the image is made for")
        return
    if image is None:
        message = f"there is no image {used.uri}"
        yield found(facts.IMAGE_EXISTS, used.node, message, "push it there, or give the tag that it has")
        return
    if not facts.IMAGE_MANIFEST.allows(image.media_type):
        yield found(
            facts.IMAGE_MANIFEST,
            used.node,
            f"{facts.IMAGE_MANIFEST.what} must be {facts.IMAGE_MANIFEST}, {used.uri} has {image.media_type}",
            "build it by docker buildx build --provenance=false --output type=docker, for one platform, and push that",
        )
    yield from _size(used, image.size)
    yield from _architecture(used, image.architectures)


def _size(used: Used, size: int | None) -> Iterator[Finding]:
    limit = serverless.IMAGE_SIZE
    if not used.is_serverless:
        return
    if size is None:
        yield unjudged(used.node, "its size, since it is an image of several architectures", _LOOK)
    elif not limit.allows(size):
        yield found(
            limit,
            used.node,
            f"{limit.what} must be at most {limit.maximum / _GIB:g} GB, {used.uri} has {size / _GIB:.1f} GB packed",
            limit.fix,
            Severity.ERROR,
        )


def _architecture(used: Used, architectures: frozenset[str]) -> Iterator[Finding]:
    if used.types and not architectures:
        yield unjudged(used.node, f"nothing says for which processors {used.uri} is made", _LOOK)
    for name in used.types:
        hardware = instances.hardware(name)
        if hardware is None:
            yield unjudged(used.node, f"which processors {name} has is not known here", _LOOK)
        elif architectures and hardware.architecture not in architectures:
            yield found(
                facts.IMAGE_ARCHITECTURE,
                used.node,
                f"{name} has {hardware.architecture} processors, {used.uri} is made for "
                f"{' and '.join(sorted(architectures))}",
                f"build it for {_PLATFORMS[hardware.architecture]}, or choose another instance type",
            )


_PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64 (AWS Graviton)"}

IMAGES = Check(_TITLE, _images, _judge)
