"""What every call of a client needs: the names of what is deployed, and connections to it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from botocore.exceptions import ClientError

from constructs_lib.client.connections import Connections
from constructs_lib.client.deployed import Deployed, outputs_of
from constructs_lib.client.errors import NotDeployed
from constructs_lib.client.objects import Objects
from constructs_lib.client.queue import NotificationQueue
from constructs_lib.client.retries import Retries
from constructs_lib.client.runtime import Runtime
from constructs_lib.client.status_table import StatusTable
from constructs_lib.client.watch import Watch
from constructs_lib.outputs import REQUESTS_PREFIX, InferenceOption

_INSTEAD = {
    InferenceOption.ASYNC: "use submit()",
    InferenceOption.SERVERLESS: "use predict() or predict_stream()",
    InferenceOption.REALTIME: "use predict() or predict_stream()",
    InferenceOption.BATCH: "use run_batch()",
    InferenceOption.HYBRID: "use lookup(), override() or run_batch()",
    InferenceOption.STREAMING: "use read_results()",
}


class BaseClient:
    """Finds what is deployed; the calls are made by those who extend it."""

    def __init__(
        self,
        *,
        endpoint_name: str | None = None,
        inference_option: InferenceOption | str | None = None,
        input_bucket: str | None = None,
        input_prefix: str = REQUESTS_PREFIX,
        output_bucket: str | None = None,
        notification_queue_url: str | None = None,
        status_table: str | None = None,
        state_machine_arn: str | None = None,
        lookup_function: str | None = None,
        override_function: str | None = None,
        result_stream: str | None = None,
        session: Any = None,
        retries: Retries | None = None,
    ) -> None:
        deployed = Deployed(
            endpoint_name=endpoint_name,
            inference_option=InferenceOption(inference_option) if inference_option else None,
            input_bucket=input_bucket,
            input_prefix=input_prefix,
            output_bucket=output_bucket,
            notification_queue_url=notification_queue_url,
            status_table=status_table,
            state_machine_arn=state_machine_arn,
            lookup_function=lookup_function,
            override_function=override_function,
            result_stream=result_stream,
        )
        self._set_up(deployed, Connections(session), retries or Retries())

    @classmethod
    def for_stack(
        cls, stack_name: str, *, prefix: str = "", session: Any = None, retries: Retries | None = None
    ) -> Self:
        """A client of what a stack's outputs name: those that ``add_outputs`` of the constructs makes.

        :param prefix: the one that was given to ``add_outputs``.
        :raises StackNotFound: if there is no such stack.
        :raises NotDeployed: if its outputs name nothing to call.
        """
        connections = Connections(session)
        found = outputs_of(connections.service("cloudformation"), stack_name)
        client = cls.__new__(cls)
        client._set_up(Deployed.from_outputs(stack_name, found, prefix), connections, retries or Retries())
        return client

    def _set_up(self, deployed: Deployed, connections: Connections, retries: Retries) -> None:
        self.deployed = deployed
        self._connections = connections
        self._retries = retries
        self._objects = Objects(connections)
        queue, table = deployed.notification_queue_url, deployed.status_table
        self._watch = Watch(
            self._objects,
            # Where a consumer writes the table, it is the one who reads the queue.
            NotificationQueue(connections, queue) if queue and not table else None,
            StatusTable(connections, table) if table else None,
        )

    @property
    def inference_option(self) -> InferenceOption:
        """How the endpoint serves; ``batch`` or ``hybrid`` where there is no endpoint, ``realtime`` if nobody says."""
        return self._known_option or InferenceOption.REALTIME

    @cached_property
    def _known_option(self) -> InferenceOption | None:
        if self.deployed.inference_option:
            return self.deployed.inference_option
        if self.deployed.endpoint_name is None:
            return InferenceOption.HYBRID if self.deployed.lookup_function else InferenceOption.BATCH
        try:
            described = self._connections.service("sagemaker").describe_endpoint(
                EndpointName=self.deployed.endpoint_name
            )
        except ClientError:
            # Callers of an endpoint are seldom allowed to describe it; one that is missing is told of by its call.
            return None
        return option_of(described)

    def _refuse_unless(self, *options: InferenceOption, call: str) -> None:
        known = self._known_option
        if known is not None and known not in options:
            raise NotDeployed(
                f"{call}() is for {' and '.join(options)} inference; {self.deployed.source} name a way of serving that "
                f"is {known}: {_INSTEAD[known]}"
            )

    @cached_property
    def _runtime(self) -> Runtime:
        return Runtime(self._connections, self.deployed.need("endpoint_name", "a call of an endpoint"), self._retries)


def option_of(described: Mapping[str, Any]) -> InferenceOption:
    """The way of serving in DescribeEndpoint's answer."""
    if described.get("AsyncInferenceConfig"):
        return InferenceOption.ASYNC
    variants = described.get("ProductionVariants", [])
    if any(variant.get("CurrentServerlessConfig") for variant in variants):
        return InferenceOption.SERVERLESS
    return InferenceOption.REALTIME


def given(arguments: Mapping[str, object]) -> dict[str, object]:
    """Those arguments that are not None."""
    return {name: value for name, value in arguments.items() if value is not None}
