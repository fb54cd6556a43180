"""Audits what is pinned and what is deployed: `python -m scripts.audit`, or `make audit`.

Known vulnerabilities of the Python packages by pip-audit, of those of Node by npm, and the templates of all examples
and of the app by checkov. The exit status is 1 if something was found, and 2 if something could not be audited: what
nobody has looked at has not passed. SECURITY.md says what to do without the network.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.tools import FOLDER, ROOT, environment, output

PINS = ("requirements-dev.txt", "requirements-audit.txt", "requirements-checkov.txt")
# What .checkov.yaml passes over because it is an argument of the constructs, and the examples that give it.
HELD = {
    "own_keys": ("CKV_AWS_26", "CKV_AWS_27", "CKV_AWS_119", "CKV_AWS_158", "CKV_AWS_173"),
    "private_network": ("CKV_AWS_117", "CKV_AWS_370"),
}
_SHOWN = 5
_CLEAN, _FOUND, _NOT_AUDITED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one tool said of one thing: how much it looked at, what it found, and what it could not look at."""

    subject: str
    audited: int
    found: list[str] = field(default_factory=list)
    not_audited: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """For people: all that was found, and a few of what was not looked at."""
        yield f"{self.subject}: {self.audited} audited, {len(self.found)} found, {len(self.not_audited)} NOT AUDITED"
        yield from (f"  found: {each}" for each in self.found)
        yield from (f"  not audited: {each}" for each in self.not_audited[:_SHOWN])
        if len(self.not_audited) > _SHOWN:
            yield f"  not audited: {len(self.not_audited) - _SHOWN} more"


def of_pip_audit(subject: str, told: str) -> Outcome:
    """Read the JSON of pip-audit, which passes over packages that its service does not know."""
    document = _json(told)
    if "dependencies" not in document:
        return Outcome(subject, 0, not_audited=[_short(told)])
    packages = document["dependencies"]
    known = [each for each in packages if "skip_reason" not in each]
    found = [
        f"{each['name']} {each['version']}: {bug['id']}, mended in {', '.join(bug['fix_versions']) or 'no version'}"
        for each in known
        for bug in each["vulns"]
    ]
    skipped = [f"{each['name']}: {each['skip_reason']}" for each in packages if "skip_reason" in each]
    return Outcome(subject, len(known), found, skipped)


def of_npm(subject: str, told: str) -> Outcome:
    """Read the JSON of npm audit; without its service there is none."""
    document = _json(told)
    if "vulnerabilities" not in document:
        return Outcome(subject, 0, not_audited=[str(document.get("message", _short(told)))])
    found = [f"{name}: {each['severity']}, {each['range']}" for name, each in document["vulnerabilities"].items()]
    return Outcome(subject, document["metadata"]["dependencies"]["total"], found)


def of_checkov(subject: str, told: str, templates: int) -> Outcome:
    """Read the JSON of checkov over so many templates."""
    document = _json(told)
    if "results" not in document:
        return Outcome(subject, 0, not_audited=[_short(told)])
    found = [
        f"{each['check_id']} {Path(each['file_path']).name} {each['resource']}: {each['check_name']}"
        for each in document["results"]["failed_checks"]
    ]
    broken = document["summary"]["parsing_errors"]
    return Outcome(subject, templates - broken, found, [f"{broken} templates cannot be read"] if broken else [])


def _json(told: str) -> dict[str, Any]:
    try:
        document = json.loads(told)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _short(told: str) -> str:
    return " ".join(told.split())[-200:] or "the tool said nothing"


def _python() -> Iterator[Outcome]:
    tool = environment(ROOT / "requirements-audit.txt") / "pip-audit"
    for pins in PINS:
        told = output(tool, "--requirement", pins, "--disable-pip", "--require-hashes", "--format", "json")
        yield of_pip_audit(pins, told)


def _node() -> Iterator[Outcome]:
    yield of_npm("package-lock.json", output("npm", "audit", "--package-lock-only", "--json"))


def _templates() -> Iterator[Outcome]:
    files = synthesized(FOLDER / "templates")
    yield _checked("templates", files, "--config-file", ROOT / ".checkov.yaml")
    for example, checks in HELD.items():
        own = [file for file in files if file.name.startswith(f"{example}-")]
        yield _checked(f"examples/{example}.py", own, "--framework", "cloudformation", "--check", ",".join(checks))


def _checked(subject: str, files: list[Path], *options: str | Path) -> Outcome:
    """What checkov says; it is run where it finds no configuration but the one that it is given."""
    tool = environment(ROOT / "requirements-checkov.txt") / "checkov"
    quiet = ("--quiet", "--compact", "--skip-download", "--output", "json")
    return of_checkov(subject, output(tool, *options, *quiet, "--file", *files, folder=FOLDER), len(files))


def synthesized(folder: Path) -> list[Path]:
    """The templates of all examples and of the app, written into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, app in apps():
        for stack in app.synth().stacks:
            text = json.dumps(stack.template, indent=1)
            (folder / f"{name}-{stack.stack_name}.json").write_text(text, encoding="utf-8")
    return sorted(folder.iterdir())


def apps() -> Iterator[tuple[str, Any]]:
    """Each example, and the app with the settings of cdk.json and every way of serving."""
    import aws_cdk

    for example in sorted((ROOT / "examples").glob("*.py")):
        yield example.stem, runpy.run_path(str(example), run_name="__main__")["app"]
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = aws_cdk.App(context=context)
    runpy.run_path(str(ROOT / "app.py"))["build"](app)
    yield "app", app


def main() -> int:
    """Run all three, and say what they found."""
    os.chdir(ROOT)
    FOLDER.mkdir(exist_ok=True)
    parts: tuple[Callable[[], Iterator[Outcome]], ...] = (_python, _node, _templates)
    outcomes = []
    for part in parts:
        for outcome in part():
            outcomes.append(outcome)
            print("\n".join(outcome.lines()), flush=True)
    return status(outcomes)


def status(outcomes: list[Outcome]) -> int:
    """1 if something was found; 2 if nothing was, and something was not looked at."""
    if any(outcome.found for outcome in outcomes):
        return _FOUND
    return _NOT_AUDITED if any(outcome.not_audited for outcome in outcomes) else _CLEAN


if __name__ == "__main__":
    sys.exit(main())
