"""Measure now, print the tables, and write the same figures to `.bench/report.json`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import batch, cases, construct, corpus, plugin, ratios, speed, suites
from benchmarks.cases import ROOT
from benchmarks.measure import FIGURES, Ratio, Row
from benchmarks.ratios import Ratios
from constructs_lib.local.errors import LocalAwsError

REPORT = ROOT / ".bench" / "report.json"
# The parts that are measured beside a peer.
WITH_RATIOS = ("speed", "construct", "app")


@dataclass(frozen=True)
class Part:
    """A table: the heads of its columns, and what measures its rows."""

    title: str
    rows: Callable[[], Iterable[Row]]


PARTS: Mapping[str, Part] = {
    "corpus": Part(corpus.TITLE, corpus.rows),
    "speed": Part(FIGURES, speed.rows),
    "plugin": Part(FIGURES, plugin.rows),
    "construct": Part("construction and synthesis beside aws-sagemaker-alpha", construct.rows),
    "batch": Part("orchestration of a batch, without free tiers", batch.rows),
    "app": Part(FIGURES, cases.rows),
    "demo": Part("the last demo, step by step", suites.demo),
    "tests": Part(FIGURES, suites.tests),
}


def report(parts: Mapping[str, Part], path: Path) -> Ratios:
    """Print a row as soon as it is known; write the file when all are. Returns the ratios among them, by part."""
    rows = []
    found: dict[str, dict[str, float]] = {}
    for name, part in parts.items():
        print(f"{part.title}   (python -m benchmarks {name})", flush=True)
        for row in part.rows():
            print(row.line(), flush=True)
            rows.append({"part": name, **row.row()})
            if isinstance(row, Ratio):
                found.setdefault(name, {})[row.name] = row.value
        print()
    load = [round(minutes, 2) for minutes in os.getloadavg()]
    machine = {"python": platform.python_version(), "system": platform.system(), "processors": os.cpu_count()}
    path.parent.mkdir(exist_ok=True)
    measured_at = datetime.now(UTC).isoformat(timespec="seconds")
    content = {"measured_at": measured_at, "machine": {**machine, "load": load}, "figures": rows}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(
        f"measured until {measured_at} with {machine['system']}, Python {machine['python']}, {machine['processors']} "
        f"processors, load {load[0]}; again: python -m benchmarks {' '.join(parts)}"
    )
    print(f"written to {path.parent.name}/{path.name}")
    return found


def compare(measured: Ratios) -> int:
    """Say what got worse than what is committed; 1 if something did."""
    worse = list(ratios.regressions(measured, ratios.read()))
    for line in worse:
        print(f"regression: {line}", file=sys.stderr)
    if not worse:
        print(f"no ratio is more than {ratios.TOLERANCE:.0%} worse than in benchmarks/{ratios.FILE.name}")
    return 1 if worse else 0


def main(arguments: Sequence[str]) -> int:
    given, chosen = _parsed(arguments)
    try:
        measured = report(chosen, REPORT)
        if given.renew:
            ratios.write(measured)
        return compare(measured) if given.check else 0
    except subprocess.CalledProcessError as error:
        print(f"benchmark failed: {' '.join(error.cmd)}\n{error.stderr.strip()}", file=sys.stderr)
        return 1
    except LocalAwsError as error:
        print(f"benchmark failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbenchmark interrupted, no report written", file=sys.stderr)
        return 130


def _parsed(arguments: Sequence[str]) -> tuple[argparse.Namespace, Mapping[str, Part]]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what the library costs.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--check", action="store_true", help="the parts that have ratios; fail if one is worse than in ratios.json"
    )
    what.add_argument("--renew", action="store_true", help="the same parts; write their ratios to ratios.json")
    given = parser.parse_args(arguments)
    names = given.parts or (WITH_RATIOS if given.check or given.renew else PARTS)
    unknown = sorted(set(names) - set(PARTS))
    if unknown:
        parser.error(f"unknown part {unknown[0]!r}; known: {', '.join(PARTS)}")
    return given, {name: PARTS[name] for name in names}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
