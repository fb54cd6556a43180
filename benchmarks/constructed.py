"""Constructs and synthesizes a fleet once, and counts: `python -m benchmarks.constructed COUNT fleet|peer`."""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from typing import Any

import aws_cdk as cdk
import jsii._kernel.providers.process as node


def once(count: int, name: str) -> dict[str, float]:
    """Construct and synthesize in this process."""
    build = import_module(f"benchmarks.{name}").build
    crossings = 0
    send = node._NodeProcess.send

    def counted(self: Any, *arguments: Any) -> Any:
        nonlocal crossings
        crossings += 1
        return send(self, *arguments)

    app = cdk.App()
    node._NodeProcess.send = counted  # type: ignore[assignment] # jsii has no counter of its own
    started = time.perf_counter()
    build(app, count)
    of_construction = crossings
    resources = sum(len(stack.template["Resources"]) for stack in app.synth().stacks)
    return {"seconds": time.perf_counter() - started, "crossings": of_construction, "resources": resources}


if __name__ == "__main__":
    print(json.dumps(once(int(sys.argv[1]), sys.argv[2])))
