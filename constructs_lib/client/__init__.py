"""A client for what the constructs deploy: boto3 alone, without Node and without the CDK.

client = InferenceClient.for_stack("InferenceRealtime")
client.predict([[5.1, 3.5, 1.4, 0.2]]).json()
"""

from __future__ import annotations

from constructs_lib.client.batch import BatchResult
from constructs_lib.client.errors import (
    BatchFailed,
    InferenceFailed,
    LookupFailed,
    NoRegion,
    NotDeployed,
    PayloadTooLarge,
    StackNotFound,
    TimedOut,
    UnsupportedPayload,
)
from constructs_lib.client.inference import InferenceClient
from constructs_lib.client.lookups import Answer, Ask
from constructs_lib.client.many import AsyncResults
from constructs_lib.client.notifications import Status
from constructs_lib.client.prediction import Prediction
from constructs_lib.client.progress import Progress
from constructs_lib.client.results import AsyncResult
from constructs_lib.client.retries import Retries
from constructs_lib.client.stream_results import StreamResult, results_of
from constructs_lib.client.streaming import PredictionStream
from constructs_lib.errors import InferenceError, InvalidConfiguration
from constructs_lib.outputs import InferenceOption

__all__ = [
    "Answer",
    "Ask",
    "AsyncResult",
    "AsyncResults",
    "BatchFailed",
    "BatchResult",
    "InferenceClient",
    "InferenceError",
    "InferenceFailed",
    "InferenceOption",
    "InvalidConfiguration",
    "LookupFailed",
    "NoRegion",
    "NotDeployed",
    "PayloadTooLarge",
    "Prediction",
    "PredictionStream",
    "Progress",
    "Retries",
    "StackNotFound",
    "Status",
    "StreamResult",
    "TimedOut",
    "UnsupportedPayload",
    "results_of",
]
