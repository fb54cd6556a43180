"""Options that two or more constructs share, or that a construct has or has not. Frozen, checked when they are made."""

from __future__ import annotations

from constructs_lib.options.backlog import Backlog
from constructs_lib.options.data_processing import DataProcessing
from constructs_lib.options.provisioned import ProvisionedConcurrencyScaling
from constructs_lib.options.scaling import Autoscaling, CopyScaling
from constructs_lib.options.schedules import ScheduledAction
from constructs_lib.options.storage import Expiration
from constructs_lib.options.tracking import CustomMetric, TargetTracking, Tracked
from constructs_lib.options.transform import TransformOptions

__all__ = [
    "Autoscaling",
    "Backlog",
    "CopyScaling",
    "CustomMetric",
    "DataProcessing",
    "Expiration",
    "ProvisionedConcurrencyScaling",
    "ScheduledAction",
    "TargetTracking",
    "Tracked",
    "TransformOptions",
]
