"""An app that the tests of the package run in an environment that holds the installed wheel and no checkout."""

import sys

from aws_cdk import App, Stack, Validations

import constructs_lib as inference

app = App(outdir=sys.argv[1])
Validations.of(app).add_plugins(inference.InferenceLimits())
stack = Stack(app, "Installed")
image = inference.ContainerImage.from_uri("123456789012.dkr.ecr.eu-west-1.amazonaws.com/model:1")
model = inference.Model(stack, "Model", image=image)
inference.RealtimeEndpoint(stack, "Realtime", model=model, instance_type="ml.m5.large")
inference.ServerlessEndpoint(stack, "Serverless", model=model, memory_size_in_mb=2048, max_concurrency=5)
submission = inference.InputSubmission(input_prefix="in/")
inference.AsyncEndpoint(stack, "Async", model=model, instance_type="ml.m5.large", submission=submission)
inference.BatchTransformPipeline(stack, "Batch", model=model, instance_type="ml.m5.large")
app.synth()
