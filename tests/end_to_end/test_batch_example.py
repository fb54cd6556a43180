"""The nightly example, deployed from its own template into the local AWS: ten thousand records in six shards."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws
from demo.dataset import test_split as rows_to_ask
from tests.end_to_end.batch_app import Pipeline

ROOT = Path(__file__).resolve().parents[2]
CLASSIFIER = [sys.executable, str(ROOT / "containers" / "classifier" / "serve.py")]
RECORDS, OBJECTS, SHARDS = 10_000, 12, 6


aws = local_aws(containers={"classifier": CLASSIFIER}, time_scale=60.0, scope="module")


@pytest.fixture(scope="module")
def nightly(aws: LocalAws) -> Pipeline:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        app = runpy.run_path(str(ROOT / "examples" / "batch_nightly.py"), run_name="__main__")["app"]
        return Pipeline(aws, deploy(aws, app))


def test_ten_thousand_records_in_six_shards_are_counted_priced_and_complete(nightly: Pipeline) -> None:
    lines = rows_to_ask(ROOT).lines
    rows = [lines[number % len(lines)] for number in range(RECORDS)]
    parts = {f"{part:02}.csv": "\n".join(rows[part::OBJECTS]).encode() for part in range(OBJECTS)}
    nightly.put("input/", parts)
    arn = nightly.start({})
    ended = nightly.end(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    output = nightly.output(ended)
    assert (output["objects"], output["shards"], output["records"]) == (OBJECTS, SHARDS, RECORDS)
    assert len(nightly.jobs(arn)) == SHARDS
    assert output["cost"] == pytest.approx(output["instance_hours"] * 0.12, abs=1e-5)
    answers = nightly.answers(output)
    assert {name: body.count(b"\n") for name, body in answers.items()} == {
        f"{name}.out": len(rows[int(name[:2]) :: OBJECTS]) for name in parts
    }
