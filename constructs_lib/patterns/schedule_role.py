"""The role in which EventBridge Scheduler does what a schedule is for."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.endpoints.permissions import deputy


def schedule_role(scope: Construct) -> iam.Role:
    """A role for schedules of the default group, in ``scope`` as ``ScheduleRole``; CDK's own stands in the stack."""
    return iam.Role(scope, "ScheduleRole", assumed_by=deputy(scope, "scheduler", "schedule-group/default"))
