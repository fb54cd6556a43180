"""One endpoint before and after an update, as the refusals and the estimate look at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from constructs_lib.facts.deployment import FALLBACK_FAMILY
from constructs_lib.facts.instances import family
from constructs_lib.facts.updates import RETAINED
from constructs_lib.templates.relations import (
    Variant,
    components_of,
    config_of,
    production_variants,
    variants_of,
)
from constructs_lib.templates.scaling import Scaled, scaled
from constructs_lib.templates.template import Node, Template

BLUE_GREEN, ROLLING = "BlueGreenUpdatePolicy", "RollingUpdatePolicy"
_EXCLUDED = "ExcludeRetainedVariantProperties"


@dataclass(frozen=True, slots=True)
class Side:
    """An endpoint in one of the two templates; ``config`` is ``None`` where the template does not hold it."""

    template: Template
    endpoint: Node

    @property
    def config(self) -> Node | None:
        """The endpoint configuration."""
        return config_of(self.template, self.endpoint)

    @property
    def production(self) -> list[Variant]:
        """The production variants."""
        return production_variants(self.template, self.config)

    @property
    def variants(self) -> list[Variant]:
        """All variants, shadows too."""
        return variants_of(self.template, self.config)

    @property
    def by_name(self) -> Mapping[str, Variant] | None:
        """The production variants by name; ``None`` where a name is known only at deploy time."""
        names = [variant.name for variant in self.production]
        known = [name for name in names if name is not None]
        if len(known) != len(names) or not known:
            return None
        return dict(zip(known, self.production, strict=True))

    @property
    def is_serverless(self) -> bool:
        """Whether a variant is known to be serverless."""
        return any(variant.is_serverless for variant in self.production)

    @property
    def is_asynchronous(self) -> bool | None:
        """Whether the configuration has an AsyncInferenceConfig; ``None`` where the template does not tell."""
        place = None if self.config is None else self.config.at("AsyncInferenceConfig")
        return None if place is None or not (place.known or place.missing) else place.given

    @property
    def components(self) -> list[Node]:
        """The inference components that the template places on the endpoint."""
        return components_of(self.template, self.endpoint)

    def targets(self, dimension: str) -> Mapping[str, Scaled]:
        """The scalable targets of a dimension by the name of the variant that they scale."""
        found = [item for item in scaled(self.template) if item.dimension == dimension and self._owns(item)]
        return {item.variant.name: item for item in found if item.variant is not None and item.variant.name}

    def _owns(self, item: Scaled) -> bool:
        return item.endpoint is not None and item.endpoint.resource.logical_id == self.endpoint.resource.logical_id


@dataclass(frozen=True, slots=True)
class Update:
    """An endpoint that both templates have."""

    old: Side
    new: Side

    @property
    def surviving(self) -> Iterator[tuple[str, Variant, Variant]]:
        """The variants that keep their names, as they were and as they will be."""
        before, after = self.old.by_name or {}, self.new.by_name or {}
        for name in before:
            if name in after:
                yield name, before[name], after[name]

    @property
    def removed(self) -> frozenset[str]:
        """The names of variants that go; none where names are not known."""
        before, after = self.old.by_name, self.new.by_name
        return frozenset() if before is None or after is None else frozenset(before.keys() - after.keys())

    @property
    def deployment(self) -> Node:
        """The DeploymentConfig by which the update goes: the new one, or with RetainDeploymentConfig the last one."""
        given = self.new.endpoint.at("DeploymentConfig")
        if given.missing and self.new.endpoint.at("RetainDeploymentConfig").flag is True:
            return self.old.endpoint.at("DeploymentConfig")
        return given

    @property
    def is_guarded(self) -> bool:
        """Whether a policy says how the update goes."""
        return self.deployment.at(BLUE_GREEN).given or self.deployment.at(ROLLING).given

    @property
    def falls_back(self) -> bool:
        """Whether SageMaker carries the update out all at once, whatever DeploymentConfig says."""
        variants = [*self.old.production, *self.new.production]
        types = [place.text or "" for variant in variants for place in variant.instance_types]
        return any(family(type_) == FALLBACK_FAMILY for type_ in types)

    def retains(self, what: str) -> bool:
        """Whether live variants keep a property over the update."""
        return keeps(self.new.endpoint, what)


def keeps(endpoint: Node, what: str) -> bool:
    """Whether the live variants of an endpoint keep a property over updates."""
    excluded = [item.at("VariantPropertyType").text for item in endpoint.at(_EXCLUDED).items]
    return RETAINED.allows(what) and endpoint.at("RetainAllVariantProperties").flag is True and what not in excluded
