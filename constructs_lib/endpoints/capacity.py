"""How much of a fleet an update takes at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from aws_cdk import aws_sagemaker as sagemaker

from constructs_lib.checks import Checks
from constructs_lib.facts import deployment as facts
from constructs_lib.facts.limit import Limit
from constructs_lib.tokens import is_token

_CfnEndpoint = sagemaker.CfnEndpoint
_PERCENT, _INSTANCES = "CAPACITY_PERCENT", "INSTANCE_COUNT"


@dataclass(frozen=True, slots=True)
class CapacitySize:
    """A part of a fleet: ``CapacitySize.percent(10)`` or ``CapacitySize.instances(1)``."""

    type: str
    value: int

    def __post_init__(self) -> None:
        checks = Checks("CapacitySize")
        checks.limit("type", self.type, facts.CAPACITY_TYPE)
        checks.limit("value", self.value, facts.CAPACITY_SIZE)
        checks.done()

    @classmethod
    def percent(cls, value: int) -> CapacitySize:
        """``value`` percent of the variant's instances; of few instances it is rounded up to a whole one."""
        return cls(_PERCENT, value)

    @classmethod
    def instances(cls, value: int) -> CapacitySize:
        """``value`` instances. AWS holds them against the count at the time of the update: at most half of it."""
        return cls(_INSTANCES, value)

    @property
    def steps(self) -> int:
        """In how many steps of this size all is replaced; 1 where that depends on the count."""
        if self.type != _PERCENT or is_token(self.value):
            return 1
        return ceil(100 / self.value)

    @property
    def is_count(self) -> bool:
        """Whether it counts instances."""
        return self.type == _INSTANCES

    def check(self, checks: Checks, argument: str, limit: Limit) -> None:
        """Note a problem with a percentage that AWS refuses."""
        if self.type == _PERCENT:
            checks.limit(argument, self.value, limit, "round it into that range")

    def render(self) -> sagemaker.CfnEndpoint.CapacitySizeProperty:
        """As CloudFormation writes it."""
        return _CfnEndpoint.CapacitySizeProperty(type=self.type, value=self.value)
