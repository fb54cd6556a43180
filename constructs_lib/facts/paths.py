"""The types of resources by name, and places in them that several files of facts name."""

from __future__ import annotations

CONFIG = "AWS::SageMaker::EndpointConfig"
MODEL = "AWS::SageMaker::Model"
PACKAGE = "AWS::SageMaker::ModelPackage"
ENDPOINT = "AWS::SageMaker::Endpoint"
COMPONENT = "AWS::SageMaker::InferenceComponent"
EXPERIMENT = "AWS::SageMaker::InferenceExperiment"
MONITORING_SCHEDULE = "AWS::SageMaker::MonitoringSchedule"
MONITORING_JOB_DEFINITIONS = (
    "AWS::SageMaker::DataQualityJobDefinition",
    "AWS::SageMaker::ModelQualityJobDefinition",
    "AWS::SageMaker::ModelBiasJobDefinition",
    "AWS::SageMaker::ModelExplainabilityJobDefinition",
)
MONITORING_JOB = f"{MONITORING_SCHEDULE}/MonitoringScheduleConfig/MonitoringJobDefinition"
TRANSFORM_JOB = "AWS::SageMaker::TransformJob"

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
ALARM = "AWS::CloudWatch::Alarm"

ROLE = "AWS::IAM::Role"
ROLE_POLICY = "AWS::IAM::RolePolicy"
INLINE_POLICY = "AWS::IAM::Policy"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"

SUBNET = "AWS::EC2::Subnet"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"

REST_API = "AWS::ApiGateway::RestApi"
METHOD = "AWS::ApiGateway::Method"
HTTP_INTEGRATION = "AWS::ApiGatewayV2::Integration"

FUNCTION = "AWS::Lambda::Function"
PERMISSION = "AWS::Lambda::Permission"
EVENT_INVOKE_CONFIG = "AWS::Lambda::EventInvokeConfig"
EVENT_SOURCE_MAPPING = "AWS::Lambda::EventSourceMapping"
QUEUE = "AWS::SQS::Queue"
TOPIC = "AWS::SNS::Topic"
STREAM = "AWS::Kinesis::Stream"
STREAM_CONSUMER = "AWS::Kinesis::StreamConsumer"
TABLE = "AWS::DynamoDB::Table"
GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"

STACK = "AWS::CloudFormation::Stack"
STATE_MACHINE = "AWS::StepFunctions::StateMachine"
SCHEDULE = "AWS::Scheduler::Schedule"
EVENTS_RULE = "AWS::Events::Rule"


def in_variants(below: str) -> tuple[str, ...]:
    """``below`` in every production and every shadow variant."""
    return (f"{CONFIG}/ProductionVariants/*/{below}", f"{CONFIG}/ShadowProductionVariants/*/{below}")


def in_containers(below: str) -> tuple[str, ...]:
    """``below`` in the container or in every container of a model."""
    return (f"{MODEL}/PrimaryContainer/{below}", f"{MODEL}/Containers/*/{below}")
