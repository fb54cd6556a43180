"""What Step Functions runs for one batch that succeeds: ``python -m benchmarks.batched OBJECTS OBJECTS_A_SHARD``."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk

from constructs_lib import BatchTransformPipeline, ContainerImage, Model, Sharding


def definition(objects_per_shard: int, shards: int) -> dict[str, Any]:
    """The state machine of a pipeline that cuts its batches so."""
    stack = cdk.Stack(cdk.App(), "Batch")
    image = ContainerImage.from_uri("123456789012.dkr.ecr.eu-west-1.amazonaws.com/classifier:1")
    sharding = Sharding(objects_per_shard=objects_per_shard, max_shards=shards)
    model = Model(stack, "Model", image=image)
    BatchTransformPipeline(stack, "Pipeline", model=model, instance_type="ml.m5.large", sharding=sharding)
    resources = cdk.assertions.Template.from_stack(stack).find_resources("AWS::StepFunctions::StateMachine")
    [machine] = resources.values()
    parts = machine["Properties"]["DefinitionString"]["Fn::Join"][1]
    return dict(json.loads("".join(part if isinstance(part, str) else "x" for part in parts)))


def executed(scope: Mapping[str, Any], shards: int) -> Counter[str]:
    """How often each kind of state is entered where nothing fails: a Choice goes its default way."""
    count: Counter[str] = Counter()
    name = scope["StartAt"]
    while name is not None:
        state = scope["States"][name]
        count[_kind(state)] += 1
        if state["Type"] == "Map":
            inner = executed(state["ItemProcessor"], 0)
            count += Counter({kind: number * shards for kind, number in inner.items()})
        name = state.get("Next") or state.get("Default")
    return count


def _kind(state: Mapping[str, Any]) -> str:
    return "function" if state.get("Resource", "").endswith(":lambda:invoke") else str(state["Type"])


def main(arguments: Sequence[str]) -> None:
    objects, objects_per_shard = map(int, arguments)
    shards = math.ceil(objects / objects_per_shard)
    machine = definition(objects_per_shard, shards)
    count = executed(machine, shards)
    mode = machine["States"]["Shards"]["ItemProcessor"]["ProcessorConfig"]["Mode"]
    # A child of a Distributed Map is started, which counts as one more.
    started = shards if mode == "DISTRIBUTED" else 0
    print(json.dumps({"shards": shards, "transitions": count.total() + started, "invocations": count["function"]}))


if __name__ == "__main__":
    main(sys.argv[1:])
