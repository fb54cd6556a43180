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

from benchmarks import batch, cases, construct, corpus, plugin, speed
from benchmarks.cases import ROOT
from benchmarks.measure import FIGURES, Row
from constructs_lib.local.errors import LocalAwsError

REPORT = ROOT / ".bench" / "report.json"


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
}


def report(parts: Mapping[str, Part], path: Path) -> None:
    """Print a row as soon as it is known; write the file when all are."""
    rows = []
    for name, part in parts.items():
        print(part.title, flush=True)
        for row in part.rows():
            print(row.line(), flush=True)
            rows.append({"part": name, **row.row()})
        print()
    machine = {"python": platform.python_version(), "system": platform.system(), "processors": os.cpu_count()}
    path.parent.mkdir(exist_ok=True)
    content = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "figures": rows}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"written to {path.parent.name}/{path.name}")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what the library costs.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    chosen = parser.parse_args(arguments).parts or list(PARTS)
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        parser.error(f"unknown part {unknown[0]!r}; known: {', '.join(PARTS)}")
    try:
        report({name: PARTS[name] for name in chosen}, REPORT)
    except subprocess.CalledProcessError as error:
        print(f"benchmark failed: {' '.join(error.cmd)}\n{error.stderr.strip()}", file=sys.stderr)
        return 1
    except LocalAwsError as error:
        print(f"benchmark failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbenchmark interrupted, no report written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
