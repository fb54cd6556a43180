"""Constructs in an app that was there before: your function asks the endpoint, your topic hears of its alarms.

    pip install sagemaker-inference-constructs
    cdk deploy --app "python3 -m examples.import_into_your_app"

`Shop` stands for a stack of your own. All that it takes is a model, an endpoint, a grant and a name in the environment.
"""

from __future__ import annotations

from aws_cdk import App, Duration, Stack, Validations
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_lambda import Code, Function, Runtime
from aws_cdk.aws_sns import Topic
from constructs import Construct

from constructs_lib import ContainerImage, InferenceLimits, Model, ModelArtifact, ServerlessEndpoint

ASK = """
import boto3, os
runtime = boto3.client("sagemaker-runtime")
def handle(event, context):
    asked = {"EndpointName": os.environ["ENDPOINT_NAME"], "ContentType": "text/csv", "Body": event["row"]}
    return {"label": runtime.invoke_endpoint(**asked)["Body"].read().decode().strip()}
"""


class Shop(Stack):
    """A function and a topic, as your app has them, and the endpoint beside them."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        checkout = Function(
            self,
            "Checkout",
            code=Code.from_inline(ASK),
            runtime=Runtime.PYTHON_3_13,
            handler="index.handle",
            timeout=Duration.seconds(70),  # the endpoint may take 60
        )
        operators = Topic(self, "Operators")

        image = ContainerImage.from_ecr(Repository.from_repository_name(self, "Repository", "classifier"), tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        model = Model(self, "Model", image=image, artifact=artifact)
        endpoint = ServerlessEndpoint(self, "Endpoint", model=model, memory_size_in_mb=2048, max_concurrency=5)

        endpoint.grant_invoke(checkout)
        checkout.add_environment("ENDPOINT_NAME", endpoint.endpoint_name)
        errors = endpoint.metric_invocation_5xx_errors().create_alarm(self, "Errors", threshold=1, evaluation_periods=1)
        errors.add_alarm_action(SnsAction(operators))


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Shop(app, "Shop")
app.synth()
