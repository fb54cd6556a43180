"""The baseline beside the example is that of the model which the example serves."""

from __future__ import annotations

import json

from scripts.drift_baseline import BASELINE, baseline


def test_the_baseline_of_the_example_is_fresh() -> None:
    assert json.loads(BASELINE.read_text(encoding="utf-8")) == json.loads(json.dumps(baseline())), (
        "make it anew: .venv/bin/python -m scripts.drift_baseline"
    )
