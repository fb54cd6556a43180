"""Synthesizes an app with the limit check and reads what it reported."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

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
