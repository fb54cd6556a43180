"""The limit check inside of CDK: in the same synthesis, over every template it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples import examples
from constructs_lib.validation import InferenceLimits

FLAG = {"@aws-cdk/core:validateAgainstDefaultRules": True}
REPORT = "validation-report.json"


def config(scope: Construct, id: str, *, memory: float = 1500, concurrency: int = 5) -> sagemaker.CfnEndpointConfig:
    """A serverless configuration of plain CDK, which SageMaker refuses for its memory."""
    serverless = sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
        max_concurrency=concurrency, memory_size_in_mb=memory
    )
    variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
        variant_name="A", model_name="m", serverless_config=serverless
    )
    return sagemaker.CfnEndpointConfig(scope, id, production_variants=[variant])


@dataclass(frozen=True)
class Synthesis:
    """What a synthesis ended with: whether it failed, and what it reported, by plugin."""

    failed: bool
    report: dict[str, list[dict[str, Any]]]

    def found(self) -> list[tuple[str, str, str]]:
        """Rule, severity and construct path of each finding of the limit check."""
        return sorted(
            (violation["ruleName"], violation["severity"], construct["constructPath"])
            for violation in self.report.get("InferenceLimits", [])
            for construct in violation["violatingConstructs"]
        )


def synthesized(app: cdk.App) -> Synthesis:
    """Synthesize and read the report."""
    failed = False
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
        failed = True
    report = Path(app.outdir, REPORT)
    plugins = json.loads(report.read_text(encoding="utf-8"))["pluginReports"] if report.exists() else []
    return Synthesis(failed, {plugin["pluginName"]: plugin["violations"] for plugin in plugins})


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    """An app with the limit check."""
    made = cdk.App(outdir=str(tmp_path))
    cdk.Validations.of(made).add_plugins(InferenceLimits())
    return made


def test_a_fault_in_a_plain_resource_fails_the_synthesis(app: cdk.App) -> None:
    config(cdk.Stack(app, "S"), "Config")
    done = synthesized(app)
    assert done.failed
    assert done.found() == [("SLS-MEM", "error", "S/Config")]


def test_a_finding_names_place_value_bound_remedy_and_source(app: cdk.App) -> None:
    config(cdk.Stack(app, "S"), "Config")
    [violation] = synthesized(app).report["InferenceLimits"]
    assert violation["description"].startswith("ProductionVariants.0.ServerlessConfig.MemorySizeInMB: ")
    assert "6144 MB, got 1500" in violation["description"]
    assert violation["suggestedFix"]
    assert violation["ruleMetadata"]["source"].startswith("https://")
    [construct] = violation["violatingConstructs"]
    path = construct["cloudFormationResource"]["propertyPaths"]
    assert path == ["Properties.ProductionVariants.0.ServerlessConfig.MemorySizeInMB"]


def test_nested_stacks_stages_and_escape_hatches_are_judged(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    nested = cdk.NestedStack(stack, "N")
    config(cdk.NestedStack(nested, "Deeper"), "Config")
    config(nested, "Config", memory=2048).add_property_override(
        "ProductionVariants.0.ServerlessConfig.MemorySizeInMB", 1500
    )
    staged = cdk.Stack(cdk.Stage(app, "Prod"), "T")
    config(cdk.NestedStack(staged, "N"), "Config")
    config(staged, "Config")
    found = [path for _, _, path in synthesized(app).found()]
    assert found == ["Prod/T/Config", "Prod/T/N/Config", "S/N/Config", "S/N/Deeper/Config"]


def test_a_sound_app_is_clean(app: cdk.App) -> None:
    config(cdk.Stack(app, "S"), "Config", memory=2048)
    done = synthesized(app)
    assert not done.failed
    assert done.found() == []


def test_a_warning_is_reported_and_passes(app: cdk.App) -> None:
    config(cdk.Stack(app, "S"), "Config", memory=6144)
    done = synthesized(app)
    assert not done.failed
    assert done.found() == [("SLS-ACC-MEM", "warning", "S/Config")]


def test_a_warning_fails_where_the_check_is_strict(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    cdk.Validations.of(app).add_plugins(InferenceLimits(strict=True))
    config(cdk.Stack(app, "S"), "Config", memory=6144)
    assert synthesized(app).failed


def test_a_finding_can_be_acknowledged_with_a_reason(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    cdk.Validations.of(config(stack, "Config")).acknowledge(
        cdk.Acknowledgment(id="InferenceLimits::SLS-MEM", reason="a new size that the table does not know yet")
    )
    done = synthesized(app)
    assert not done.failed
    assert done.found() == []


def test_an_acknowledged_finding_does_not_hide_the_next_one(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    accepted = cdk.Acknowledgment(id="InferenceLimits::SLS-MEM", reason="known")
    cdk.Validations.of(config(stack, "Accepted")).acknowledge(accepted)
    config(stack, "Config")
    done = synthesized(app)
    assert done.failed
    assert done.found() == [("SLS-MEM", "error", "S/Config")]


def test_what_is_known_only_at_deploy_time_is_not_judged(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    size = cdk.CfnParameter(stack, "Size", type="Number")
    config(stack, "Config", memory=cdk.Token.as_number(size.value_as_number))
    assert synthesized(app).found() == []


def test_a_default_that_would_be_refused_is_a_warning(app: cdk.App) -> None:
    stack = cdk.Stack(app, "S")
    size = cdk.CfnParameter(stack, "Size", type="Number", default=1500)
    config(stack, "Config", memory=cdk.Token.as_number(size.value_as_number))
    done = synthesized(app)
    assert not done.failed
    assert done.found() == [("SLS-MEM", "warning", "S/Config")]


def test_the_region_of_a_stack_is_where_its_types_must_be_offered(app: cdk.App) -> None:
    for name, region in (("Here", "us-east-1"), ("There", "ap-southeast-7")):
        stack = cdk.Stack(app, name, env=cdk.Environment(account="123456789012", region=region))
        variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name="A", model_name="m", instance_type="ml.g5.xlarge", initial_instance_count=1
        )
        sagemaker.CfnEndpointConfig(stack, "Config", production_variants=[variant])
    assert [path for _, _, path in synthesized(app).found()] == ["There/Config"]


def test_a_finding_names_the_line_of_python_if_it_is_asked_for(
    app: cdk.App, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JSII_HOST_STACK_TRACES", "1")
    config(cdk.Stack(app, "S"), "Config")
    [violation] = synthesized(app).report["InferenceLimits"]
    [trace] = violation["violatingConstructs"][0]["stackTraces"]
    assert Path(__file__).name in trace
    assert "adds the lines" not in capfd.readouterr().err


def test_who_did_not_ask_for_lines_is_told_how(app: cdk.App, capfd: pytest.CaptureFixture[str]) -> None:
    config(cdk.Stack(app, "S"), "Config")
    synthesized(app)
    assert "JSII_HOST_STACK_TRACES=1 adds the lines" in capfd.readouterr().err


@pytest.fixture(scope="module")
def cdks_validation() -> cdk.CloudFormationValidatePlugin:
    """CDK's own validation; it takes seconds to start."""
    return cdk.CloudFormationValidatePlugin()


