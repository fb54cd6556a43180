"""Bills of material and audits: what they are made of, and that nothing passes that nobody looked at. No network."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import audit, sbom, tools
from scripts.audit import Outcome, of_checkov, of_npm, of_pip_audit, status

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
KNOWN = {"name": "a", "version": "1.0", "vulns": []}
BROKEN = {"name": "b", "version": "2.0", "vulns": [{"id": "CVE-2026-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found"}


def pip_audit(*dependencies: dict[str, Any]) -> Outcome:
    return of_pip_audit("pins", json.dumps({"dependencies": dependencies, "fixes": []}))


def checkov(failed: list[dict[str, str]], errors: int = 0) -> Outcome:
    told = {"results": {"failed_checks": failed}, "summary": {"parsing_errors": errors}}
    return of_checkov("templates", json.dumps(told), 3)


def test_a_vulnerability_is_told_with_the_version_that_mends_it() -> None:
    assert pip_audit(KNOWN, BROKEN) == Outcome("pins", 2, ["b 2.0: CVE-2026-1, mended in 2.1"])


def test_a_package_that_the_service_does_not_know_is_not_audited() -> None:
    assert pip_audit(KNOWN, SKIPPED) == Outcome("pins", 1, [], ["c: Dependency not found"])


def test_a_vulnerable_package_of_node_is_told() -> None:
    told = {"vulnerabilities": {"x": {"severity": "high", "range": "<2"}}, "metadata": {"dependencies": {"total": 9}}}
    assert of_npm("lock", json.dumps(told)) == Outcome("lock", 9, ["x: high, <2"])


def test_a_finding_of_checkov_names_check_template_and_resource() -> None:
    failed = {"check_id": "CKV_1", "file_path": "/t/app.json", "resource": "T.R", "check_name": "no"}
    assert checkov([failed]) == Outcome("templates", 3, ["CKV_1 app.json T.R: no"])
    assert checkov([], errors=2) == Outcome("templates", 1, [], ["2 templates cannot be read"])


@pytest.mark.parametrize("told", ["", "error: no network\nat all", "[]", "{}", '{"message": "405 Method Not Allowed"}'])
def test_whatever_a_tool_says_instead_is_not_taken_for_an_audit(told: str) -> None:
    for outcome in (of_pip_audit("a", told), of_npm("b", told), of_checkov("c", told, 3)):
        assert (outcome.audited, outcome.found, len(outcome.not_audited)) == (0, [], 1)
        assert status([outcome]) == 2


def test_what_was_found_outweighs_what_was_not_looked_at_and_both_fail() -> None:
    clean, found, skipped = Outcome("a", 1), Outcome("b", 1, ["x"]), Outcome("c", 0, [], ["y"])
    assert [status([clean]), status([clean, skipped]), status([skipped, found])] == [0, 2, 1]


def test_few_of_many_that_were_not_audited_are_named_and_all_are_counted() -> None:
    first, *others = Outcome("pins", 3, [], [f"p{number}" for number in range(90)]).lines()
    assert first == "pins: 3 audited, 0 found, 90 NOT AUDITED"
    assert (len(others), others[-1]) == (6, "  not audited: 85 more")


def test_all_files_of_pins_are_audited() -> None:
    pins = {path.name for path in ROOT.glob("requirements-*.txt")}
    assert set(audit.PINS) == pins


def test_the_bill_of_the_library_holds_what_users_install_and_no_tool_of_ours() -> None:
    names = sbom.closure(["aws-cdk-lib", "boto3", "constructs", "pyyaml"])
    assert {"botocore", "jsii", "s3transfer", "urllib3"} <= names
    assert not {"pytest", "ministack", "mypy", "uv"} & names


def test_pins_are_taken_with_all_of_their_hashes() -> None:
    pins = sbom.pins_of(["jmespath"], DEVELOPMENT)
    block = re.search(r"^jmespath==.*\n(?: .*\n)+", DEVELOPMENT, re.MULTILINE)
    assert block is not None
    assert pins == block.group()


def test_the_library_is_the_subject_of_its_bill_without_the_path_of_a_machine() -> None:
    library = {"name": sbom.NAME, "version": "1", "type": "library", "externalReferences": [{"url": "file:///x.whl"}]}
    bill = sbom.of_library({"metadata": {"tools": []}, "components": [{"name": "boto3"}, library]})
    assert bill["components"] == [{"name": "boto3"}]
    assert bill["metadata"]["component"]["name"] == sbom.NAME
    assert "file:" not in json.dumps(bill)


def test_every_check_that_is_passed_over_has_its_reason_above_it() -> None:
    text = (ROOT / ".checkov.yaml").read_text(encoding="utf-8")
    rows = re.findall(r"((?:^  # .*\n)+)^  - (CKV_AWS_\d+)$", text, re.MULTILINE)
    assert [check for _, check in rows] == yaml.safe_load(text)["skip-check"]
    assert all(len(reason) > 60 for reason, _ in rows)


def test_checks_that_an_argument_meets_are_held_against_the_example_that_gives_it() -> None:
    passed_over = yaml.safe_load((ROOT / ".checkov.yaml").read_text(encoding="utf-8"))["skip-check"]
    assert {check for checks in audit.HELD.values() for check in checks} < set(passed_over)
    assert all((ROOT / "examples" / f"{name}.py").is_file() for name in audit.HELD)


def test_tools_are_installed_by_their_hashes_once_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(tools, "FOLDER", tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    pins = tmp_path / "requirements-x.txt"
    (tmp_path / pins.stem).mkdir()
    for content in ("a==1", "a==1", "a==2"):
        pins.write_text(content, encoding="utf-8")
        assert tools.environment(pins) == tmp_path / "requirements-x" / "bin"
    syncs = [command for command in commands if "sync" in command]
    assert len(syncs) == 2
    assert all({"--require-hashes", str(pins)} <= set(command) for command in syncs)


@pytest.mark.parametrize("target", ["sbom", "audit"])
def test_a_target_runs_its_script(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"\n{target}: setup\n\t@$(PYTHON) -m scripts.{target}\n" in makefile
    assert (ROOT / "scripts" / f"{target}.py").is_file()


def test_the_audit_runs_on_a_schedule_with_pinned_actions_and_no_rights() -> None:
    text = (ROOT / ".github" / "workflows" / "audit.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow[True]["schedule"]  # YAML reads the key `on` so
    assert workflow["permissions"] == {"contents": "read"}
    assert re.findall(r"run: (.+)", text) == ["make audit", "make sbom"]
    uses = re.findall(r"uses: (\S+)", text)
    assert uses
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in uses)
