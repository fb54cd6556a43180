"""The embedded local AWS: CloudFormation, S3, SNS, SQS, Step Functions and the like by ministack, SageMaker by us."""

from constructs_lib.local.aws import LocalAws

__all__ = ["LocalAws"]
