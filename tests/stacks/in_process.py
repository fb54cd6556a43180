"""What app.py builds, in this process: a second where the app by itself takes five."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

import app
from constructs_lib.testing import synthesize

ROOT = Path(__file__).parents[2]


def context_with(**overrides: object) -> dict[str, Any]:
    """The context of cdk.json with ``overrides`` over its settings, and with an artifact that is always there."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    for part in ("model", "hybrid", "streaming"):
        context["inference"][part]["artifact"] = f"s3://bucket/{part}.tar.gz"
    return {**context, **overrides}


def build(**overrides: object) -> dict[str, cdk.Stack]:
    """The stacks by their names."""
    made = cdk.App(context=context_with(**overrides))
    app.build(made)
    return {child.node.id: child for child in made.node.children if isinstance(child, cdk.Stack)}


def template_of(way: str, **settings: object) -> Template:
    """The template of one way of serving, with these of its settings."""
    given = {f"inference.{way}.{name}": value for name, value in settings.items()}
    [stack] = build(**{"inference.stacks": way, **given}).values()
    return synthesize(stack)
