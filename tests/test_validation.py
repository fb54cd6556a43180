"""The limit check inside of CDK: in the same synthesis, over every template it writes."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sagemaker as sagemaker

from constructs_lib.facts.service_quotas import SERVERLESS_CONCURRENCY
from constructs_lib.templates import known_quotas
from constructs_lib.templates.known_quotas import KnownQuotas, Learned
from constructs_lib.validation import InferenceLimits
from tests.synthesis import config, synthesized


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


def test_the_quotas_that_the_preflight_learned_hold_in_the_synthesis(
    tmp_path: Path, app: cdk.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = SERVERLESS_CONCURRENCY.name
    quotas = KnownQuotas(
        account="123456789012", region="eu-west-1", values={name: Learned(4, date.today())}, today=date.today()
    )
    known_quotas.write(tmp_path / known_quotas.CONTEXT_FILE, quotas)
    for stack, account in (("Here", "123456789012"), ("Elsewhere", "210987654321")):
        place = cdk.Stack(app, stack, env=cdk.Environment(account=account, region="eu-west-1"))
        found = config(place, "Config", memory=2048)
        sagemaker.CfnEndpoint(place, "Endpoint", endpoint_config_name=found.attr_endpoint_config_name)
    assert synthesized(app).found() == [("SLS-ACC-CONC", "error", "Here/Config")]
