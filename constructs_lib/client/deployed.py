"""What is deployed, as far as a client needs to know it: names from a stack's outputs, or as somebody gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib import outputs
from constructs_lib.client.errors import NotDeployed, StackNotFound
from constructs_lib.client.retries import code_of
from constructs_lib.outputs import REQUESTS_PREFIX, InferenceOption


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """One endpoint or one pipeline. ``source`` says in errors where the names come from."""

    source: str = "the client's arguments"
    inference_option: InferenceOption | None = None
    endpoint_name: str | None = None
    input_bucket: str | None = None
    input_prefix: str = REQUESTS_PREFIX
    output_bucket: str | None = None
    notification_queue_url: str | None = None
    status_table: str | None = None
    state_machine_arn: str | None = None
    lookup_function: str | None = None
    override_function: str | None = None
    result_stream: str | None = None

    @classmethod
    def from_outputs(cls, stack_name: str, found: Mapping[str, str], prefix: str) -> Deployed:
        """What the outputs with the prefix name; raises ``NotDeployed`` where they name nothing to call."""
        named = {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}
        if outputs.ENDPOINT_NAME not in named and outputs.STATE_MACHINE_ARN not in named:
            raise NotDeployed(
                f"stack {stack_name} has no output {prefix}{outputs.ENDPOINT_NAME} or "
                f"{prefix}{outputs.STATE_MACHINE_ARN}; {_known(found)}. Call add_outputs() of the endpoint or pipeline "
                f"and deploy the stack again{_other_prefixes(found, prefix)}"
            )
        option = named.get(outputs.INFERENCE_OPTION)
        return cls(
            source=f"the outputs of stack {stack_name}",
            inference_option=InferenceOption(option) if option in set(InferenceOption) else None,
            endpoint_name=named.get(outputs.ENDPOINT_NAME),
            input_bucket=named.get(outputs.INPUT_BUCKET_NAME),
            input_prefix=named.get(outputs.INPUT_PREFIX, REQUESTS_PREFIX),
            output_bucket=named.get(outputs.OUTPUT_BUCKET_NAME),
            notification_queue_url=named.get(outputs.NOTIFICATION_QUEUE_URL),
            status_table=named.get(outputs.STATUS_TABLE_NAME),
            state_machine_arn=named.get(outputs.STATE_MACHINE_ARN),
            lookup_function=named.get(outputs.LOOKUP_FUNCTION_NAME),
            override_function=named.get(outputs.OVERRIDE_FUNCTION_NAME),
            result_stream=named.get(outputs.RESULT_STREAM_NAME),
        )

    def need(self, attribute: str, purpose: str) -> str:
        """A name that ``purpose`` cannot do without; raises ``NotDeployed``."""
        value: str | None = getattr(self, attribute)
        if value is None:
            raise NotDeployed(f"{purpose} needs {attribute}, and {self.source} do not give it; name it")
        return value


def outputs_of(cloudformation: Any, stack_name: str) -> dict[str, str]:
    """The outputs of a stack by name; raises ``StackNotFound``."""
    try:
        (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if code_of(error) == "ValidationError" and "does not exist" in str(error):
            region = cloudformation.meta.region_name
            raise StackNotFound(f"there is no stack {stack_name} in {region}; name another, or its Region") from error
        raise
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _known(found: Mapping[str, str]) -> str:
    return f"it has {', '.join(sorted(found))}" if found else "it has no outputs"


def _other_prefixes(found: Mapping[str, str], prefix: str) -> str:
    ends = (outputs.ENDPOINT_NAME, outputs.STATE_MACHINE_ARN)
    others = sorted({name.removesuffix(end) for name in found for end in ends if name.endswith(end)} - {prefix})
    return f", or give prefix={' or '.join(map(repr, others))}" if others else ""
