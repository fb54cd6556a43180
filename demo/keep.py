"""`KEEP=1`: the local AWS and the endpoints go on running after the demo, and people are told how to call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.local.arns import REGION
from constructs_lib.local.state import Running
from demo import realtime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet

DOWN = "python -m constructs_lib local down"


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether KEEP is set to anything but 0."""
    return environment.get("KEEP", "") not in ("", "0")


def problem(running: Running | None) -> str:
    """Why nothing can be kept, or nothing: one local AWS in the background is all that `local down` knows of."""
    if running is None:
        return ""
    return f"KEEP=1 cannot keep a second local AWS: one already runs on port {running.port}; end it with `{DOWN}`"


def hand_over(aws: LocalAws) -> None:
    """Make the local AWS known to `python -m constructs_lib local status` and `down`."""
    Running(aws.pid, aws.port).save()


def how_to_call(aws: LocalAws, stacks: Mapping[str, Mapping[str, str]], data: DataSet) -> str:
    """A few lines of Python that call the real-time endpoint, the other endpoints' names, and how to end it all."""
    names = {stack: outputs["EndpointName"] for stack, outputs in stacks.items() if "EndpointName" in outputs}
    endpoints = "\n".join(f"  {stack}: {name}" for stack, name in sorted(names.items()))
    return f"""
The local AWS keeps running at {aws.endpoint_url}; its endpoints are
{endpoints}
Call one from Python:

  import boto3
  runtime = boto3.client("sagemaker-runtime", endpoint_url="{aws.endpoint_url}", region_name="{REGION}",
                         aws_access_key_id="local", aws_secret_access_key="local")
  row = "{data.lines[0]}"
  answer = runtime.invoke_endpoint(EndpointName="{names.get(realtime.STACK, "")}", ContentType="text/csv", Body=row)
  print(answer["Body"].read().decode())  # {data.labels[0]} is written on the paper

End it with: {DOWN}"""
