"""What the local services answer requests with, and what the local AWS itself fails with."""

from constructs_lib.errors import InferenceError


class AwsError(Exception):
    """An error of an AWS API: its code, message and HTTP status; `extra` holds further members of the error's shape."""

    def __init__(self, code: str, message: str, status: int = 400, **extra: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.extra = extra


class LocalAwsError(InferenceError):
    """The local AWS did not start, or a command cannot go on; the message is one line for the user."""
