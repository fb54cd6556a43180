"""What a caller asks for: judged as a whole, since anything may come. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hybrid_lookup import keys
from hybrid_lookup.correlation import FIELD
from hybrid_lookup.settings import Settings

_MEMBERS = {"id", "payload", "feature_version", "fresh"}
_FORM = '{"id": "...", "payload": ...}, or {"requests": [...]} of these'
_LONGEST_VERSION = 256
_SHOWN = 5
# As HTTP APIs and the URLs of functions give the names of headers.
_HEADER = "x-correlation-id"


class BadRequest(ValueError):
    """The request is none; the message says all that is wrong, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One record that is asked for; without a payload the endpoint cannot be asked."""

    id: str
    payload: str | None
    feature_version: str | None
    fresh: bool


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


def asks_of(body: Any, settings: Settings) -> list[Ask]:
    """The records that are asked for; raises ``BadRequest`` with everything that is wrong."""
    if not isinstance(body, dict):
        raise BadRequest(f"a request must be {_FORM}, got {type(body).__name__}")
    found = body.get("requests") if "requests" in body else [body]
    if not isinstance(found, list) or not 0 < len(found) <= settings.max_requests:
        raise BadRequest(f"requests must be a list of 1 to {settings.max_requests}, each {_FORM}")
    problems = [f"{place}: {problem}" for place, each in enumerate(found) for problem in _problems(each, settings)]
    if problems:
        raise BadRequest("; ".join(problems[:_SHOWN]))
    asks = [_ask(each) for each in found]
    if len({ask.id for ask in asks}) < len(asks):
        raise BadRequest("an id must be asked for once in a request")
    size = sum(len(ask.payload.encode()) for ask in asks if ask.payload)
    if size > settings.payload_bytes:
        raise BadRequest(
            f"payloads must have at most {settings.payload_bytes} bytes together, got {size}; ask for fewer"
        )
    return asks


def _problems(found: Any, settings: Settings) -> Iterator[str]:
    if not isinstance(found, dict):
        yield f"must be an object of JSON, got {type(found).__name__}"
        return
    problem = keys.problem_of(found.get("id"), settings.id_length)
    if problem:
        yield problem
    unknown = sorted(map(repr, found.keys() - _MEMBERS))
    if unknown:
        yield f"{', '.join(unknown)[:100]} is none of {', '.join(sorted(_MEMBERS))}"
    version = found.get("feature_version")
    if version is not None and not (isinstance(version, str) and 0 < len(version) <= _LONGEST_VERSION):
        yield f"feature_version must be a text of 1 to {_LONGEST_VERSION} characters, or left out"
    if not isinstance(found.get("fresh", False), bool):
        yield "fresh must be true or false"
    try:
        (_payload(found.get("payload")) or "").encode()
    except (ValueError, RecursionError):
        yield "payload must be text in Unicode, or JSON"


def _ask(found: Mapping[str, Any]) -> Ask:
    return Ask(
        id=found["id"],
        payload=_payload(found.get("payload")),
        feature_version=found.get("feature_version"),
        fresh=found.get("fresh", False),
    )


def _payload(value: Any) -> str | None:
    """Text as it is, anything else as JSON in one line."""
    if value is None or isinstance(value, str):
        return value or None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
