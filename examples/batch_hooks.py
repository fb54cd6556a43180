"""A gate before a batch and a load after it: too few new objects stop it, its answers go into a warehouse.

    cdk deploy --app "python3 -m examples.batch_hooks"

The gate is a choice in Step Functions itself, the load a statement of the Redshift Data API; a Lambda function would do
in either place. A folder is transformed as soon as `_READY` is put into it.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_stepfunctions import Choice, Condition, Fail, IChainable, Pass
from aws_cdk.aws_stepfunctions_tasks import CallAwsService
from constructs import Construct

from constructs_lib import BatchHooks, BatchTransformPipeline, ContainerImage, InferenceLimits, Model, ModelArtifact

COPY = "'COPY predictions FROM \\'' & $states.input.published.output & '\\' IAM_ROLE default CSV'"


class Hooked(Stack):
    """One pipeline between two steps."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        image = ContainerImage.from_ecr(Repository.from_repository_name(self, "Repository", "classifier"), tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        BatchTransformPipeline(
            self,
            "Pipeline",
            model=Model(self, "Model", image=image, artifact=artifact),
            instance_type="ml.m5.large",
            ready_suffix="_READY",
            hooks=BatchHooks(before=self._gate(), after=self._load()),
        ).add_outputs()

    def _gate(self) -> IChainable:
        enough = Condition.jsonata("{% $states.input.objects >= 3 %}")
        refused = Fail.jsonata(self, "Refused", error="TooFewObjects", cause="fewer objects than usual")
        return Choice.jsonata(self, "Enough?").when(enough, Pass.jsonata(self, "Accepted")).otherwise(refused)

    def _load(self) -> IChainable:
        statement = {"WorkgroupName": "analytics", "Database": "dev", "Sql": f"{{% {COPY} %}}"}
        workgroup = self.format_arn(service="redshift-serverless", resource="workgroup", resource_name="*")
        return CallAwsService.jsonata(
            self,
            "Load",
            service="redshiftdata",
            action="executeStatement",
            iam_action="redshift-data:ExecuteStatement",
            iam_resources=[workgroup],
            parameters=statement,
        )


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Hooked(app, "BatchHooks")
app.synth()
