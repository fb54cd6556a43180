"""Copies of requests to a shadow variant, whose answers nobody sees."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.local.endpoints.capture import Captured
    from constructs_lib.local.endpoints.invoker import Invoker
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import VariantRecord

# Copies on their way at once; more of them wait, and nobody waits for them.
_MOST_WORKERS = 8

_logger = logging.getLogger("constructs_lib.local")


class ShadowTraffic:
    """Sends the copies, beside the requests; what becomes of them shows in metrics and captured data alone."""

    def __init__(self, sagemaker: LocalSageMaker, invoker: Invoker) -> None:
        self._lock = sagemaker.store.lock
        self._invoker = invoker
        self._workers = ThreadPoolExecutor(_MOST_WORKERS, "shadow")

    def copy(
        self,
        endpoint: str,
        shadow: VariantRecord | None,
        headers: Mapping[str, str],
        body: bytes,
        captured: Captured | None,
    ) -> None:
        """Send one request to `shadow` too, if there is one for it; `captured` keeps its answer."""
        if shadow is not None:
            with self._lock:
                self._invoker.take_slot(endpoint, shadow)
            self._workers.submit(self._send, endpoint, shadow, dict(headers), body, captured)

    def _send(
        self,
        endpoint: str,
        shadow: VariantRecord,
        headers: Mapping[str, str],
        body: bytes,
        captured: Captured | None,
    ) -> None:
        try:
            _, answered, answer = self._invoker.answer(endpoint, shadow, headers, body)
            if captured:
                captured.write(shadow.name, answered.get("content-type", "application/octet-stream"), answer)
        except AwsError as error:
            _logger.info("the copy of a request to shadow variant %s failed: %s", shadow.name, error)
        except Exception:
            # Nobody looks at the result of this; without a word in the log it would never be seen.
            _logger.exception("shadow variant %s of endpoint %s", shadow.name, endpoint)
        finally:
            self._invoker.give_slot_back(shadow)
