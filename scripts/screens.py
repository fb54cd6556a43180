"""Writes the screens of the documentation as pictures of text: `python -m scripts.screens [REPORT]`.

A screen is what a command prints, so it is rendered from the text and never drawn. That of the demo is taken from the
report that the last `make demo` left, if that ran every way of serving and all was as expected.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap
from typing import Any

from constructs_lib.rules.cli import check
from constructs_lib.rules.examples.bases import serverless
from constructs_lib.rules.examples.example import changed
from demo.outcome import Check, Outcome
from demo.report import table
from demo.session import WAYS

_ROOT = Path(__file__).resolve().parent.parent
IMAGES = _ROOT / "docs" / "images"
_REPORT = _ROOT / ".demo" / "report.json"
_LINE, _CHARACTER, _MARGIN, _BAR = 20, 8.43, 18, 34
_GROUND, _INK, _PROMPT = "#1e1e1e", "#d4d4d4", "#7ec699"
_SHOWN = 126  # characters of a line; the rest goes on below


def svg(command: str, text: str) -> str:
    """A terminal in which a command has printed a text."""
    lines = [f"$ {command}", *(part for line in text.splitlines() for part in _wrapped(line))]
    width = 2 * _MARGIN + _CHARACTER * max(map(len, lines))
    height = _BAR + _MARGIN + _LINE * len(lines)
    rows = [
        f'<text x="{_MARGIN}" y="{_BAR + _LINE * (number + 1) - 6}" fill="{_INK if number else _PROMPT}" '
        f'xml:space="preserve">{escape(line)}</text>'
        for number, line in enumerate(lines)
    ]
    lights = [f'<circle cx="{_MARGIN + 5 + 18 * place}" cy="17" r="5" fill="#6b6b6b"/>' for place in range(3)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" '
        f'height="{height}" font-family="Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14" role="img">'
    )
    ground = f'<rect width="{width:.0f}" height="{height}" rx="8" fill="{_GROUND}"/>'
    return "\n".join([head, f"<title>{escape(command)}</title>", ground, *lights, *rows, "</svg>", ""])


def _wrapped(line: str) -> list[str]:
    """A line as a narrow terminal would show it, broken between words."""
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return wrap(line, _SHOWN, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False) or [""]


def check_screen() -> str:
    """The limit check of a template with two faults: in one property, and between two resources."""
    vpc = {"Subnets": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-0a"]}
    memory = "Config.ProductionVariants.0.ServerlessConfig.MemorySizeInMB"
    document = changed(serverless(), {"Model.VpcConfig": vpc, memory: 2000})
    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as printed:
        path = Path(folder) / "template.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        check([str(path)])
        text = printed.getvalue().replace(str(path), path.name)
    return svg("python -m constructs_lib check template.json", text)


def demo_screen(report: Mapping[str, Any]) -> str | None:
    """The table of the demo; ``None`` of a report that does not have every way of serving, or where one failed."""
    strategies: Mapping[str, Mapping[str, Any]] = report["strategies"]
    if not report["ok"] or set(strategies) != set(WAYS):
        return None
    outcomes = {
        way: Outcome(
            **{name: value for name, value in found.items() if name not in ("ok", "checks")},
            checks=tuple(Check(**each) for each in found["checks"]),
        )
        for way, found in strategies.items()
    }
    return svg("make demo", table(outcomes))


def main() -> None:
    """Write what can be written."""
    (IMAGES / "check.svg").write_text(check_screen(), encoding="utf-8")
    report = Path(sys.argv[1]) if len(sys.argv) > 1 else _REPORT
    found = demo_screen(json.loads(report.read_text(encoding="utf-8"))) if report.exists() else None
    if found is not None:
        (IMAGES / "demo.svg").write_text(found, encoding="utf-8")


if __name__ == "__main__":
    main()
