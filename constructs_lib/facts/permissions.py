"""What IAM's policies can be bound to."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Severity, Told

RESOURCES = Limit(
    id="IAM-RESOURCE",
    what="Resource of a statement that allows something",
    unit="",
    allowed=Told("the ARNs that its actions are about; * only for actions that have no resource level"),
    source="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    checked_on=date(2026, 11, 21),
    severity=Severity.WARNING,
)
# The column "Resource types" of these actions is empty in the reference of their service; that of PutMetricData holds
# data sets alone, and what bounds its metrics is the condition key cloudwatch:namespace.
NO_RESOURCE_LEVEL = frozenset(
    {
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingActivities",
        "application-autoscaling:DescribeScalingPolicies",
        "application-autoscaling:DescribeScheduledActions",
        "cloudwatch:DescribeAlarmsForMetric",
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:PutMetricData",
        "dynamodb:DescribeEndpoints",
        "dynamodb:DescribeLimits",
        "dynamodb:ListStreams",
        "dynamodb:ListTables",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
        "ecr:GetAuthorizationToken",
        "firehose:ListDeliveryStreams",
        "kinesis:DescribeLimits",
        "kinesis:ListStreams",
        "kms:CreateKey",
        "kms:GenerateRandom",
        "kms:ListAliases",
        "kms:ListKeys",
        "lambda:CreateEventSourceMapping",
        "lambda:GetAccountSettings",
        "lambda:ListEventSourceMappings",
        "lambda:ListFunctions",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "s3:ListAllMyBuckets",
        "sagemaker:ListEndpointConfigs",
        "sagemaker:ListEndpoints",
        "sagemaker:ListInferenceComponents",
        "sagemaker:ListModels",
        "sagemaker:ListProcessingJobs",
        "sagemaker:ListTransformJobs",
        "sagemaker:Search",
        "servicequotas:GetAWSDefaultServiceQuota",
        "servicequotas:ListAWSDefaultServiceQuotas",
        "servicequotas:ListServiceQuotas",
        "sns:ListSubscriptions",
        "sns:ListTopics",
        "sqs:ListQueues",
        "states:ListActivities",
        "states:ListStateMachines",
        "states:SendTaskFailure",
        "states:SendTaskHeartbeat",
        "states:SendTaskSuccess",
        "sts:GetCallerIdentity",
        "xray:GetSamplingRules",
        "xray:GetSamplingStatisticSummaries",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)
# They have a resource level, but AWS asks for all resources where Lambda connects a function to a VPC:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html.
INTERFACES_OF_LAMBDA = frozenset(
    {
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
    }
)
