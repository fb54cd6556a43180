"""Which fleet of an endpoint a request goes to: the one place that knows of an update's old and new fleet."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constructs_lib.local.store import EndpointRecord, VariantRecord


@dataclass(frozen=True, slots=True)
class Traffic:
    """A fleet: the endpoint configuration it was made from, its live variants, its probability for a request."""

    config_name: str
    variants: dict[str, VariantRecord]
    probability: float


def traffic_of(endpoint: EndpointRecord) -> tuple[Traffic, ...]:
    """The fleets that serve an endpoint at this moment; their probabilities add up to 1.

    It is one, except while an update shifts the requests: then the old one comes first. Call it under the store's lock.
    """
    rollout = endpoint.rollout
    share = rollout.share if rollout else 0.0
    fleets = [Traffic(endpoint.config_name, endpoint.variants, 1.0 - share)]
    if rollout:
        fleets.append(Traffic(rollout.config_name, rollout.variants, share))
    return tuple(fleet for fleet in fleets if fleet.probability > 0)


def fleet_for_request(
    endpoint: EndpointRecord, target_variant: str | None = None, chooser: random.Random | None = None
) -> Traffic:
    """The fleet that one request goes to, drawn by probability; of those that have `target_variant`, if it is named."""
    fleets = traffic_of(endpoint)
    having = [fleet for fleet in fleets if target_variant in fleet.variants]
    candidates = having or list(fleets)
    return (chooser or random.Random()).choices(candidates, [fleet.probability for fleet in candidates])[0]
