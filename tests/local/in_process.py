"""The runtime without a server: variants whose containers answer by themselves, and a generator with a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

from constructs_lib.local.api.runtime import Runtime
from constructs_lib.local.clock import Clock
from constructs_lib.local.endpoints.invocation_metrics import InvocationMetrics
from constructs_lib.local.service import LocalSageMaker
from constructs_lib.local.store import EndpointRecord, Store, VariantRecord


class Named:
    """A container that answers with its name, and counts its requests."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.requests = 0

    def invoke(self, _body: bytes, _headers: Mapping[str, str], _timeout: float) -> tuple[int, dict[str, str], bytes]:
        self.requests += 1
        return 200, {"content-type": "text/plain"}, self.name.encode()


def variant(name: str, weight: float = 1.0, *, is_shadow: bool = False) -> VariantRecord:
    """A variant on one instance, whose model has its name."""
    return VariantRecord(
        name=name,
        model_name=name,
        image="any",
        weight=weight,
        current_instance_count=1,
        desired_instance_count=1,
        definition={},
        is_shadow=is_shadow,
    )


class InProcess:
    """An endpoint called `any` with these variants; `seed` decides what is drawn."""

    def __init__(self, *variants: VariantRecord, seed: int = 7) -> None:
        self.containers = {each.name: Named(each.name) for each in variants}
        self.endpoint = EndpointRecord("any", "arn", "any", "InService", {each.name: each for each in variants})
        store = Store()
        store.endpoints["any"] = self.endpoint
        self.counted: list[str] = []
        signals = SimpleNamespace(invocations=InvocationMetrics(Clock()))
        sagemaker = SimpleNamespace(
            store=store,
            container=self.containers.__getitem__,
            components=SimpleNamespace(route=lambda *_: None),
            autoscaling=SimpleNamespace(
                count_invocation=lambda _endpoint, name: self.counted.append(name),
                loop=SimpleNamespace(signals=signals),
            ),
        )
        self.runtime = Runtime(cast(LocalSageMaker, sagemaker), random.Random(seed))

    def ask(self, **headers: str) -> str:
        """The name of the variant that answers one request."""
        _, _, body = self.runtime.handle("POST", "/endpoints/any/invocations", headers, b"x")
        return cast(bytes, body).decode()

    def answers(self, count: int) -> Iterator[str]:
        """The variants that answer `count` requests."""
        return (self.ask() for _ in range(count))


def shares(drawn: Iterator[str], count: int) -> dict[str, Any]:
    """Which share of `count` answers each name has."""
    names = list(drawn)
    return {name: names.count(name) / count for name in sorted(set(names))}
