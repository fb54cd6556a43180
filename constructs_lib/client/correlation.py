"""The id by which all is found that belongs to one request: see ``docs/tracing.md``."""

from __future__ import annotations

import re
import uuid

from constructs_lib.checks import Checks
from constructs_lib.facts import realtime

# As in lambda/*/correlation.py: any other id would be replaced there.
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]*")


def inference_id(call: str, given: str | None) -> str:
    """The id of a request to an endpoint, a new one by default; raises ``InvalidConfiguration`` for one too long."""
    checks = Checks(call)
    checks.limit("length of inference_id", None if given is None else len(given), realtime.INFERENCE_ID_LENGTH)
    checks.done()
    return new_id() if given is None else given


def correlation_id(call: str, given: str | None) -> str:
    """The id of a request to functions of ours, a new one by default; raises ``InvalidConfiguration``."""
    if given is None:
        return new_id()
    checks, limit = Checks(call), realtime.INFERENCE_ID_LENGTH
    checks.limit("length of correlation_id", len(given), limit, "it becomes an inference id")
    plain = f"correlation_id must be of letters, digits and _.:-, got {given!r:.100}; any other would be replaced"
    checks.require(_PLAIN.fullmatch(given) is not None, plain, limit)
    checks.done()
    return given


def new_id() -> str:
    """One that nobody has had before."""
    return str(uuid.uuid4())
