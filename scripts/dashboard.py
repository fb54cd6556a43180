"""A picture of the dashboards of a demo run: `record` takes over the metrics of the last `make demo`, then it is drawn.

The record is a file beside the picture, so that the picture is made again without a run, and says the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from demo.metrics import METRICS
from scripts.dashboard_picture import picture

ROOT = Path(__file__).resolve().parents[1]
RECORD, PICTURE = (ROOT / "docs/images" / name for name in ("dashboard.json", "dashboard.svg"))


def record() -> None:
    """Take over what the last demo left in its folder."""
    left = ROOT / ".demo" / METRICS
    if not left.exists():
        sys.exit(f"error: {left} does not exist; run make demo before")
    RECORD.write_text(left.read_text(encoding="utf-8"), encoding="utf-8")


def draw() -> str:
    """The picture of the record."""
    return picture(json.loads(RECORD.read_text(encoding="utf-8")))


def main(arguments: Sequence[str]) -> None:
    """Draw; with ``record`` take over the metrics of the last demo before."""
    if "record" in arguments:
        record()
    PICTURE.write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
