"""What SageMaker and Application Auto Scaling say of live endpoints. Reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.client.connections import Connections
from constructs_lib.client.retries import code_of
from constructs_lib.facts.scaling import SERVICE_NAMESPACE

Answer = Mapping[str, Any]


class Live:
    """The live resources, found by what CloudFormation calls them: their ARNs, in which AWS writes names in lower case.

    Raises botocore's errors; what does not exist is ``None``.
    """

    def __init__(self, clients: Connections) -> None:
        self._sagemaker = clients.service("sagemaker")
        self._scaling = clients.service("application-autoscaling")

    def endpoint(self, arn: str) -> Answer | None:
        """DescribeEndpoint's answer."""
        name = self._name("list_endpoints", "Endpoints", "Endpoint", arn)
        return None if name is None else self._described(self._sagemaker.describe_endpoint, EndpointName=name)

    def config(self, name: str) -> Answer | None:
        """DescribeEndpointConfig's answer."""
        return self._described(self._sagemaker.describe_endpoint_config, EndpointConfigName=name)

    def model(self, name: str) -> Answer | None:
        """DescribeModel's answer."""
        return self._described(self._sagemaker.describe_model, ModelName=name)

    def component(self, arn: str) -> Answer | None:
        """DescribeInferenceComponent's answer."""
        name = self._name("list_inference_components", "InferenceComponents", "InferenceComponent", arn)
        describe = self._sagemaker.describe_inference_component
        return None if name is None else self._described(describe, InferenceComponentName=name)

    def targets(self, resource_ids: Sequence[str]) -> Sequence[Answer]:
        """The scalable targets of these resources."""
        pages = self._scaling.get_paginator("describe_scalable_targets").paginate(
            ServiceNamespace=SERVICE_NAMESPACE, ResourceIds=list(resource_ids)
        )
        return [target for page in pages for target in page["ScalableTargets"]]

    def policies(self, resource_id: str, dimension: str) -> Mapping[str, Answer]:
        """The scaling policies of a scalable target by name."""
        pages = self._scaling.get_paginator("describe_scaling_policies").paginate(
            ServiceNamespace=SERVICE_NAMESPACE, ResourceId=resource_id, ScalableDimension=dimension
        )
        return {policy["PolicyName"]: policy for page in pages for policy in page["ScalingPolicies"]}

    def _name(self, operation: str, key: str, kind: str, arn: str) -> str | None:
        pages = self._sagemaker.get_paginator(operation).paginate(NameContains=name_in(arn))
        found = (row for page in pages for row in page[key])
        names: list[str] = [row[f"{kind}Name"] for row in found if row[f"{kind}Arn"].lower() == arn.lower()]
        return names[0] if names else None

    @staticmethod
    def _described(describe: Any, **arguments: str) -> Answer | None:
        try:
            answer: Answer = describe(**arguments)
        except ClientError as error:
            if code_of(error) in ("ValidationException", "ResourceNotFound") and "ould not find" in str(error):
                return None
            raise
        return answer


def name_in(arn: str) -> str:
    """The name in an ARN, in lower case as AWS writes it there; of a name, the name in lower case."""
    return arn.rpartition("/")[2].lower()
