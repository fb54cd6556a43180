"""The account and the Region of a deployment, and how they are asked: read-only calls, each refusal told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from urllib.request import urlopen

from botocore.exceptions import ClientError

from constructs_lib.client.connections import Connections
from constructs_lib.client.retries import code_of
from constructs_lib.errors import InferenceError
from constructs_lib.templates.known_quotas import Learned

Answer = TypeVar("Answer")
Fetch = Callable[[str], bytes]

# S3 answers a HEAD with the number alone.
_DENIED = frozenset({"403", "AccessDenied", "AccessDeniedException", "Forbidden", "UnauthorizedOperation"})
_SECONDS = 30
# Of the configuration of an image, a few kilobytes; what is longer is cut, and then no JSON.
_MOST_BYTES = 4_000_000
_SUFFIXES = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}


def download(url: str) -> bytes:
    """What is at an address that AWS has signed; raises ``OSError`` or ``ValueError``."""
    if not url.startswith("https://"):
        raise ValueError(f"a signed address must begin with https://, got {url!r}")
    with urlopen(url, timeout=_SECONDS) as answer:
        content: bytes = answer.read(_MOST_BYTES)
        return content


class Denied(InferenceError):
    """AWS refused ``caller`` a call for want of ``permission``."""

    def __init__(self, permission: str, caller: str, said: str) -> None:
        self.permission = permission
        self.caller = caller
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the ARN of the caller, its account and the partition, ``aws`` for most."""

    arn: str
    account: str
    partition: str

    @property
    def url_suffix(self) -> str | None:
        """``AWS::URLSuffix``, ``None`` for a partition that is not known here."""
        return _SUFFIXES.get(self.partition)


class Account:
    """One account in one Region, as a boto3 session names them. What several checks want to know is asked once.

    ``learned`` fills with the quotas that the checks ask for, by their names; ``fetch`` gets what is at an address that
    AWS has signed.
    """

    def __init__(self, session: Any, *, today: date, fetch: Fetch = download) -> None:
        self.today = today
        self.learned: dict[str, Learned] = {}
        self.fetch = fetch
        self._session = session
        self._connections = Connections(session)
        self._kept: dict[Callable[[Account], Any], Any] = {}
        answer = self.service("sts").get_caller_identity()
        self.identity = Identity(answer["Arn"], answer["Account"], answer["Arn"].split(":")[1])
        self.region: str = self.service("sts").meta.region_name

    def service(self, name: str) -> Any:
        """A client that repeats throttled calls by itself."""
        return self._connections.service(name)

    def elsewhere(self, name: str, region: str) -> Any:
        """A client of a service that answers for all Regions in one."""
        return self._session.client(name, region_name=region)

    @contextmanager
    def permitted(self, permission: str) -> Iterator[None]:
        """Around a call that needs a permission: raises ``Denied`` where AWS says that it is not given."""
        try:
            yield
        except ClientError as error:
            if code_of(error) in _DENIED:
                said = error.response["Error"].get("Message", "") or str(error)
                raise Denied(permission, self.identity.arn, said) from error
            raise

    def once(self, ask: Callable[[Account], Answer]) -> Answer:
        """``ask(self)``, at the first call; kept for the others, a refusal too."""
        if ask not in self._kept:
            try:
                self._kept[ask] = ask(self)
            except Denied as denied:
                self._kept[ask] = denied
        kept = self._kept[ask]
        if isinstance(kept, Denied):
            raise kept
        answer: Answer = kept
        return answer
