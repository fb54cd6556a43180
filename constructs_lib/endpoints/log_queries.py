"""Saved queries of CloudWatch Logs Insights: what one asks first when an alarm has gone off."""

from __future__ import annotations

from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.endpoints.monitoring import Monitored

ERRORS = r"""fields @timestamp, @log, @logStream, @message
| filter @message like /(?i)(error|exception|traceback|timed out|killed)/
| sort @timestamp desc
| limit 200"""
# What Lambda itself reports of each run. Containers report nothing alike: their times are in the metrics.
SLOWEST = """filter @type = "REPORT"
| fields @timestamp, @log, @requestId, @duration, @initDuration, @maxMemoryUsed / 1000 / 1000 as memory_in_mb
| sort @duration desc
| limit 50"""
BY_ID = """fields @timestamp, @log, @logStream, @message
| filter @message like "PUT-THE-ID-HERE"
| sort @timestamp asc
| limit 1000"""


def save_queries(scope: Construct, construct: Monitored) -> list[logs.CfnQueryDefinition]:
    """Save what is asked of the logs of ``construct``, in a folder by its path; nothing where it logs nowhere."""
    groups = construct.log_group_names()
    if not groups:
        return []
    has_functions = any(not group.startswith("/aws/sagemaker/") for group in groups)
    path = construct.node.path
    queries = {"errors": ERRORS, "by correlation id": BY_ID} | ({"slowest": SLOWEST} if has_functions else {})
    return [
        logs.CfnQueryDefinition(
            scope,
            f"{path.replace('/', '-')}-{name.replace(' ', '-')}",
            name=f"{path}/{name}",
            query_string=query,
            log_group_names=groups,
        )
        for name, query in queries.items()
    ]
