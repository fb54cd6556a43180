"""Which production variant answers a request, and whether the shadow variant gets a copy of it. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.local.endpoints.traffic import fleet_for_request
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.local.store import EndpointRecord, VariantRecord


@dataclass(frozen=True)
class Route:
    """The variant that answers, and the shadow that gets a copy of this request, if one does."""

    variant: VariantRecord
    shadow: VariantRecord | None


class Router:
    """Draws by `chooser`: hand in a seeded one to know what it draws. Call it under the store's lock."""

    def __init__(self, chooser: random.Random | None = None) -> None:
        self._chooser = chooser or random.Random()

    def route(self, endpoint: EndpointRecord, target: str | None) -> Route:
        """By weight, or the variant called `target`; raises ValidationError when there is none of that name."""
        fleet = fleet_for_request(endpoint, target, self._chooser)
        production = [variant for variant in fleet.variants.values() if not variant.is_shadow]
        if target is None:
            variant = self._by_weight(production)
        else:
            named = [variant for variant in production if variant.name == target]
            if not named:
                raise AwsError("ValidationError", f"Variant {target} not found for endpoint {endpoint.name}.")
            variant = named[0]
        shadows = [shadow for shadow in fleet.variants.values() if shadow.is_shadow]
        copied = next((shadow for shadow in shadows if self.takes(sampling_of(shadow, variant))), None)
        return Route(variant, copied)

    def _by_weight(self, variants: list[VariantRecord]) -> VariantRecord:
        weights = [variant.weight for variant in variants]
        # All of them 0 is not told of in AWS's documents; a request has to go somewhere.
        return self._chooser.choices(variants, weights)[0] if any(weights) else variants[0]

    def takes(self, percentage: float) -> bool:
        """Whether this request is one of `percentage` (0 to 100) of all requests."""
        return self._chooser.random() * 100 < percentage


def sampling_of(shadow: VariantRecord, production: VariantRecord) -> float:
    """The percentage of requests that a shadow variant gets: its weight in relation to the production variant's.

    Equal weights, as in AWS's example (https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html),
    copy every request; a weight of 0 copies none.
    """
    if not shadow.weight:
        return 0.0
    return min(100.0, 100 * shadow.weight / production.weight) if production.weight else 100.0
