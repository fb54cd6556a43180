"""The ways of serving, and the forms that the model behind them takes."""

from __future__ import annotations

from enum import StrEnum


class Strategy(StrEnum):
    """A way of serving. Where two are equal in all else, the one named first wins."""

    SERVERLESS = "serverless"
    REALTIME = "realtime"
    ASYNC = "async"
    BATCH = "batch"
    HYBRID = "hybrid"
    STREAMING = "streaming"

    @property
    def words(self) -> str:
        """As it is called in a sentence."""
        return _WORDS[self]


_WORDS = {
    Strategy.SERVERLESS: "serverless inference",
    Strategy.REALTIME: "real-time inference",
    Strategy.ASYNC: "asynchronous inference",
    Strategy.BATCH: "batch transform",
    Strategy.HYBRID: "hybrid inference",
    Strategy.STREAMING: "streaming inference",
}


class Form(StrEnum):
    """What stands behind the endpoint or the job."""

    SINGLE = "single"
    MULTI_MODEL = "multi-model"
    MULTI_CONTAINER = "multi-container"
    PIPELINE = "pipeline"
    COMPONENTS = "components"
    AB = "ab"
    SHADOW = "shadow"
