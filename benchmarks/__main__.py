"""Measure every case now, print the table, and write the same figures to `.bench/report.json`."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.cases import CASES, ROOT
from benchmarks.measure import Case, measure
from constructs_lib.local.errors import LocalAwsError

REPORT = ROOT / ".bench" / "report.json"


def report(cases: Sequence[Case], path: Path) -> None:
    """Print a row as soon as it is known; write the file when all are."""
    width = max(len(case.name) for case in cases)
    print(f"{'':{width}}   median  fastest  slowest  runs")
    rows = []
    for case in cases:
        row = measure(case).row()
        rows.append(row)
        seconds = "".join(f"{row[column]:>7.3f} s" for column in ("median", "fastest", "slowest"))
        print(f"{case.name:{width}}{seconds}{row['runs']:>6}", flush=True)
    machine = {"python": platform.python_version(), "system": platform.system(), "processors": os.cpu_count()}
    path.parent.mkdir(exist_ok=True)
    content = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "figures": rows}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"written to {path.parent.name}/{path.name}")


def main() -> int:
    try:
        report(CASES, REPORT)
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
    sys.exit(main())
