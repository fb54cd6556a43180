"""CDK's own validation of templates that no app has synthesized, in a process of its own.

Standard input maps the path of each template (JSON) to its Region or null; standard output has a list of findings,
each with path, severity and logical id.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

import aws_cdk as cdk
import jsii

# Without this flag CDK's errors are warnings.
FLAG = {"@aws-cdk/core:validateAgainstDefaultRules": True}


@jsii.implements(cdk.IPolicyValidationContext)
class Context:
    """The context that CDK hands to a plugin, written by hand."""

    def __init__(self, regions: Mapping[str, str | None]) -> None:
        self._app = cdk.App(context=FLAG)
        self._stacks = [
            cdk.PolicyValidationStack(stack_construct_path=path, template_path=path, region=region)
            for path, region in regions.items()
        ]

    @property
    def app_construct(self) -> cdk.App:
        return self._app

    @property
    def stack_templates(self) -> list[cdk.PolicyValidationStack]:
        return self._stacks

    @property
    def template_paths(self) -> list[str]:
        return [stack.template_path for stack in self._stacks]

    @property
    def account_id(self) -> None:
        return None

    @property
    def region(self) -> None:
        return None


def main() -> None:
    """Judge all templates that are named on standard input."""
    report = cdk.CloudFormationValidatePlugin().validate(Context(json.load(sys.stdin)))
    found = [
        (resource.template_path, violation.severity, resource.resource_logical_id)
        for violation in report.violations
        for resource in violation.violating_resources
    ]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
