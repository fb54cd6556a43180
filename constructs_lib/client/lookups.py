"""Look-ups and overrides of hybrid inference: answers that are there already, or are computed where none is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from constructs_lib.client.base import BaseClient, given
from constructs_lib.client.correlation import correlation_id as chosen_id
from constructs_lib.client.errors import LookupFailed, UnsupportedPayload
from constructs_lib.client.payloads import encode
from constructs_lib.options.hybrid import MOST_REQUESTS

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One record to look up.

    :param id: of the record, as in the inputs of the batch.
    :param payload: what the endpoint gets where no stored answer may be served: text as it is, anything else written in
        ``content_type``, as JSON by default. Without one the default answer is given then.
    :param content_type: of the endpoint, such as ``text/csv``.
    :param feature_version: only answers of these features; of any by default.
    :param fresh: ask the endpoint in any case.
    """

    id: str
    payload: object = None
    content_type: str | None = None
    feature_version: str | None = None
    fresh: bool = False

    def request(self) -> dict[str, object]:
        """What is sent; raises ``UnsupportedPayload`` for what is no text."""
        members = {"id": self.id, "payload": self._text(), "feature_version": self.feature_version}
        return given(members) | ({"fresh": True} if self.fresh else {})

    def _text(self) -> str | None:
        if self.payload is None or isinstance(self.payload, str):
            return self.payload
        try:
            return encode(self.payload, self.content_type or "application/json").read().decode().removesuffix("\n")
        except UnicodeDecodeError as error:
            kind = type(self.payload).__name__
            raise UnsupportedPayload(f"the payload of a look-up must be text, got {kind}; decode it") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered for a record.

    ``path`` says how: ``stored`` by the batch, ``fresh`` from what was kept of an earlier request, ``computed`` by the
    endpoint just now, ``default``. ``reason`` is why a stored answer was not served (``missing``, ``stale``, ``model``,
    ``features``, ``overridden``, ``asked``), ``why`` is why it came to the default one. ``computed_at`` is in seconds
    since 1970. ``batch`` is the one that was served when the request began. ``correlation_id`` is that of the request,
    by which its log lines are found, and what was captured of it.
    """

    id: str
    answer: str | None
    path: str
    reason: str | None = None
    why: str | None = None
    model_version: str | None = None
    feature_version: str | None = None
    computed_at: float | None = None
    batch: str | None = None
    correlation_id: str | None = None

    def json(self) -> Any:
        """The answer read as JSON; None where there is none."""
        return None if self.answer is None else json.loads(self.answer)


class LookupCalls(BaseClient):
    """``lookup``, ``lookup_all`` and ``override``."""

    def lookup(
        self,
        id: str,
        payload: object = None,
        *,
        content_type: str | None = None,
        feature_version: str | None = None,
        fresh: bool = False,
        correlation_id: str | None = None,
    ) -> Answer:
        """One answer: the stored one where it may be served, else that of the endpoint, else the default.

        Parameters are those of ``Ask`` and of ``lookup_all``.

        :raises InvalidConfiguration: for a wrong ``correlation_id``, before anything is sent.
        :raises LookupFailed: if the request is refused, such as for an id that is too long; or its function failed.
        """
        ask = Ask(id=id, payload=payload, content_type=content_type, feature_version=feature_version, fresh=fresh)
        (answer,) = self.lookup_all([ask], correlation_id=correlation_id)
        return answer

    def lookup_all(self, asks: Iterable[Ask | str], *, correlation_id: str | None = None) -> list[Answer]:
        """An answer for each, in their order; an id alone will do. All of one request, 100 at most, are of one batch.

        :param correlation_id: one of your own, of 1 to 64 letters, digits and ``_.:-``; a new one by default. Each line
            of a log has it that the requests make, and what is captured of them at the endpoint.
        :raises InvalidConfiguration: as ``lookup`` does.
        :raises LookupFailed: as ``lookup`` does.
        """
        name = chosen_id("lookup", correlation_id)
        function = self.deployed.need("lookup_function", "lookup")
        answers: list[Answer] = []
        for some in _portions(asks):
            requests = [(Ask(id=each) if isinstance(each, str) else each).request() for each in some]
            found = self._called(function, {"requests": requests, "correlation_id": name})
            answers += [_answer(each, found) for each in found["answers"]]
        return answers

    def override(self, ids: Sequence[str], *, correlation_id: str | None = None) -> None:
        """Let no answer be served for these records that was computed before now: something new is known of them.

        :param correlation_id: as in ``lookup_all``.
        :raises InvalidConfiguration: as ``lookup`` does.
        :raises LookupFailed: if it is refused, or the function failed. Some of the ids may then be overridden.
        """
        if isinstance(ids, str):
            raise LookupFailed(f"override takes a list of ids, got {ids[:80]!r}; give [...]")
        function = self.deployed.need("override_function", "override")
        name = chosen_id("override", correlation_id)
        for some in _portions(ids):
            self._called(function, {"override": some, "correlation_id": name})

    def _called(self, function: str, request: Mapping[str, object]) -> dict[str, Any]:
        body = json.dumps(request, ensure_ascii=False).encode()
        answer = self._connections.service("lambda").invoke(FunctionName=function, Payload=body)
        found = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise LookupFailed(f"{function} failed: {found.get('errorType', '')}: {found.get('errorMessage', found)}")
        if "error" in found:
            raise LookupFailed(str(found["error"]))
        return dict(found)


def _portions(items: Iterable[T]) -> Iterator[list[T]]:
    """As many as one request holds, and then the next."""
    left = iter(items)
    while portion := list(islice(left, MOST_REQUESTS)):
        yield portion


def _answer(found: Mapping[str, Any], request: Mapping[str, Any]) -> Answer:
    known: dict[str, Any] = {name: found.get(name) for name in Answer.__dataclass_fields__}
    return Answer(**(known | {name: request.get(name) for name in ("batch", "correlation_id")}))
