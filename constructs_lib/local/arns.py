"""Where the local AWS pretends to be, and how its resources are called."""

ACCOUNT = "000000000000"
REGION = "us-east-1"


def sagemaker_arn(kind: str, name: str) -> str:
    """The ARN of a SageMaker resource, such as `sagemaker_arn("endpoint", "fraud")`; AWS writes it in lower case."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name.lower()}"


def log_stream_arn(endpoint: str) -> str:
    """What the runtime's errors name as the place of the container's log."""
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/{endpoint}"
