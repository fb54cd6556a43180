"""Serve machine-learning models on Amazon SageMaker with the AWS CDK.

The public names are loaded on first use, so that importing the package, its facts or its client never starts Node.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from constructs_lib.version import VERSION

if TYPE_CHECKING:
    from constructs_lib.endpoints.artifact import ModelArtifact
    from constructs_lib.endpoints.asynchronous import AsyncEndpoint
    from constructs_lib.endpoints.image import ContainerImage
    from constructs_lib.endpoints.model import Model
    from constructs_lib.endpoints.realtime import RealtimeEndpoint
    from constructs_lib.endpoints.serverless import ServerlessEndpoint
    from constructs_lib.errors import InferenceError, InvalidConfiguration
    from constructs_lib.options import Autoscaling, BacklogScaling, Expiration, TransformOptions
    from constructs_lib.patterns.batch_transform import BatchTransformPipeline
    from constructs_lib.validation import InferenceLimits

__version__ = VERSION

_HOMES = {
    "AsyncEndpoint": "endpoints.asynchronous",
    "Autoscaling": "options",
    "BacklogScaling": "options",
    "BatchTransformPipeline": "patterns.batch_transform",
    "ContainerImage": "endpoints.image",
    "Expiration": "options",
    "InferenceError": "errors",
    "InferenceLimits": "validation",
    "InvalidConfiguration": "errors",
    "Model": "endpoints.model",
    "ModelArtifact": "endpoints.artifact",
    "RealtimeEndpoint": "endpoints.realtime",
    "ServerlessEndpoint": "endpoints.serverless",
    "TransformOptions": "options",
}

__all__ = [
    "AsyncEndpoint",
    "Autoscaling",
    "BacklogScaling",
    "BatchTransformPipeline",
    "ContainerImage",
    "Expiration",
    "InferenceError",
    "InferenceLimits",
    "InvalidConfiguration",
    "Model",
    "ModelArtifact",
    "RealtimeEndpoint",
    "ServerlessEndpoint",
    "TransformOptions",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
