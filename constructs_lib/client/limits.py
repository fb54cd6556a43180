"""How large a payload may be, and who takes one that is larger. Pure."""

from __future__ import annotations

from constructs_lib.client.errors import PayloadTooLarge
from constructs_lib.facts import asynchronous, realtime, serverless, transform
from constructs_lib.outputs import InferenceOption

PAYLOADS = {
    InferenceOption.SERVERLESS: serverless.PAYLOAD,
    InferenceOption.REALTIME: realtime.PAYLOAD,
    InferenceOption.ASYNC: asynchronous.PAYLOAD,
}
"""What each way of serving takes, the smallest first."""
_NAMES = {
    InferenceOption.SERVERLESS: "serverless inference",
    InferenceOption.REALTIME: "real-time inference",
    InferenceOption.ASYNC: "asynchronous inference",
}


def check_size(size: int, option: InferenceOption) -> None:
    """Raise ``PayloadTooLarge``, with a way of serving that takes ``size`` bytes, unless ``option`` does."""
    limit = PAYLOADS[option]
    if limit.allows(size):
        return
    raise PayloadTooLarge(
        f"{_NAMES[option]} takes payloads of up to {limit.maximum} bytes, got {size}; {_who_takes(size)} "
        f"({limit.id}: {limit.source})"
    )


def is_inline(size: int) -> bool:
    """Whether InvokeEndpointAsync takes ``size`` bytes itself, without S3. It takes no empty body."""
    return size > 0 and asynchronous.INLINE_PAYLOAD.allows(size)


def _who_takes(size: int) -> str:
    for option, limit in PAYLOADS.items():
        if limit.allows(size):
            return f"{_NAMES[option]} takes up to {limit.maximum} bytes"
    parts = transform.MAX_PAYLOAD_IN_MB
    return f"batch transform reads files of any size when it may split them into records of at most {parts.maximum} MB"
