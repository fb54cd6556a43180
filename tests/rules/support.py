"""What the tests of the rules ask of a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs_lib.rules import Finding, judge


def found(document: Mapping[str, Any], rule: str, *, region: str | None = None) -> list[Finding]:
    """What one rule finds."""
    return [finding for finding in judge(document, region=region) if finding.rule == rule]


def broken(document: Mapping[str, Any], region: str | None = None) -> set[str]:
    """The rules that find something."""
    return {finding.rule for finding in judge(document, region=region)}


def apart_from_quotas(document: Mapping[str, Any]) -> list[Finding]:
    """What is wrong, apart from an account's quotas of instances."""
    return [finding for finding in judge(document) if not finding.rule.startswith("Q-")]
