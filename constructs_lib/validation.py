"""Hands the limit check to CDK: ``Validations.of(app).add_plugins(InferenceLimits())``."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import aws_cdk as cdk
import jsii

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import Finding, judge, rules
from constructs_lib.templates import known_quotas
from constructs_lib.templates.files import TemplateFile, Unreadable, read_stack
from constructs_lib.version import VERSION

# CDK's own validation of templates: on unless this says so, and errors only with this feature flag.
_VALIDATION_VARIABLE = "CDK_VALIDATION"
_ERRORS_FLAG = "@aws-cdk/core:validateAgainstDefaultRules"
# With this CDK notes the line of Python that made a construct, and prints it beside each finding. It is not switched
# on here: noting the lines makes a synthesis about a third slower, findings or none.
_LINES_VARIABLE = "JSII_HOST_STACK_TRACES"


@jsii.implements(cdk.IPolicyValidationPlugin)
class InferenceLimits:
    """Fails ``cdk synth`` for what SageMaker, or what stands around it, would refuse in a deployment.

    It judges the synthesized templates of all stacks, nested stacks and stages, so that resources of any construct
    library, L1s and escape hatches are judged too. What CDK's own validation blocks as an error in the same synth is
    not reported a second time. Errors fail the synth; warnings are printed. A finding is accepted, with a reason, by
    ``Validations.of(construct).acknowledge(Acknowledgment(id="InferenceLimits::RULE", reason="..."))``.

    Quotas are those of a new account, or those that ``python -m constructs_lib preflight`` has put into the
    ``cdk.context.json`` of the folder in which the synthesis runs.

    With ``JSII_HOST_STACK_TRACES=1`` in the environment each finding names the line of Python that made the resource.

    :param strict: let warnings fail the synth too. Default: False.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict

    @property
    def name(self) -> str:
        """The first part of the id that ``acknowledge`` takes."""
        return "InferenceLimits"

    @property
    def version(self) -> str:
        """The version of the library."""
        return VERSION

    @property
    def rule_ids(self) -> list[str]:
        """The rules that are judged; ``python -m constructs_lib rules`` explains them."""
        return list(rules())

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Judge all templates. CDK calls this at the end of the synthesis."""
        quotas = known_quotas.read(Path(known_quotas.CONTEXT_FILE), today=date.today())
        for stale in filter(None, (each.staleness for each in quotas)):
            print(f"{self.name}: {stale}", file=sys.stderr)
        found = [
            (template, finding)
            for stack in context.stack_templates
            for template in _templates(stack)
            for finding in judge(
                template.document,
                region=template.region,
                quotas=known_quotas.of(quotas, template.account, template.region),
            )
        ]
        told = _told_by_cdk(context) if any(finding.severity is Severity.ERROR for _, finding in found) else []
        violations = [
            self._violation(finding, template)
            for template, finding in found
            if not any(fault.is_the_same(template, finding) for fault in told)
        ]
        if violations and not os.environ.get(_LINES_VARIABLE):
            print(f"{self.name}: {_LINES_VARIABLE}=1 adds the lines of Python that made the resources", file=sys.stderr)
        failed = any(violation.severity == "error" for violation in violations)
        return cdk.PolicyValidationPluginReport(success=not failed, violations=violations, plugin_version=VERSION)

    def _violation(self, finding: Finding, template: TemplateFile) -> cdk.PolicyViolation:
        place = finding.path.removeprefix("Properties.")
        return cdk.PolicyViolation(
            rule_name=finding.rule,
            description=f"{place}: {finding.message} ({finding.source})",
            fix=finding.fix,
            severity="error" if self._strict else finding.severity,
            rule_metadata={"source": finding.source},
            violating_resources=[
                cdk.PolicyViolatingResource(
                    resource_logical_id=finding.logical_id,
                    locations=[finding.path],
                    template_path=str(template.path),
                )
            ],
        )


def _templates(stack: cdk.PolicyValidationStack) -> Iterator[TemplateFile]:
    for item in read_stack(Path(stack.template_path), stack.region, stack.account_id):
        if isinstance(item, Unreadable):
            raise item  # CDK has written it a moment ago
        yield item


@dataclass(frozen=True, slots=True)
class _Fault:
    """An error of CDK's own validation; ``required`` is the property that it misses, if that is the fault."""

    template_path: str | None
    logical_id: str | None
    path: str
    required: str | None

    def is_the_same(self, template: TemplateFile, finding: Finding) -> bool:
        """Whether a finding says what CDK says in the same synthesis."""
        here = (str(template.path), finding.logical_id, finding.path)
        if here != (self.template_path, self.logical_id, self.path):
            return False
        return self.required is None or finding.message.startswith(f"{self.required} is required")


def _told_by_cdk(context: cdk.IPolicyValidationContext) -> list[_Fault]:
    """What CDK's own validation blocks in this synthesis. It costs seconds, so only a synthesis that fails asks."""
    flag = context.app_construct.node.try_get_context(_ERRORS_FLAG)
    if os.environ.get(_VALIDATION_VARIABLE) == "false" or flag not in (True, "true"):
        return []
    report = cdk.CloudFormationValidatePlugin().validate(context)
    return [
        _Fault(resource.template_path, resource.resource_logical_id, path, _required(violation.description))
        for violation in report.violations
        if violation.severity == "error"
        for resource in violation.violating_resources
        for path in resource.locations
    ]


def _required(description: str) -> str | None:
    found = re.search(r"'(\w+)' is a required property", description)
    return found and found[1]
