"""Faults of hybrid inference: everybody is answered, nothing is lost, and no mixture of versions is ever served.

One deployment for all; each test prints its figures (``pytest -s`` shows them).
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws
from tests.end_to_end.async_witness import until
from tests.end_to_end.hybrid_app import (
    BOUND,
    DEFAULT,
    PLACES,
    Answer,
    Ask,
    Hybrid,
    Readers,
    app_of,
    at_once,
    held,
    most_at_once,
    paths,
    running,
)

SERVER = [sys.executable, str(Path(__file__).with_name("versioned_server.py"))]
# Of each of two objects: records, and lines that cannot be rows.
PER_OBJECT, BAD = 1300, 20
# Lines from one checkpoint to the next.
PORTION = 1000
RECORDS = [f"user-{number}" for number in range(2 * PER_OBJECT)]
LONGEST = 60


aws = local_aws(containers={"versioned": SERVER}, time_scale=60.0, scope="module")


@pytest.fixture(scope="module")
def gauge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("gauge") / "signs"
    found.touch()
    return found


@pytest.fixture(scope="module")
def hybrid(aws: LocalAws, gauge: Path) -> Hybrid:
    return Hybrid(aws, deploy(aws, app_of(gauge, "v1")))


@pytest.fixture(scope="module")
def inputs(hybrid: Hybrid) -> str:
    """Two objects of records, in the middle of which some have no id."""
    bad = [f",{number}" for number in range(BAD)]
    for name, records in (("a.csv", RECORDS[:PER_OBJECT]), ("b.csv", RECORDS[PER_OBJECT:])):
        lines = [f"{record},f-{record}" for record in records]
        lines[1100:1100] = bad
        hybrid.put("input/", {name: "\n".join(lines).encode()})
    return "input/"


def say(what: str, **figures: Any) -> None:
    told = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in figures.items())
    print(f"\n{what:<48} {told}", end="")


def test_a_cold_table_under_many_readers_does_not_stampede_the_endpoint(hybrid: Hybrid, gauge: Path) -> None:
    """Nothing is stored, and all want another record that takes its time."""
    hybrid.ask_endpoint("wake")
    since = len(gauge.read_text(encoding="utf-8"))
    count, turns = 6, 4

    def read(number: int) -> list[Answer]:
        requests = [{"id": f"cold-{number}-{turn}", "payload": "!sleep 0.2"} for turn in range(turns)]
        return [hybrid.look_up(request)["answers"][0] for request in requests]

    found = [answer for answers in at_once(count, read) for answer in answers]
    seen, most = paths(found), most_at_once(gauge, since)
    say("a cold table under six readers", asked=count * turns, most_at_the_endpoint_at_once=most, **seen)
    assert most <= BOUND
    assert seen.total() == count * turns
    assert set(seen) == {"computed", "default: refused"}
    assert {answer["answer"] for answer in found if answer["path"] == "default"} == {DEFAULT}
    assert seen["computed"] == len(hybrid.items("fresh/"))


def test_a_load_that_is_cut_half_way_goes_on_where_it_was(hybrid: Hybrid, inputs: str) -> None:
    """The dead letter queue is gone, so that each object stands still in its middle; then the execution is stopped."""
    with hybrid.broken_load():
        arn = hybrid.start({"input_prefix": inputs})
        until(lambda: sum(line["RowsLoaded"] for line in hybrid.loads()) >= 2 * PORTION, LONGEST)
        assert hybrid.stop(arn)["status"] == "ABORTED"
    half = sum(line["RowsLoaded"] for line in hybrid.loads())
    assert hybrid.items("pointer") == {}
    assert hybrid.look_up({"id": "anybody"})["batch"] is None
    ended = hybrid.redriven(arn)
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    [pointer] = hybrid.items("pointer").values()
    rows, letters = hybrid.items(f"row/{pointer['batch']}/"), hybrid.letters()
    after = sum(line["RowsLoaded"] for line in hybrid.loads()) - half
    say(
        "a load that is cut half-way, and redriven",
        records=len(RECORDS) + 2 * BAD,
        rows=len(rows),
        dead_letters=len(letters),
        before_the_cut=half,
        after_it=after,
    )
    assert rows.keys() == set(RECORDS)
    assert {row["answer"] for row in rows.values()} == {f"v1:f-{record}" for record in RECORDS}
    assert (len(letters), set(letters.values())) == (2 * BAD, {1})
    assert (half, after) == (2 * PORTION, len(RECORDS) - 2 * PORTION), "what was done is not done again"
    assert (pointer["rows"], pointer["model_version"]) == (str(len(RECORDS)), hybrid.outputs["ModelVersion"])


def test_while_the_endpoint_throttles_everybody_is_answered(hybrid: Hybrid, gauge: Path) -> None:
    """Others have all of its places, for a while."""
    pairs = [[{"id": f"late-{n}", "payload": "f"}, {"id": RECORDS[n], "payload": "f"}] for n in range(6)]

    def ask() -> Counter[str]:
        return paths([answer for pair in pairs for answer in hybrid.look_up(*pair)["answers"]])

    hogs = [threading.Thread(target=hybrid.ask_endpoint, args=("!hold",)) for _ in range(PLACES)]
    with held(gauge):
        for hog in hogs:
            hog.start()
        until(lambda: running(gauge) == PLACES)
        during = ask()
    for hog in hogs:
        hog.join()
    after = ask()
    say("an endpoint that throttles for a while", asked=2 * len(pairs), **during, computed_after_it=after["computed"])
    assert during == {"stored": len(pairs), "default: throttled": len(pairs)}
    assert after == {"stored": len(pairs), "computed": len(pairs)}


def test_a_new_version_goes_live_while_callers_read(aws: LocalAws, hybrid: Hybrid, gauge: Path, inputs: str) -> None:
    """Readers ask without a pause while version 2 is deployed, computed as a batch, loaded, and switched to.

    They know nothing of users whose answers the batches hold, and all of strangers of whom no batch has heard: of one
    an answer may have been kept, for the other the endpoint is asked each time.
    """
    users: list[Ask] = [{"id": record} for record in RECORDS[:4]]
    kept, asked_for = ({"id": name, "payload": f"f-{name}"} for name in ("stranger-1", "stranger-2"))
    asked = [*users, kept, {**asked_for, "fresh": True}]
    readers = Readers(hybrid, asked, count=2)
    old = hybrid.outputs["ModelVersion"]
    with readers.reading():
        outputs = deploy(aws, app_of(gauge, "v2", start_after=6))
        hybrid.outputs = outputs
        hybrid.run({"input_prefix": inputs})
        until(lambda: paths(readers.seen[0][-1]["answers"])["stored"] == 4, LONGEST)
    new = outputs["ModelVersion"]
    versions = {old: "v1", new: "v2"}
    assert len(versions) == 2
    requests = [request for mine in readers.seen for request in mine]
    answers = [answer for request in requests for answer in request["answers"]]
    served = [answer for answer in answers if answer["path"] != "default"]
    say("a new version goes live during reads", requests=len(requests), answers=len(answers), **paths(answers))
    assert len(answers) == len(requests) * len(asked)
    for answer in served:
        assert answer["answer"] == f"{versions[answer['model_version']]}:f-{answer['id']}"
    mixed = [request for request in requests if len(versions_of(request)) > 1]
    assert mixed == []
    for mine in readers.seen:
        order = [versions[version] for request in mine for version in versions_of(request)]
        assert order == sorted(order), "no reader goes back"
        assert set(order) == {"v1", "v2"}
        batches = [batch for batch, _ in groupby(request["batch"] for request in mine)]
        assert len(batches) == 2, "nor to the batch before"


def versions_of(request: dict[str, Any]) -> set[str]:
    """The versions of the model in the answers to one request, but for the defaults, which have none."""
    return {answer["model_version"] for answer in request["answers"] if answer["path"] != "default"}
