"""The tools that judge the templates of the corpus: the limit check, cfn-lint, and CDK's own validation."""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.cases import ROOT, run
from benchmarks.measure import progress
from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.templates.files import parse

CORPUS = ROOT / "tests" / "corpus"
# cfn-lint takes seconds to start, so one process judges this many files.
_BATCH = 120
# Where cfn-lint believes to be unless it is told otherwise.
_CFN_LINTS_REGION = "us-east-1"


@dataclass(frozen=True)
class Entry:
    """A template of the corpus: its file, its Region, and the resource that has the fault if it has one."""

    file: str
    region: str | None = None
    logical_id: str | None = None
    rules: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        return CORPUS / self.file


@dataclass(frozen=True)
class Told:
    """What a tool said about a template: an error or a warning, at a resource or elsewhere."""

    is_error: bool
    logical_id: str | None


Verdicts = Mapping[str, Sequence[Told]]


@dataclass(frozen=True)
class Judge:
    """A tool, and what it says about each file of the corpus."""

    name: str
    verdicts: Callable[[Sequence[Entry]], Verdicts]


def _collected(told: Iterable[tuple[str, Told]]) -> Verdicts:
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for file, one in told:
        found[file].append(one)
    return found


def by_the_check(entries: Sequence[Entry]) -> Verdicts:
    """The limit check, in this process."""
    return _collected(
        (entry.file, Told(finding.severity is Severity.ERROR, finding.logical_id))
        for entry in entries
        for finding in judge(parse(entry.path), region=entry.region)
    )


def by_cfn_lint(entries: Sequence[Entry]) -> Verdicts:
    """cfn-lint, in as many processes at once as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        batches = pool.map(_lint, *zip(*_batches(entries), strict=True))
        return _collected(told for batch in batches for told in batch)


def _batches(entries: Sequence[Entry]) -> Iterator[tuple[str, list[str]]]:
    """Files by the Region that they are judged for, at most ``_BATCH`` together."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        files[entry.region or _CFN_LINTS_REGION].append(str(entry.path))
    for region, paths in files.items():
        yield from ((region, paths[start : start + _BATCH]) for start in range(0, len(paths), _BATCH))


def _lint(region: str, paths: Sequence[str]) -> list[tuple[str, Told]]:
    progress(f"cfn-lint judges {len(paths)} templates for {region}")
    cfn_lint = str(Path(sys.executable).with_name("cfn-lint"))
    printed = run(cfn_lint, "--non-zero-exit-code", "none", "--format", "json", "--regions", region, "--", *paths)
    return [
        (Path(match["Filename"]).relative_to(CORPUS).as_posix(), _told(match["Level"], match["Location"]["Path"]))
        for match in json.loads(printed)
        if match["Level"] in ("Error", "Warning")
    ]


def _told(level: str, path: Sequence[object] | None) -> Told:
    match path:
        case ["Resources", str(logical_id), *_]:
            return Told(level == "Error", logical_id)
    return Told(level == "Error", None)


def by_cdk(entries: Sequence[Entry]) -> Verdicts:
    """CDK's own validation; it reads JSON, so YAML is written anew."""
    progress(f"CDK's validation judges {len(entries)} templates")
    with TemporaryDirectory() as folder:
        files = {str(Path(folder, f"{number}.template.json")): entry for number, entry in enumerate(entries)}
        for path, entry in files.items():
            Path(path).write_text(json.dumps(parse(entry.path)), encoding="utf-8")
        regions = json.dumps({path: entry.region for path, entry in files.items()})
        found = json.loads(run("-m", "benchmarks.cdk_validation", given=regions))
    return _collected(
        (files[path].file, Told(severity == "error", logical_id))
        for path, severity, logical_id in found
        if severity in ("error", "warning")
    )


JUDGES = (
    Judge("limit check", by_the_check),
    Judge(f"cfn-lint {version('cfn-lint')}", by_cfn_lint),
    Judge(f"CDK {version('aws-cdk-lib')} validation", by_cdk),
)
