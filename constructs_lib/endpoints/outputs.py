"""Stack outputs by which the client finds what was deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from aws_cdk import CfnOutput, Resource, Stack
from constructs import Construct

from constructs_lib.endpoints.identity import EndpointIdentity
from constructs_lib.outputs import ENDPOINT_NAME, INFERENCE_OPTION, InferenceOption


def add_outputs(scope: Construct, prefix: str, values: Mapping[str, str]) -> None:
    """Make an output ``PREFIX`` + name of each value, in the stack of ``scope``."""
    stack = Stack.of(scope)
    for name, value in values.items():
        CfnOutput(stack, f"{prefix}{name}", value=value)


class EndpointOutputs(EndpointIdentity, Resource):
    """An endpoint that a client can find."""

    inference_option: ClassVar[InferenceOption]

    def add_outputs(self, prefix: str = "") -> None:
        """Make the stack outputs by which ``InferenceClient.for_stack`` finds the endpoint.

        :param prefix: goes before the name of each output; tells several endpoints of one stack apart.
        """
        add_outputs(self, prefix, self._outputs())

    def _outputs(self) -> dict[str, str]:
        return {INFERENCE_OPTION: self.inference_option, ENDPOINT_NAME: self.endpoint_name}
