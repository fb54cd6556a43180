"""Serve machine-learning models on Amazon SageMaker with the AWS CDK.

The public names are loaded on first use, so that importing the package, its facts or its client never starts Node.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from constructs_lib.version import VERSION

if TYPE_CHECKING:
    from constructs_lib.acknowledgements import acknowledge_by_design
    from constructs_lib.drift.baseline import make_baseline
    from constructs_lib.endpoints.alarms import DefaultAlarms
    from constructs_lib.endpoints.artifact import ModelArtifact
    from constructs_lib.endpoints.async_monitoring import AsyncMonitoring
    from constructs_lib.endpoints.async_storage import AsyncStorage
    from constructs_lib.endpoints.asynchronous import AsyncEndpoint
    from constructs_lib.endpoints.capacity import CapacitySize
    from constructs_lib.endpoints.capture import DataCapture
    from constructs_lib.endpoints.cold_starts import ColdStartBudget
    from constructs_lib.endpoints.component_endpoint import ComponentEndpoint, ManagedInstanceScaling
    from constructs_lib.endpoints.components import ComputeResourceRequirements, InferenceComponent
    from constructs_lib.endpoints.composite_models import (
        MultiContainerModel,
        MultiModel,
        PipelineModel,
        RegisteredModel,
    )
    from constructs_lib.endpoints.container import Container
    from constructs_lib.endpoints.dashboard import InferenceDashboard
    from constructs_lib.endpoints.endpoint_logs import EndpointLogs
    from constructs_lib.endpoints.endpoint_monitoring import RealtimeMonitoring, ServerlessMonitoring
    from constructs_lib.endpoints.image import ContainerImage
    from constructs_lib.endpoints.invocable import ImportedEndpoint
    from constructs_lib.endpoints.model import Model
    from constructs_lib.endpoints.network import VpcConfig
    from constructs_lib.endpoints.private_network import PrivateNetwork
    from constructs_lib.endpoints.realtime import RealtimeEndpoint, Shadow
    from constructs_lib.endpoints.results_consumer import ResultsConsumer
    from constructs_lib.endpoints.rollout import Rollout
    from constructs_lib.endpoints.serverless import ServerlessEndpoint
    from constructs_lib.endpoints.submission import InputSubmission
    from constructs_lib.endpoints.variant import InstancePool, Variant, VariantProperty
    from constructs_lib.errors import InferenceError, InvalidConfiguration
    from constructs_lib.options import Autoscaling, Backlog, DataProcessing, Expiration, TransformOptions
    from constructs_lib.options.batch import BatchRecovery, BatchResults, InputSelection
    from constructs_lib.options.deadline import Deadline
    from constructs_lib.options.drift import DriftThresholds
    from constructs_lib.options.hybrid import (
        Comparison,
        Fallback,
        Freshness,
        LookupApi,
        PredictionLoad,
        PredictionTable,
    )
    from constructs_lib.options.provisioned import ProvisionedConcurrencyScaling
    from constructs_lib.options.scaling import CopyScaling
    from constructs_lib.options.schedules import ScheduledAction
    from constructs_lib.options.sharding import Sharding
    from constructs_lib.options.streaming import StreamBatching, StreamRecovery
    from constructs_lib.options.throughput import Throughput
    from constructs_lib.options.tracking import CustomMetric, TargetTracking
    from constructs_lib.patterns.batch_hooks import BatchHooks
    from constructs_lib.patterns.batch_monitoring import BatchMonitoring
    from constructs_lib.patterns.batch_transform import BatchTransformPipeline
    from constructs_lib.patterns.drift_baseline import DriftBaseline
    from constructs_lib.patterns.drift_gate import DriftGate
    from constructs_lib.patterns.drift_monitoring import DriftMonitoring
    from constructs_lib.patterns.drift_processing import DriftProcessing
    from constructs_lib.patterns.drift_sources import CapturedData
    from constructs_lib.patterns.drift_watch import DriftWatch
    from constructs_lib.patterns.hybrid_batch import HybridBatch
    from constructs_lib.patterns.hybrid_inference import HybridInference
    from constructs_lib.patterns.hybrid_monitoring import HybridMonitoring
    from constructs_lib.patterns.streaming_firehose import FirehoseSink
    from constructs_lib.patterns.streaming_inference import StreamingInference
    from constructs_lib.patterns.streaming_monitoring import StreamMonitoring
    from constructs_lib.patterns.streaming_queue import QueueSource
    from constructs_lib.patterns.streaming_sinks import ResultStream
    from constructs_lib.patterns.streaming_sources import StreamSource
    from constructs_lib.validation import InferenceLimits

__version__ = VERSION

_HOMES = {
    "AsyncEndpoint": "endpoints.asynchronous",
    "AsyncMonitoring": "endpoints.async_monitoring",
    "AsyncStorage": "endpoints.async_storage",
    "Autoscaling": "options",
    "Backlog": "options",
    "BatchHooks": "patterns.batch_hooks",
    "BatchMonitoring": "patterns.batch_monitoring",
    "BatchRecovery": "options.batch",
    "BatchResults": "options.batch",
    "BatchTransformPipeline": "patterns.batch_transform",
    "CapacitySize": "endpoints.capacity",
    "CapturedData": "patterns.drift_sources",
    "ColdStartBudget": "endpoints.cold_starts",
    "Comparison": "options.hybrid",
    "ComponentEndpoint": "endpoints.component_endpoint",
    "ComputeResourceRequirements": "endpoints.components",
    "Container": "endpoints.container",
    "ContainerImage": "endpoints.image",
    "CopyScaling": "options.scaling",
    "CustomMetric": "options.tracking",
    "DataCapture": "endpoints.capture",
    "DataProcessing": "options",
    "Deadline": "options.deadline",
    "DefaultAlarms": "endpoints.alarms",
    "DriftBaseline": "patterns.drift_baseline",
    "DriftGate": "patterns.drift_gate",
    "DriftMonitoring": "patterns.drift_monitoring",
    "DriftProcessing": "patterns.drift_processing",
    "DriftThresholds": "options.drift",
    "DriftWatch": "patterns.drift_watch",
    "EndpointLogs": "endpoints.endpoint_logs",
    "Expiration": "options",
    "Fallback": "options.hybrid",
    "FirehoseSink": "patterns.streaming_firehose",
    "Freshness": "options.hybrid",
    "HybridMonitoring": "patterns.hybrid_monitoring",
    "HybridBatch": "patterns.hybrid_batch",
    "HybridInference": "patterns.hybrid_inference",
    "ImportedEndpoint": "endpoints.invocable",
    "InferenceComponent": "endpoints.components",
    "InferenceDashboard": "endpoints.dashboard",
    "InferenceError": "errors",
    "InferenceLimits": "validation",
    "InputSelection": "options.batch",
    "InputSubmission": "endpoints.submission",
    "InstancePool": "endpoints.variant",
    "InvalidConfiguration": "errors",
    "LookupApi": "options.hybrid",
    "ManagedInstanceScaling": "endpoints.component_endpoint",
    "Model": "endpoints.model",
    "ModelArtifact": "endpoints.artifact",
    "MultiContainerModel": "endpoints.composite_models",
    "MultiModel": "endpoints.composite_models",
    "PipelineModel": "endpoints.composite_models",
    "PredictionLoad": "options.hybrid",
    "PredictionTable": "options.hybrid",
    "PrivateNetwork": "endpoints.private_network",
    "ProvisionedConcurrencyScaling": "options.provisioned",
    "QueueSource": "patterns.streaming_queue",
    "RealtimeEndpoint": "endpoints.realtime",
    "RealtimeMonitoring": "endpoints.endpoint_monitoring",
    "RegisteredModel": "endpoints.composite_models",
    "ResultStream": "patterns.streaming_sinks",
    "ResultsConsumer": "endpoints.results_consumer",
    "Rollout": "endpoints.rollout",
    "ScheduledAction": "options.schedules",
    "ServerlessEndpoint": "endpoints.serverless",
    "ServerlessMonitoring": "endpoints.endpoint_monitoring",
    "Shadow": "endpoints.realtime",
    "Sharding": "options.sharding",
    "StreamBatching": "options.streaming",
    "StreamMonitoring": "patterns.streaming_monitoring",
    "StreamRecovery": "options.streaming",
    "StreamSource": "patterns.streaming_sources",
    "StreamingInference": "patterns.streaming_inference",
    "TargetTracking": "options.tracking",
    "Throughput": "options.throughput",
    "TransformOptions": "options",
    "Variant": "endpoints.variant",
    "VariantProperty": "endpoints.variant",
    "VpcConfig": "endpoints.network",
    "acknowledge_by_design": "acknowledgements",
    "make_baseline": "drift.baseline",
}

__all__ = [
    "AsyncEndpoint",
    "AsyncMonitoring",
    "AsyncStorage",
    "Autoscaling",
    "Backlog",
    "BatchHooks",
    "BatchMonitoring",
    "BatchRecovery",
    "BatchResults",
    "BatchTransformPipeline",
    "CapacitySize",
    "CapturedData",
    "ColdStartBudget",
    "Comparison",
    "ComponentEndpoint",
    "ComputeResourceRequirements",
    "Container",
    "ContainerImage",
    "CopyScaling",
    "CustomMetric",
    "DataCapture",
    "DataProcessing",
    "Deadline",
    "DefaultAlarms",
    "DriftBaseline",
    "DriftGate",
    "DriftMonitoring",
    "DriftProcessing",
    "DriftThresholds",
    "DriftWatch",
    "EndpointLogs",
    "Expiration",
    "Fallback",
    "FirehoseSink",
    "Freshness",
    "HybridBatch",
    "HybridInference",
    "HybridMonitoring",
    "ImportedEndpoint",
    "InferenceComponent",
    "InferenceDashboard",
    "InferenceError",
    "InferenceLimits",
    "InputSelection",
    "InputSubmission",
    "InstancePool",
    "InvalidConfiguration",
    "LookupApi",
    "ManagedInstanceScaling",
    "Model",
    "ModelArtifact",
    "MultiContainerModel",
    "MultiModel",
    "PipelineModel",
    "PredictionLoad",
    "PredictionTable",
    "PrivateNetwork",
    "ProvisionedConcurrencyScaling",
    "QueueSource",
    "RealtimeEndpoint",
    "RealtimeMonitoring",
    "RegisteredModel",
    "ResultStream",
    "ResultsConsumer",
    "Rollout",
    "ScheduledAction",
    "ServerlessEndpoint",
    "ServerlessMonitoring",
    "Shadow",
    "Sharding",
    "StreamBatching",
    "StreamMonitoring",
    "StreamRecovery",
    "StreamSource",
    "StreamingInference",
    "TargetTracking",
    "Throughput",
    "TransformOptions",
    "Variant",
    "VariantProperty",
    "VpcConfig",
    "__version__",
    "acknowledge_by_design",
    "make_baseline",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