@pytest.fixture
def with_cdks_validation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cdks_validation: cdk.CloudFormationValidatePlugin
) -> cdk.App:
    """An app in which CDK's own validation blocks, as the project's own does."""
    monkeypatch.setenv("CDK_VALIDATION", "true")
    made = cdk.App(outdir=str(tmp_path), context=FLAG)
    # Node has been started with CDK's validation switched off, for the speed of all other tests.
    cdk.Validations.of(made).add_plugins(InferenceLimits(), cdks_validation)
    return made


def test_what_cdk_blocks_itself_is_not_said_twice(with_cdks_validation: cdk.App) -> None:
    config(cdk.Stack(with_cdks_validation, "S"), "Config", concurrency=500)
    done = synthesized(with_cdks_validation)
    assert done.failed
    assert [violation["ruleName"] for violation in done.report["CloudFormation Validate"]] == ["F3034"]
    assert done.found() == [("SLS-MEM", "error", "S/Config")]


def test_what_cdk_does_not_look_at_is_said(with_cdks_validation: cdk.App) -> None:
    nested = cdk.NestedStack(cdk.Stack(with_cdks_validation, "S"), "N")
    config(nested, "Config", memory=2048, concurrency=500)
    assert synthesized(with_cdks_validation).found() == [("SLS-CONC", "error", "S/N/Config")]


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


def test_an_app_of_plain_python_ends_with_the_report_and_no_success(tmp_path: Path) -> None:
    program = tmp_path / "app.py"
    program.write_text(
        "import aws_cdk as cdk\n"
        "from aws_cdk import aws_sagemaker as sagemaker\n"
        "from constructs_lib import InferenceLimits\n"
        "app = cdk.App()\n"
        "cdk.Validations.of(app).add_plugins(InferenceLimits())\n"
        "size = {'maxConcurrency': 5, 'memorySizeInMb': 1500}\n"
        "variant = {'variantName': 'A', 'modelName': 'm', 'serverlessConfig': size}\n"
        "sagemaker.CfnEndpointConfig(cdk.Stack(app, 'S'), 'C', production_variants=[variant])\n"
        "app.synth()\n",
        encoding="utf-8",
    )
    root = Path(__file__).resolve().parent.parent
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path / "out"), "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert "(InferenceLimits)" in done.stderr
    assert "InferenceLimits::SLS-MEM" in done.stderr
