"""What happens to an endpoint when the local AWS itself is at fault."""

import time
from types import SimpleNamespace
from typing import Any, cast

from constructs_lib.local.endpoints.fleet import Fleet
from constructs_lib.local.service import LocalSageMaker
from constructs_lib.local.store import EndpointRecord, Store


def test_a_fault_of_ours_ends_a_creation_with_its_reason_instead_of_leaving_it_for_ever() -> None:
    def faulty(name: str) -> Any:
        raise TypeError("an argument too many")

    announced: list[str] = []
    sagemaker = SimpleNamespace(
        store=Store(),
        endpoint_config=faulty,
        emit=lambda _kind, detail, _resources: announced.append(detail["EndpointStatus"]),
    )
    endpoint = EndpointRecord(name="any", arn="arn", config_name="any", status="Creating")

    Fleet(cast(LocalSageMaker, sagemaker)).create(endpoint)

    deadline = time.monotonic() + 5
    while endpoint.status == "Creating" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert endpoint.status == "Failed"
    assert "an argument too many" in (endpoint.failure_reason or "")
    assert announced[-1] == "FAILED"
