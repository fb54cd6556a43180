"""How a batch is cut into jobs, and how many of them run at once."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.facts import instance_quotas, workflows
from constructs_lib.tokens import is_token

_ACCOUNT_QUOTA = int(instance_quotas.INSTANCES_OF_ALL_TRANSFORM_JOBS.maximum)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sharding:
    """How the objects of a batch are cut into shards; each is a transform job of its own.

    Give one of ``count``, ``objects_per_shard`` and ``megabytes_per_shard``. Up to 40 jobs at once run in an inline Map
    where its history holds them; beyond, a Distributed Map runs each in an execution of its own.

    :param count: as many shards, or one for each object where there are fewer; of about as many bytes each.
    :param objects_per_shard: at most so many objects in a shard.
    :param megabytes_per_shard: at most so many MB in a shard, or one larger object.
    :param max_shards: more shards fail the execution before any instance is paid for; ``count``, or 100 by default.
    :param instance_quota: instances that transform jobs of the account may use at once, 4 in a new account; as many
        jobs as that allows run at the same time.
    :param max_concurrency: jobs at the same time; by default as many as the quota allows.
    :raises InvalidConfiguration: with every wrong value.
    """

    count: int | None = None
    objects_per_shard: int | None = None
    megabytes_per_shard: int | None = None
    max_shards: int | None = None
    instance_quota: int = _ACCOUNT_QUOTA
    max_concurrency: int | None = None

    def __post_init__(self) -> None:
        checks = Checks("Sharding")
        sizes = (self.count, self.objects_per_shard, self.megabytes_per_shard)
        given = [size for size in sizes if size is not None]
        one = "one of count, objects_per_shard and megabytes_per_shard must be given"
        one = f"{one}, got {len(given)} of them; give just one"
        checks.require(len(given) == 1, one, workflows.HISTORY)
        for name in (
            "count",
            "objects_per_shard",
            "megabytes_per_shard",
            "max_shards",
            "instance_quota",
            "max_concurrency",
        ):
            value = getattr(self, name)
            problem = f"{name} must be a number that is known in the synthesis; it decides for a kind of Map"
            checks.require(not is_token(value), problem, workflows.HISTORY)
            problem = f"{name} must be at least 1, got {value}; raise it, or leave it out"
            checks.require(value is None or is_token(value) or value >= 1, problem, workflows.HISTORY)
        checks.limit("max_concurrency", self.max_concurrency, workflows.DISTRIBUTED_MAP_CONCURRENCY)
        checks.limit("max_shards", self.shards_at_most, workflows.DISTRIBUTED_MAP_CONCURRENCY)
        checks.done()

    @property
    def by(self) -> tuple[str, int]:
        """What a shard is measured in, and how many of them."""
        if self.count is not None:
            return "count", self.count
        if self.objects_per_shard is not None:
            return "objects", self.objects_per_shard
        return "megabytes", self.megabytes_per_shard or 1

    @property
    def shards_at_most(self) -> int:
        """More shards than that never run."""
        return self.max_shards or self.count or 100

    def check(self, checks: Checks, instance_count: int) -> None:
        """Note a problem unless the wanted jobs at once, of so many instances each, stay within the quota."""
        if is_token(instance_count):
            return
        wanted = (self.max_concurrency or 1) * instance_count
        jobs = "" if self.max_concurrency is None else f"max_concurrency {self.max_concurrency} x "
        problem = (
            f"{jobs}instance_count {instance_count} must be at most sharding.instance_quota {self.instance_quota}, "
            f"got {wanted}; lower it, or raise the quota of the account and say so there"
        )
        checks.require(wanted <= self.instance_quota, problem, instance_quotas.INSTANCES_OF_ALL_TRANSFORM_JOBS)

    def concurrency(self, instance_count: int) -> int:
        """Jobs at the same time; one where their instances are known only at deploy time."""
        if self.max_concurrency is not None:
            return min(self.max_concurrency, self.shards_at_most)
        at_once = 1 if is_token(instance_count) else self.instance_quota // instance_count
        return max(1, min(at_once, self.shards_at_most))
