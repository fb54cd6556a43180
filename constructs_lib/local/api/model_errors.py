"""The errors that the runtime answers when a container fails, in AWS's words."""

from __future__ import annotations

from constructs_lib.local.arns import ACCOUNT, REGION, log_stream_arn
from constructs_lib.local.containers.served import ANSWERED_BY, ContainerUnreachable, InvocationTimedOut
from constructs_lib.local.errors import AwsError

_PRIMARY = "primary"


def model_error(endpoint: str, status: int, answer: str, container: str = _PRIMARY) -> AwsError:
    """ModelError. AWS calls 4xx the client's, everything else (0 is no answer at all) the server's."""
    whose = "client" if 400 <= status < 500 else "server"
    console = (
        f"https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}"
        f"#logEventViewer:group=/aws/sagemaker/Endpoints/{endpoint}"
    )
    message = (
        f'Received {whose} error ({status}) from {container} with message "{answer}". '
        f"See {console} in account {ACCOUNT} for more information."
    )
    return AwsError(
        "ModelError",
        message,
        424,
        OriginalStatusCode=status,
        OriginalMessage=answer,
        LogStreamArn=log_stream_arn(endpoint),
    )


def refused_by_container(endpoint: str, status: int, headers: dict[str, str], answer: bytes) -> AwsError:
    """A container answered, but not with 2xx."""
    return model_error(endpoint, status, answer.decode(errors="replace"), headers.get(ANSWERED_BY, _PRIMARY))


def timed_out(endpoint: str, error: InvocationTimedOut) -> AwsError:
    """A container gave no answer in time."""
    text = (
        f"Your invocation timed out while waiting for a response from container {error.container}. Review the latency "
        "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
    )
    return model_error(endpoint, 0, text, error.container)


def unreachable(endpoint: str, error: ContainerUnreachable) -> AwsError:
    """A container closed the connection or does not listen."""
    return AwsError("ServiceUnavailable", f"the container of endpoint {endpoint} does not answer: {error}", 503)
