"""The containers of a model, read from its CreateModel request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.local.containers.artifact import Artifact
from constructs_lib.local.endpoints.targets import Targets

if TYPE_CHECKING:
    from constructs_lib.local.store import ModelRecord, Payload

PRIMARY = "primary"


@dataclass(frozen=True, kw_only=True)
class ModelContainer:
    """One container of a model. `models_prefix` is where a container in MultiModel mode finds its models, None in
    SingleModel mode; `caches_models` is false for a ModelCacheSetting of Disabled."""

    name: str
    image: str
    artifact: Artifact | None
    environment: dict[str, str]
    models_prefix: str | None = None
    caches_models: bool = True


def containers_of(model: ModelRecord) -> list[ModelContainer]:
    """Every container in the order of the request, the primary one alone when there are not several.

    What the record says of its first container goes over the request: a transform job adds to its environment.
    """
    first, *others = definitions_of(model.definition)
    own: Payload = first | {"Image": model.image, "Environment": model.environment}
    if "ModelDataSource" not in first:
        own["ModelDataUrl"] = model.artifact
    every = [own, *others]
    return [_container(each, name) for each, name in zip(every, names_of(every), strict=True)]


def definitions_of(request: Payload) -> list[Payload]:
    """The ContainerDefinitions of a CreateModel request; one empty definition when it has none."""
    return list(request.get("Containers") or [request.get("PrimaryContainer") or {}])


def names_of(definitions: list[Payload]) -> list[str]:
    """What each container is called in errors and metrics: its ContainerHostname, or its place."""
    if len(definitions) == 1:
        return [PRIMARY]
    return [each.get("ContainerHostname") or f"container-{place}" for place, each in enumerate(definitions, start=1)]


def is_direct(model: ModelRecord) -> bool:
    """Whether a request chooses its container, instead of going through all of them."""
    return bool(model.definition.get("InferenceExecutionConfig", {}).get("Mode") == "Direct")


def targets_of(model: ModelRecord) -> Targets:
    """What a request to this model has to name."""
    every = containers_of(model)
    return Targets(
        hostnames=tuple(each.name for each in every) if is_direct(model) else (),
        of_models=frozenset(each.name for each in every if each.models_prefix is not None),
    )


def _container(definition: Payload, name: str) -> ModelContainer:
    serves_many = definition.get("Mode") == "MultiModel"
    return ModelContainer(
        name=name,
        image=definition["Image"],
        artifact=None if serves_many else _artifact(definition),
        environment=dict(definition.get("Environment") or {}),
        models_prefix=definition["ModelDataUrl"] if serves_many else None,
        caches_models=definition.get("MultiModelConfig", {}).get("ModelCacheSetting") != "Disabled",
    )


def _artifact(definition: Payload) -> Artifact | None:
    source = definition.get("ModelDataSource", {}).get("S3DataSource")
    if source:
        return Artifact(source["S3Uri"], source["S3DataType"], source["CompressionType"])
    url = definition.get("ModelDataUrl")
    return Artifact(url) if url else None
