"""What a caller sees of a container that takes longer than AWS waits, without waiting that long."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from constructs_lib.facts import realtime, serverless
from constructs_lib.facts.limit import Limit
from constructs_lib.local.api.runtime import Runtime
from constructs_lib.local.clock import Clock
from constructs_lib.local.containers.process import InvocationTimedOut
from constructs_lib.local.endpoints.invocation_metrics import InvocationMetrics
from constructs_lib.local.errors import AwsError
from constructs_lib.local.service import LocalSageMaker
from constructs_lib.local.store import EndpointRecord, Store, VariantRecord


class SlowContainer:
    """Never answers, and remembers how long it was waited for."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def invoke(self, _body: bytes, _headers: dict[str, str], timeout: float) -> Any:
        self.waited.append(timeout)
        raise InvocationTimedOut("too slow")


@pytest.mark.parametrize(
    ("config", "limit"),
    [(None, realtime.INVOCATION_TIMEOUT), ({"MaxConcurrency": 1}, serverless.INVOCATION_TIMEOUT)],
    ids=["real-time", "serverless"],
)
def test_after_sixty_seconds_the_invocation_is_a_model_error(config: dict[str, int] | None, limit: Limit) -> None:
    container = SlowContainer()
    sagemaker = SimpleNamespace(
        store=Store(),
        container=lambda _model: container,
        components=SimpleNamespace(route=lambda *_: None),
        autoscaling=SimpleNamespace(
            count_invocation=lambda *_: None,
            loop=SimpleNamespace(signals=SimpleNamespace(invocations=InvocationMetrics(Clock()))),
        ),
    )
    variant = VariantRecord(
        name="AllTraffic",
        model_name="any",
        image="any",
        weight=1.0,
        current_instance_count=0 if config else 1,
        desired_instance_count=0 if config else 1,
        serverless=config,
        definition={},
    )
    endpoint = EndpointRecord(name="any", arn="arn", config_name="any", status="InService")
    endpoint.variants = {variant.name: variant}
    sagemaker.store.endpoints["any"] = endpoint

    with pytest.raises(AwsError, match="Your invocation timed out while waiting") as refused:
        Runtime(cast(LocalSageMaker, sagemaker)).handle("POST", "/endpoints/any/invocations", {}, b"x")

    assert container.waited == [limit.maximum] == [60]
    assert (refused.value.code, refused.value.status) == ("ModelError", 424)
    assert variant.in_flight == 0
