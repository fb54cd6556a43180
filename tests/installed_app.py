"""An app that the tests of the package run in an environment that holds the installed wheel and no checkout."""

import sys
from datetime import timedelta

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_scheduler import ScheduleExpression

import constructs_lib as inference

URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/model:1"
PACKAGE = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/models/1"
TYPE = "ml.m5.large"

app = App(outdir=sys.argv[1])
Validations.of(app).add_plugins(inference.InferenceLimits())
stack = Stack(app, "Installed")
image, bucket = inference.ContainerImage.from_uri(URI), Bucket.from_bucket_name(stack, "Bucket", "models")
containers = [inference.Container(image=image, hostname=name) for name in ("first", "second")]
baseline = inference.DriftBaseline.from_bucket(bucket, "baseline.json")

model = inference.Model(stack, "Model", image=image)
inference.MultiModel(stack, "MultiModel", image=image, bucket=bucket, prefix="models/")
inference.MultiContainerModel(stack, "MultiContainerModel", containers=containers)
inference.PipelineModel(stack, "PipelineModel", containers=containers)
inference.RegisteredModel(stack, "RegisteredModel", model_package_arn=PACKAGE)

capture = inference.DataCapture()
endpoint = inference.RealtimeEndpoint(stack, "Realtime", model=model, data_capture=capture, instance_type=TYPE)
inference.RealtimeEndpoint.from_endpoint_name(stack, "Imported", "elsewhere")
inference.ServerlessEndpoint(stack, "Serverless", model=model, memory_size_in_mb=2048, max_concurrency=5)
submission, consumer = inference.InputSubmission(input_prefix="in/"), inference.ResultsConsumer(request_status=True)
inference.AsyncEndpoint(
    stack, "Async", model=model, submission=submission, results_consumer=consumer, instance_type=TYPE
)
shared = inference.ComponentEndpoint(stack, "Shared", instance_type=TYPE)
compute = inference.ComputeResourceRequirements(min_memory_required_in_mb=1024)
own = inference.Model(stack, "Own", image=image, execution_role=shared.execution_role)
inference.InferenceComponent(stack, "Component", endpoint=shared, model=own, compute=compute)

inference.BatchTransformPipeline(
    stack,
    "Batch",
    model=model,
    schedule=ScheduleExpression.cron(hour="1", minute="0"),
    deadline=inference.Deadline(complete_by="08:00", expected_duration=timedelta(hours=2)),
    hooks=inference.BatchHooks(before=inference.DriftGate(baseline=baseline)),
    instance_type=TYPE,
)
inference.HybridInference(stack, "Hybrid", endpoint=endpoint, instance_type=TYPE)
inference.StreamingInference(stack, "Streaming", endpoint=endpoint)
inference.DriftWatch(stack, "Drift", endpoint=endpoint, baseline=baseline)
inference.PrivateNetwork(stack, "Network")
inference.InferenceDashboard(stack, "Dashboard")
app.synth()
print(*{type(each).__name__ for each in stack.node.find_all()})
