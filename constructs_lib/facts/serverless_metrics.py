"""What CloudWatch shows of serverless endpoints, by EndpointName and VariantName; AWS calls this list exhaustive."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Severity

_CHECKED = date(2026, 11, 21)
_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_MONITORING = f"{_DOCS}/serverless-endpoints-monitoring.html"

MODEL_SETUP_TIME = "ModelSetupTime"
MEMORY_UTILIZATION = "MemoryUtilization"
CONCURRENT_EXECUTIONS_UTILIZATION = "ServerlessConcurrentExecutionsUtilization"
PROVISIONED_EXECUTIONS = "ServerlessProvisionedConcurrencyExecutions"
PROVISIONED_UTILIZATION = "ServerlessProvisionedConcurrencyUtilization"
PROVISIONED_INVOCATIONS = "ServerlessProvisionedConcurrencyInvocations"
SPILLOVER_INVOCATIONS = "ServerlessProvisionedConcurrencySpilloverInvocations"

# InvocationModelErrors is not among them. AWS's page writes Invocations4XXErrors; the metric is Invocation4XXErrors.
SERVERLESS_METRICS = Limit(
    id="MET-SLS-ALL",
    what="metrics of a serverless endpoint",
    unit="",
    allowed=Choice(
        (
            "Invocations",
            "Invocation4XXErrors",
            "Invocation5XXErrors",
            "ModelLatency",
            "OverheadLatency",
            MODEL_SETUP_TIME,
            CONCURRENT_EXECUTIONS_UTILIZATION,
        )
    ),
    source=_MONITORING,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
PROVISIONED_METRICS = Limit(
    id="MET-SLS-PC",
    what="metrics of a serverless endpoint with provisioned concurrency; their statistics are Average, Max and Min",
    unit="",
    allowed=Choice((PROVISIONED_EXECUTIONS, PROVISIONED_UTILIZATION, PROVISIONED_INVOCATIONS, SPILLOVER_INVOCATIONS)),
    source=_MONITORING,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
# The namespace is that of the metrics of instances; AWS's own benchmark of serverless endpoints reads it there.
MEMORY_METRICS = Limit(
    id="MET-SLS-MEM",
    what="metric of the memory that a serverless endpoint uses, in percent, in the namespace /aws/sagemaker/Endpoints",
    unit="",
    allowed=Choice((MEMORY_UTILIZATION,)),
    source="https://github.com/aws-samples/sagemaker-serverless-inference-benchmarking",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
