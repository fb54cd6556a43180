"""The limit check beside CDK's own validation: every fault is told, and none by both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
import jsii
import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples import examples
from constructs_lib.validation import InferenceLimits
from tests.synthesis import Synthesis, config, synthesized

FLAG = {"@aws-cdk/core:validateAgainstDefaultRules": True}


@pytest.fixture(scope="module")
def cdks_validation() -> cdk.CloudFormationValidatePlugin:
    """CDK's own validation; it takes seconds to start."""
    return cdk.CloudFormationValidatePlugin()


@pytest.fixture(scope="module")
def synthesis(tmp_path_factory: pytest.TempPathFactory, cdks_validation: cdk.CloudFormationValidatePlugin) -> Synthesis:
    """An app in which CDK's own validation blocks, as the project's own does: S has two faults, N below T has one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_VALIDATION", "true")
        app = cdk.App(outdir=str(tmp_path_factory.mktemp("cdk.out")), context=FLAG)
        # Node has been started with CDK's validation switched off, for the speed of all other tests.
        cdk.Validations.of(app).add_plugins(InferenceLimits(), cdks_validation)
        config(cdk.Stack(app, "S"), "Config", concurrency=500)
        config(cdk.NestedStack(cdk.Stack(app, "T"), "N"), "Config", memory=2048, concurrency=500)
        return synthesized(app)


def found_in(synthesis: Synthesis, stack: str) -> list[tuple[str, str, str]]:
    return [finding for finding in synthesis.found() if finding[2].startswith(f"{stack}/")]


def test_what_cdk_blocks_itself_is_not_said_twice(synthesis: Synthesis) -> None:
    assert synthesis.failed
    assert [violation["ruleName"] for violation in synthesis.report["CloudFormation Validate"]] == ["F3034"]
    assert found_in(synthesis, "S") == [("SLS-MEM", "error", "S/Config")]


def test_what_cdk_does_not_look_at_is_said(synthesis: Synthesis) -> None:
    assert found_in(synthesis, "T") == [("SLS-CONC", "error", "T/N/Config")]


@jsii.implements(cdk.IPolicyValidationContext)
class Written:
    """A context of templates that no app has synthesized, for a plugin that is called by hand."""

    def __init__(self, app: cdk.App, templates: list[Path]) -> None:
        self._app = app
        self._stacks = [
            cdk.PolicyValidationStack(stack_construct_path=path.stem, template_path=str(path)) for path in templates
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


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The failing examples of all rules, as files."""
    folder = tmp_path_factory.mktemp("broken")
    paths = []
    for name, given in examples().items():
        for index, example in enumerate(given):
            path = folder / f"{name}-{index}.template.json"
            path.write_text(json.dumps(example.fails), encoding="utf-8")
            paths.append(path)
    return paths


Place = tuple[str, str, str]


@dataclass(frozen=True)
class Verdicts:
    """The errors of both, each with file, logical id and property path."""

    ours: frozenset[Place]
    theirs: frozenset[Place]


@pytest.fixture(scope="module")
def verdicts(broken: list[Path], cdks_validation: cdk.CloudFormationValidatePlugin) -> Iterator[Verdicts]:
    """What the limit check says beside CDK's own validation, and what that says itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_VALIDATION", "true")
        context = Written(cdk.App(context=FLAG), broken)
        ours = InferenceLimits().validate(context)
        theirs = cdks_validation.validate(context)
        yield Verdicts(errors(ours), errors(theirs))


def errors(report: cdk.PolicyValidationPluginReport) -> frozenset[Place]:
    return frozenset(
        (Path(str(resource.template_path)).name, str(resource.resource_logical_id), path)
        for violation in report.violations
        if violation.severity == "error"
        for resource in violation.violating_resources
        for path in resource.locations
    )


def test_no_fault_of_any_rule_is_told_by_both(verdicts: Verdicts) -> None:
    assert sorted(verdicts.ours & verdicts.theirs) == []


def test_no_fault_of_any_rule_is_told_by_neither(verdicts: Verdicts, broken: list[Path]) -> None:
    told = {file for file, _, _ in verdicts.ours | verdicts.theirs}
    assert [path.name for path in broken if _is_error(path) and path.name not in told] == []


def _is_error(path: Path) -> bool:
    found = judge(json.loads(path.read_text(encoding="utf-8")))
    return any(finding.severity is Severity.ERROR for finding in found)
