"""The graphs of an asynchronous endpoint, for a dashboard of CloudWatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch

from constructs_lib.endpoints.graphs import graph

if TYPE_CHECKING:
    from constructs_lib.endpoints.asynchronous import AsyncEndpoint


def dashboard_widgets(endpoint: AsyncEndpoint) -> list[cloudwatch.IWidget]:
    """What waits, what came of it, how long it took, what the instances do, and who was told."""
    queue = endpoint.notification_queue
    dead_letters = [
        letters.metric_approximate_number_of_messages_visible(label=name)
        for name, letters in endpoint.dead_letter_queues.items()
    ]
    return [
        graph("Backlog", endpoint.metric_backlog(), right=[endpoint.metric_backlog_per_instance()]),
        graph(
            "Age of the oldest request, in seconds",
            endpoint.metric_age_of_oldest_request(),
            right=[endpoint.metric_has_backlog_without_capacity()],
        ),
        graph(
            "Requests",
            endpoint.metric_invocations_processed(),
            endpoint.metric_invocation_failures(),
            endpoint.metric_expired_requests(),
            endpoint.metric_invocation_4xx_errors(),
            endpoint.metric_invocation_5xx_errors(),
        ),
        graph(
            "Time of a request, p99, in microseconds",
            endpoint.metric_time_in_backlog(),
            endpoint.metric_request_download_latency(),
            endpoint.metric_model_latency(),
            endpoint.metric_response_upload_latency(),
        ),
        graph(
            "Instances, and their utilization in percent",
            endpoint.metric_cpu_utilization(),
            endpoint.metric_memory_utilization(),
            endpoint.metric_gpu_utilization(),
            # Each instance sends one value a minute.
            right=[endpoint.metric_cpu_utilization(statistic="SampleCount").with_(label="Instances")],
        ),
        graph(
            "Notifications",
            queue.metric_approximate_number_of_messages_visible(),
            endpoint.metric_notification_failures(),
            *dead_letters,
            right=[queue.metric_approximate_age_of_oldest_message()],
        ),
    ]
