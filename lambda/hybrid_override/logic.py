"""Which records are overridden, and what is written of each. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from hybrid_override import keys
from hybrid_override.correlation import FIELD
from hybrid_override.settings import Settings

_FORM = '{"override": ["ID", ...]}'
_SHOWN = 5
# As HTTP APIs and the URLs of functions give the names of headers.
_HEADER = "x-correlation-id"


class BadRequest(ValueError):
    """The request is none; the message says all that is wrong, and what to do."""


def is_http(event: Any) -> bool:
    """Whether an event is from a function URL or an HTTP API, in the payload format 2.0."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    return isinstance(context, dict) and isinstance(context.get("http"), dict)


def correlation_of(event: Any) -> Any:
    """The id that the caller gave: by HTTP in a header, else beside the request; None without one."""
    if is_http(event):
        headers = event.get("headers")
        return headers.get(_HEADER) if isinstance(headers, dict) else None
    return event.get(FIELD) if isinstance(event, dict) else None


def body_of(event: Any) -> Any:
    """The request in an event, whether it came over HTTP or not; raises ``BadRequest``."""
    if not is_http(event):
        return {name: each for name, each in event.items() if name != FIELD} if isinstance(event, dict) else event
    body = event.get("body") or ""
    if not isinstance(body, str):
        raise BadRequest(f"the body must be a text of JSON, {_FORM}")
    try:
        return json.loads(base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body)
    except (ValueError, RecursionError, binascii.Error) as error:
        raise BadRequest(f"the body must be JSON, {_FORM}") from error


def ids_of(body: Any, settings: Settings) -> list[str]:
    """The records to override; raises ``BadRequest`` with everything that is wrong."""
    if not isinstance(body, dict) or body.keys() != {"override"}:
        raise BadRequest(f"a request must be {_FORM}")
    found = body["override"]
    if not isinstance(found, list) or not 0 < len(found) <= settings.max_requests:
        raise BadRequest(f"override must be a list of 1 to {settings.max_requests} ids")
    problems = [problem for each in found if (problem := keys.problem_of(each, settings.id_length))]
    if problems:
        raise BadRequest("; ".join(problems[:_SHOWN]))
    return list(dict.fromkeys(found))


def item_of(record: str, since: float, settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """What says that the answers from before ``since`` are out of date."""
    return {
        "pk": {"S": keys.override(record)},
        "since": {"N": f"{since:.3f}"},
        "expires_at": {"N": str(int(since) + settings.override_expires_after_seconds)},
    }
