"""How findings are printed: for people, for programs, for code scanning, and as annotations of a pull request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from constructs_lib.facts.limit import Severity
from constructs_lib.rules.rule import Finding, Rule

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_TOOL = "sagemaker-inference-constructs"


@dataclass(frozen=True, slots=True)
class Located:
    """A finding and the file in which it was made."""

    file: Path
    finding: Finding


Format = Callable[[Sequence[Located], Mapping[str, Rule]], str]


def text(found: Sequence[Located], _rules: Mapping[str, Rule]) -> str:
    """A block a finding, with what to do and why, and a line that counts them."""
    lines = []
    for located in found:
        finding = located.finding
        lines += [
            f"{located.file}: {finding.severity} {finding.rule} {finding.logical_id} {finding.path}",
            f"  {finding.message}",
            f"  fix: {finding.fix}",
            f"  source: {finding.source}",
        ]
    return "\n".join([*lines, _count(found)])


def _count(found: Sequence[Located]) -> str:
    counts = Counter(located.finding.severity for located in found)
    notes = f", {_plural(counts[Severity.INFO], 'note')}" if counts[Severity.INFO] else ""
    return f"{_plural(counts[Severity.ERROR], 'error')}, {_plural(counts[Severity.WARNING], 'warning')}{notes}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def as_json(found: Sequence[Located], _rules: Mapping[str, Rule]) -> str:
    """A list of ``{file, rule, severity, logical_id, path, message, fix, source}``."""
    rows = [
        {
            "file": str(located.file),
            "rule": located.finding.rule,
            "severity": located.finding.severity,
            "logical_id": located.finding.logical_id,
            "path": located.finding.path,
            "message": located.finding.message,
            "fix": located.finding.fix,
            "source": located.finding.source,
        }
        for located in found
    ]
    return json.dumps(rows, indent=2)


def sarif(found: Sequence[Located], rules: Mapping[str, Rule]) -> str:
    """SARIF 2.1.0, which code scanning takes."""
    used = sorted({located.finding.rule for located in found})
    driver = {"name": _TOOL, "rules": [_sarif_rule(rules[name]) for name in used]}
    run = {"tool": {"driver": driver}, "results": [_sarif_result(located) for located in found]}
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2)


def _sarif_rule(rule: Rule) -> Mapping[str, object]:
    described: dict[str, object] = {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.limit.severity]},
    }
    if rule.limit.source.startswith("https://"):
        described["helpUri"] = rule.limit.source
    return described


def _sarif_result(located: Located) -> Mapping[str, object]:
    finding = located.finding
    place = {"fullyQualifiedName": f"{finding.logical_id}.{finding.path}", "kind": "resource"}
    return {
        "ruleId": finding.rule,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. Fix: {finding.fix}. Source: {finding.source}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": located.file.as_posix()}},
                "logicalLocations": [place],
            }
        ],
    }


def github(found: Sequence[Located], _rules: Mapping[str, Rule]) -> str:
    """Workflow commands, which GitHub shows as annotations of the file."""
    return "\n".join(_annotation(located) for located in found)


def _annotation(located: Located) -> str:
    finding = located.finding
    kind = "notice" if finding.severity is Severity.INFO else finding.severity
    title = f"{finding.rule} {finding.logical_id}"
    message = f"{finding.path}: {finding.message}; {finding.fix} ({finding.source})"
    return f"::{kind} file={_property(str(located.file))},title={_property(title)}::{_data(message)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


FORMATS: Mapping[str, Format] = {"text": text, "json": as_json, "sarif": sarif, "github": github}
